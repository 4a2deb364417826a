"""One job: an adapter, trained if it does not exist, and the cells of its row, scored if they are missing."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from crosstask import adapters, base_model, probe, tracking
from crosstask.config import TrainConfig, source_name
from crosstask.errors import UserError
from crosstask.identity import CellKey
from crosstask.matrix_row import matrix_row
from crosstask.profiles import DataSetText, keep_embeddings, keep_profiles
from crosstask.progress import Progress
from crosstask.scoring.cells import get_outputs, judge_cell, stored_bytes, stored_metrics
from crosstask.store import Store, read_json

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
        to_train = self._must_train()
        if self.config.rescore:
            notes = [self._rescore()]
        elif not to_train and not self._missing():
            self._record()
            return f"reused: the adapter and {len(self.row.tests)} cells" if self.row.recipe else "reused"
        else:
            base_model.check_device(self.config.model)
            with self._tracked() as tracker:
                notes = [self._train(tracker, progress)] if to_train else []
                notes.append(self._score(tracker, progress))
        self._record()
        return "done: " + ", ".join(notes)

    def _tracked(self) -> AbstractContextManager[tracking.Tracker]:
        """Return the W&B run of the row, to be opened."""
        source = source_name(self.config)
        return tracking.tracked(
            self.config.tracking,
            self.store.root,
            run=self.row.run,
            name=f"{source}-{self.config.seed}",
            group=self.row.group(self.config),
            kind=self.kind,
            config=tracking.columns(self.config, source=source, base=self.row.base, run=self.row.run),
        )

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

    def _train(self, tracker: tracking.Tracker, progress: Progress) -> str:
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
        tracker.summarize({f"train/{key}": value for key, value in asdict(report).items() if key != "seconds"})
        return (
            f"trained {report.steps} steps in {report.seconds:.0f} s"
            f" (loss {report.first_loss:.2f} to {report.last_loss:.2f}, {report.stopped})"
        )

    def _score(self, tracker: tracking.Tracker, progress: Progress) -> str:
        """Score the cells that are missing; returns a line about it."""
        missing, started = self._missing(), datetime.now(UTC)
        unasked = [name for name, key in missing.items() if not self.store.outputs(key.outputs).exists()]
        if unasked:
            self._ask({name: missing[name] for name in unasked}, progress)
        self._judge(missing)
        self._tell(tracker)
        seconds = (datetime.now(UTC) - started).total_seconds()
        reused = len(self._keys) - len(missing)
        return f"scored {len(missing)} targets in {seconds:.0f} s" + (f", reused {reused}" if reused else "")

    def _ask(self, cells: dict[str, CellKey], progress: Progress) -> None:
        """Get the outputs of cells from the model, once it is proved that the adapter acts."""
        config, row = self.config, self.row
        base = base_model.load(config.model)
        keep_embeddings(self.store, self._data_sets(), base)
        bare = probe.logits(base, base.model) if self._effect else None
        with adapters.attached(base, self._folder if row.recipe else None) as model:
            if self._effect and bare is not None:
                found = probe.effect(base, model, bare)
                probe.check(found, self._effect.differences, base.model.dtype, str(self._folder))
            for done, (name, key) in enumerate(cells.items()):
                get_outputs(
                    self.store,
                    key,
                    base,
                    model,
                    name,
                    config.target[name],
                    config.scoring,
                    row.tests[name],
                    row.content_free[name],
                    _shower(progress, name, done, len(cells)),
                )

    def _judge(self, cells: dict[str, CellKey]) -> None:
        """Judge outputs that the store has."""
        config = self.config
        for name, key in cells.items():
            judge_cell(self.store, key, name, config.target[name], self._effect, replace=config.rescore)

    def _tell(self, tracker: tracking.Tracker) -> None:
        """Tell W&B about every cell of the row."""
        for name, key in self._keys.items():
            found = stored_metrics(self.store, key)
            assert found is not None
            tracker.summarize({f"{name}/{metric}": value for metric, value in found.items()})

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
        if changed:
            with self._tracked() as tracker:
                self._tell(tracker)
        return f"judged the stored outputs of {len(self._keys)} targets again, {len(changed)} changed"

    def _data_sets(self) -> list[DataSetText]:
        """Return the data sets of the row."""
        return [data_set for named in self.row.data_sets(self.config).values() for data_set in named.values()]

    def _record(self) -> None:
        """Write which cells the run stands for, and what its data sets look like."""
        keep_profiles(self.store, self._data_sets())
        self.store.record(self.row.run, self.row.record(self.config, self._keys))


def _shower(progress: Progress, target: str, done: int, targets: int) -> Callable[[float], None]:
    """Return what moves the bar while a target is scored."""
    return lambda share: progress.scoring(target, done + share, targets)
