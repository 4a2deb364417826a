"""One job: an adapter, trained if it does not exist, and the cells of its row, scored if they are missing."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import cached_property, partial

from crosstask.config.job import TrainConfig
from crosstask.data.kept_notes import said_once
from crosstask.features.data_sets import DataSetText, are_embedded, keep_embeddings, keep_profiles
from crosstask.features.example_features import keep_features
from crosstask.features.hidden_states import mean_hidden_state
from crosstask.features.measuring import measures
from crosstask.features.sentence_encoder import encoder_identity, mean_embedding
from crosstask.jobs.adapter import RowAdapter
from crosstask.jobs.cells import RowCells
from crosstask.jobs.data_identity import claim_data_id
from crosstask.jobs.external_effect import ExternalEffect
from crosstask.jobs.judging_note import judging_note
from crosstask.jobs.kept_examples import keep_examples
from crosstask.jobs.progress import Progress
from crosstask.jobs.refusals import no_adapter, no_outputs
from crosstask.jobs.row_of_job import matrix_row
from crosstask.jobs.row_report import row_report
from crosstask.jobs.text_lengths import without_texts
from crosstask.models import base_model, machine
from crosstask.models.pass_tokens import Pass, chosen_pass_tokens
from crosstask.storage.store import Store
from crosstask.tracking.curve import Curve
from crosstask.tracking.report import RunIdentity
from crosstask.tracking.row_report import RowReport
from crosstask.tracking.tracked import is_held, tracked
from crosstask.tracking.tracker import Tracker


def train(config: TrainConfig, progress: Progress, command: Sequence[str] = ()) -> str:
    """Train an adapter on the sources unless it exists, and score it on every target; returns a line about it.

    ``command`` is what W&B keeps as the script and the arguments of the run.
    """
    return _Job(config, "train", command).run(progress)


def evaluate(config: TrainConfig, progress: Progress, train_command: str, command: Sequence[str] = ()) -> str:
    """Score an adapter that exists on every target; nothing is trained. Returns a line about it.

    Raises
    ------
    UserError
        If there is no such adapter; the message quotes ``train_command``, which makes it.
    """
    return _Job(config, "evaluate", command, train_command).run(progress)


class _Job:
    """A row of the matrix: what is missing of it is made."""

    def __init__(self, config: TrainConfig, kind: str, command: Sequence[str], train_command: str = "") -> None:
        self.config = config
        self.kind = kind
        self.command = tuple(command)
        self.train_command = train_command
        self.store = Store(config.store)
        with said_once():
            row = matrix_row(config)
        self.row = replace(row, data_id=claim_data_id(self.store, config.data, config.target))
        recipe = self.row.recipe
        # Not a method: a job that its parts refer to would outlive its end, and its temporary files with it.
        self.load = partial(base_model.load, config.model, config.data.control_tokens)
        self.adapter = RowAdapter(self.store, self.load, recipe, self.row.names.source) if recipe else None

    @cached_property
    def cells(self) -> RowCells:
        """The cells of the row; the adapter must exist."""
        row = self.row
        if row.external:
            place = row.config["adapter.path"], row.config["adapter.revision"]
            effect = ExternalEffect(self.store, row.base, row.external, place)
            return RowCells(self.store, self.load, effect.tuned, row.targets, row.cell_keys(None), effect.note)
        adapter = self.adapter.trained if self.adapter else None
        keys = row.cell_keys(adapter.content if adapter else None)
        return RowCells(self.store, self.load, adapter, row.targets, keys)

    def run(self, progress: Progress) -> str:
        """Make what is missing; returns a line that says what was made."""
        self.store.clean()
        with self.store.lock("row", self.row.run):
            return self._make(progress)

    def _make(self, progress: Progress) -> str:
        """Make what is missing, while no other process makes the same row; returns a line that says what was made."""
        to_train = self._adapter_to_train()
        if self.config.rescore:
            return f"done: {', '.join([self._rescore(progress), *judging_note(self.cells.judged)])}"
        embedded = are_embedded(self.store, self._data_sets(), self.row.base)
        renamed = self._renamed()
        if not to_train and not self.cells.missing() and embedded:
            self._sync_tracking()
            reused = f"{'the adapter and ' if self.adapter else ''}{len(self.row.targets)} cells"
            return f"reused: {', '.join([reused, *renamed])}"
        if to_train or not embedded or self.cells.to_infer():
            base_model.check_device(self.config.model)
        with self._tracked() as tracker:
            notes = [to_train.train(tracker.lightning_logger(), progress)] if to_train else []
            notes += [self._score(progress), *judging_note(self.cells.judged), *renamed]
            tracker.log_report(self._write_record(self._pass_tokens()))
        return "done: " + ", ".join(notes)

    def _renamed(self) -> list[str]:
        """Return a line for what was made elsewhere and has a row under another name, which becomes this one."""
        before = self.store.run_record(self.row.run) if self.row.external else None
        if before is None or before.source == self.row.names.source:
            return []
        return [f"its files are those of {before.source}, whose row is called {self.row.names.source} from now on"]

    def _pass_tokens(self) -> dict[str, int]:
        """Return the tokens of a forward pass, by what passes are for: those of the settings, or else those chosen."""
        trainer, scoring = self.config.trainer.batch_tokens, self.config.scoring.batch_tokens
        found = chosen_pass_tokens(self.row.base)
        return {kind: (trainer if kind == Pass.training else scoring) or tokens for kind, tokens in found.items()}

    def _adapter_to_train(self) -> RowAdapter | None:
        """Return the adapter if it has to be trained; an error where this job may not train."""
        if self.adapter is None or not self.adapter.is_missing:
            return None
        self.adapter.name_damage()
        if self.kind == "evaluate":
            raise no_adapter(self.row.names.source, self.train_command)
        return self.adapter

    def _score(self, progress: Progress) -> str:
        """Embed the data sets with the base model, and score the cells that are missing; returns a line."""
        keep_embeddings(self.store, self._data_sets(), self.row.base, "embedding", self._mean_hidden_state)
        return self.cells.score(progress)

    def _mean_hidden_state(self, prompts: Sequence[str]) -> list[float]:
        """Return the embedding of prompts by the base model."""
        return mean_hidden_state(self.load(), prompts)

    def _rescore(self, progress: Progress) -> str:
        """Score the stored outputs of every cell again, and log it to W&B if that changed any; returns a line about it.

        Raises
        ------
        UserError
            If there are no outputs of some.
        """
        if missing := self.cells.without_outputs():
            raise no_outputs(self.row.names.source, missing)
        changed = self.cells.rescore(progress)
        report = self._write_record()
        if changed:
            with self._tracked() as tracker:
                tracker.log_report(report)
        return f"re-scored the stored outputs of {len(self.cells.keys)} targets, {changed} changed"

    def _tracked(self) -> AbstractContextManager[Tracker]:
        """Return the W&B run of the job, to be opened.

        A row has one run for what train.py makes and one for what evaluate.py adds; each holds the whole row.
        """
        row, source, recipe = self.row, self.row.names.source, self.row.recipe
        drawn = [] if self.config.data.train_seed is None else [self.config.data.train_seed]
        asked = [f"{name}{value}" for name, value in row.asked.items()]
        varied = [row.variant.name.replace(" ", "-")] if row.variant else []
        identity = RunIdentity(
            id=self._runs[self.kind],
            name="-".join(map(str, (source, *varied, *([recipe.settings.seed, *drawn] if recipe else []), *asked))),
            group=row.group,
            kind=self.kind,
            config={**row.config, "source": source, "base": row.base, "data_id": row.data_id, "run": row.run},
            command=self.command,
            gpus=machine.gpus() if self.config.tracking.system else (),
        )
        curve = Curve(self.store.curve(recipe.id)) if recipe and self.kind == "train" else None
        return tracked(self.config.tracking, self.store.root, identity, curve)

    @property
    def _runs(self) -> dict[str, str]:
        """The ids of the row's runs in W&B, by kind of job."""
        return {"train": self.row.run, "evaluate": f"{self.row.run}-evaluate"}

    def _sync_tracking(self) -> None:
        """Write the record of the row, and log the row if W&B can be reached and does not have it."""
        report = self._write_record()
        if not is_held(self.config.tracking, list(self._runs.values()), report):
            with self._tracked() as tracker:
                tracker.log_report(report)

    def _data_sets(self) -> list[DataSetText]:
        """Return the data sets of the row."""
        return [data_set for named in self.row.data_sets.values() for data_set in named.values()]

    def _write_record(self, pass_tokens: Mapping[str, int] | None = None) -> RowReport:
        """Write which cells the row stands for, the examples of its columns and the features of its data sets; returns
        the row as it then is.

        ``pass_tokens``: those of the passes by which something of it was made.
        """
        keep_profiles(self.store, self._data_sets())
        keep_examples(self.store, [target.examples for target in self.row.targets.values()])
        if encoder := self.config.encoder:
            identity, embed = encoder_identity(encoder), partial(mean_embedding, encoder)
            keep_embeddings(self.store, self._data_sets(), identity, "sentence_embedding", embed)
        for measure in measures(self.config.parser).values():
            keep_features(self.store, self._data_sets(), measure)
        made = replace(self.row.record(self.cells.keys, pass_tokens), judged=self.cells.judged)
        record = self.store.record(made)
        texts_off = None if self.config.tracking.texts else partial(without_texts, self.config.model)
        return row_report(self.store, record, self.kind == "train", texts_off)
