"""One job: an adapter, trained if it does not exist, and the cells of its row, scored if they are missing."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from crosstask import adapters, base_model, probe, tracking
from crosstask.config import TrainConfig, source_name
from crosstask.embedding import mean_hidden_state
from crosstask.errors import UserError
from crosstask.identity import CellKey
from crosstask.matrix_row import matrix_row
from crosstask.profiles import DataSetText, keep_embeddings, keep_profiles
from crosstask.progress import Progress
from crosstask.scoring.cells import get_outputs, judge_cell, stored_bytes, stored_metrics
from crosstask.sentence_encoder import mean_embedding
from crosstask.store import Store, read_json
from crosstask.stored_rows import row_report
from crosstask.tracking import Curve, RowReport, RunIdentity, Tracker

log = logging.getLogger(__name__)


def train(config: TrainConfig, progress: Progress) -> str:
    """Train an adapter on the sources unless it exists, and score it on every target; returns a line about it."""
    return _Job(config, "train").run(progress)


def evaluate(config: TrainConfig, progress: Progress, train_command: str) -> str:
    """Score an adapter that exists on every target; nothing is trained. Returns a line about it.

    Raises
    ------
    UserError
        If there is no such adapter; the message quotes ``train_command``, which makes it.
    """
    return _Job(config, "evaluate", train_command).run(progress)


class _Job:
    """A row of the matrix: what is missing of it is made."""

    def __init__(self, config: TrainConfig, kind: str, train_command: str = "") -> None:
        self.config = config
        self.kind = kind
        self.train_command = train_command
        self.store = Store(config.store)
        self.row = matrix_row(config)

    def run(self, progress: Progress) -> str:
        """Make what is missing; returns a line that says what was made."""
        self.store.clean()
        with self.store.lock("row", self.row.run):
            return self._make(progress)

    def _make(self, progress: Progress) -> str:
        """Make what is missing, while no other process makes the same row; returns a line that says what was made."""
        to_train = self._must_train()
        if self.config.rescore:
            notes = [self._rescore()]
        elif not to_train and not self._missing():
            self._send_what_is_lacking()
            return f"reused: {'the adapter and ' if self.row.recipe else ''}{len(self.row.tests)} cells"
        else:
            base_model.check_device(self.config.model)
            with self._tracked() as tracker:
                notes = [self._train(tracker, progress)] if to_train else []
                notes.append(self._score(progress))
                tracker.tell(self._recorded())
        return "done: " + ", ".join(notes)

    def _tracked(self) -> AbstractContextManager[Tracker]:
        """Return the W&B run of the job, to be opened.

        A row has one run for what train.py makes and one for what evaluate.py adds; each holds the whole row.
        """
        config, source = self.config, source_name(self.config)
        identity = RunIdentity(
            id=self._runs[self.kind],
            name=f"{source}-{config.seed}" if self.row.recipe else source,
            group=self.row.group(config),
            kind=self.kind,
            config=tracking.columns(
                config, source=source, base=self.row.base, data_id=self.row.data_id, run=self.row.run
            ),
        )
        trained = self.row.recipe is not None and self.kind == "train"
        curve = Curve(self.store.curve(self.row.recipe_id)) if trained else None
        return tracking.tracked(config.tracking, self.store.root, identity, curve)

    @property
    def _runs(self) -> dict[str, str]:
        """The ids of the row's runs in W&B, by kind of job."""
        return {"train": self.row.run, "evaluate": f"{self.row.run}-evaluate"}

    def _send_what_is_lacking(self) -> None:
        """Record the row, and send it if W&B can be asked and does not have it."""
        report = self._recorded()
        if not tracking.is_held(self.config.tracking, list(self._runs.values()), report):
            with self._tracked() as tracker:
                tracker.tell(report)

    @property
    def _folder(self) -> Path:
        """Return the adapter's folder."""
        return self.store.adapter(self.row.recipe_id)

    def _must_train(self) -> bool:
        """Tell whether the adapter has to be trained; an error where this job may not train."""
        if self.row.recipe is None or self._folder.exists():
            return False
        if self.kind == "evaluate":
            source = source_name(self.config)
            raise UserError(f"source={source}: no adapter of these settings exists; {self.train_command} trains it")
        return True

    @cached_property
    def _content(self) -> str | None:
        """The fingerprint of the adapter's content, checked against what was written; None for the base model."""
        if self.row.recipe is None:
            return None
        recorded = read_json(self._folder / "adapter.json")["content"]
        try:
            found = adapters.content(self._folder)
        except (OSError, ValueError, KeyError) as error:
            raise UserError(
                f"{self._folder}: damaged ({error}); delete the folder to train the adapter again"
            ) from error
        if found != recorded:
            raise UserError(
                f"{self._folder}: not what was trained, its files changed; delete the folder to train again"
            )
        return recorded

    @cached_property
    def _effect(self) -> probe.Effect | None:
        """What the adapter did to the model at the end of its training; None for the base model."""
        if self.row.recipe is None:
            return None
        return probe.Effect(read_json(self._folder / "adapter.json")["logit_difference"])

    @cached_property
    def _keys(self) -> dict[str, CellKey]:
        """The identity of every cell of the row."""
        return self.row.cell_keys(self.config, self._content)

    def _missing(self) -> dict[str, CellKey]:
        """Return the cells that the store does not have."""
        return {name: key for name, key in self._keys.items() if stored_metrics(self.store, key) is None}

    def _train(self, tracker: Tracker, progress: Progress) -> str:
        """Train the adapter, unless a row on other test data does so meanwhile; returns a line about it."""
        with self.store.lock("adapter", self.row.recipe_id):
            return self._trained(tracker, progress) if self._must_train() else "reused the adapter"

    def _trained(self, tracker: Tracker, progress: Progress) -> str:
        """Train the adapter; returns a line about it."""
        from crosstask.training.fit import train_adapter

        assert self.row.recipe is not None
        config = self.config
        report = train_adapter(
            base_model.load(config.model),
            self.row.examples,
            lora=config.lora,
            optimizer=config.optimizer,
            trainer=config.trainer,
            seed=config.seed,
            store=self.store,
            recipe=self.row.recipe_id,
            provenance={"source": source_name(config), **self.row.recipe},
            logger=tracker.lightning_logger(),
            progress=progress.training,
        )
        for key, value in asdict(report).items():
            log.debug("%s: %s", key, value)
        return (
            f"trained {report.steps} steps in {report.seconds:.0f} s"
            f" (loss {report.first_loss:.2f} to {report.last_loss:.2f}, {report.stopped})"
        )

    def _score(self, progress: Progress) -> str:
        """Score the cells that are missing; returns a line about it."""
        missing, started = self._missing(), datetime.now(UTC)
        unasked = [name for name, key in missing.items() if not self.store.outputs(key.outputs).exists()]
        if unasked:
            self._ask({name: missing[name] for name in unasked}, progress)
        self._judge(missing)
        seconds = (datetime.now(UTC) - started).total_seconds()
        reused = len(self._keys) - len(missing)
        return f"scored {len(missing)} targets in {seconds:.0f} s" + (f", reused {reused}" if reused else "")

    def _ask(self, cells: dict[str, CellKey], progress: Progress) -> None:
        """Get the outputs of cells from the model, once it is proved that the adapter acts."""
        config, row = self.config, self.row
        base = base_model.load(config.model)
        keep_embeddings(self.store, self._data_sets(), base.identity, "embedding", partial(mean_hidden_state, base))
        bare = probe.logits(base, base.model) if self._effect else None
        with adapters.attached(base, self._folder if row.recipe else None) as model:
            if self._effect and bare is not None:
                found = probe.effect(base, model, bare)
                probe.check(found, self._effect.differences, base.model.dtype, str(self._folder))
            for done, (name, key) in enumerate(cells.items()):
                self._ask_one(base, model, name, key, _shower(progress, name, done, len(cells)))

    def _ask_one(
        self, base: base_model.BaseModel, model: Any, name: str, key: CellKey, show: Callable[[float], None]
    ) -> None:
        """Get the outputs of one cell, unless a row that shares it does so meanwhile."""
        task, scoring, row = self.config.target[name], self.config.scoring, self.row
        with self.store.lock("cell", key.outputs):
            if not self.store.outputs(key.outputs).exists():
                examples, content_free = row.tests[name], row.content_free[name]
                get_outputs(self.store, key, base, model, name, task, scoring, examples, content_free, show)

    def _judge(self, cells: dict[str, CellKey]) -> None:
        """Judge outputs that the store has."""
        config = self.config
        for name, key in cells.items():
            judge_cell(self.store, key, name, config.target[name], self._effect, replace=config.rescore)

    def _rescore(self) -> str:
        """Judge the stored outputs of every cell again, and tell W&B if that changed any; returns a line about it."""
        lacking = [name for name, key in self._keys.items() if not self.store.outputs(key.outputs).exists()]
        if lacking:
            raise UserError(
                f"rescore=true: the store has no outputs of {source_name(self.config)} on {', '.join(lacking)};"
                " the same command without rescore=true makes them"
            )
        before = {name: stored_bytes(self.store, key) for name, key in self._keys.items()}
        self._judge(self._keys)
        changed = [name for name, key in self._keys.items() if stored_bytes(self.store, key) != before[name]]
        report = self._recorded()
        if changed:
            with self._tracked() as tracker:
                tracker.tell(report)
        return f"judged the stored outputs of {len(self._keys)} targets again, {len(changed)} changed"

    def _data_sets(self) -> list[DataSetText]:
        """Return the data sets of the row."""
        return [data_set for named in self.row.data_sets(self.config).values() for data_set in named.values()]

    def _recorded(self) -> RowReport:
        """Write which cells the row stands for, and what its data sets look like; returns the row as it then is."""
        keep_profiles(self.store, self._data_sets())
        if self.row.encoder and self.config.encoder:
            embed = partial(mean_embedding, self.config.encoder)
            keep_embeddings(self.store, self._data_sets(), self.row.encoder, "sentence_embedding", embed)
        record = self.store.record(self.row.run, self.row.record(self.config, self._keys))
        return row_report(self.store, record, trained_here=self.kind == "train")


def _shower(progress: Progress, target: str, done: int, targets: int) -> Callable[[float], None]:
    """Return what moves the bar while a target is scored."""
    return lambda share: progress.scoring(target, done + share, targets)
