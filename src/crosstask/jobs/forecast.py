"""What a job will do, before it does it: what it trains and scores, what of that exists, and what it takes.

Nothing is loaded but tokenizer and configuration, nothing is downloaded and nothing is written. Where the cache of
this machine lacks the model or rows of the Hub, amounts are estimated, and it is not known whether an adapter or cells
exist.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, NoReturn, TypeVar

from crosstask.config.asked import asked
from crosstask.config.job import TrainConfig, sources
from crosstask.config.task import Task
from crosstask.config.task_files import scored_data_sets
from crosstask.config.variant import VariantKind
from crosstask.data.drawn_examples import train_examples
from crosstask.data.examples import Example
from crosstask.errors import NotAtHand
from crosstask.evaluation.scorers.protocol import Scorer, Target
from crosstask.evaluation.scorers.registry import scorer
from crosstask.features.parsers import find_parser
from crosstask.features.sentence_encoder import encoder_identity
from crosstask.fingerprint import fingerprint
from crosstask.hub.cache import cached_only
from crosstask.jobs import resources
from crosstask.jobs.ahead import ELSEWHERE, EXISTS, MADE, NOT_KNOWN, TO_MAKE, Forecast, Training
from crosstask.jobs.amount import UNKNOWN, Amount, about
from crosstask.jobs.refusals import no_adapter, no_outputs
from crosstask.jobs.row import MatrixRow
from crosstask.jobs.tokens_ahead import (
    counted_scoring,
    counted_training,
    estimated_scoring,
    estimated_training,
    stand_ins,
)
from crosstask.models import base_model
from crosstask.models.language_model import BaseModel
from crosstask.storage.store import Store
from crosstask.training.recipe import Recipe, settings

T = TypeVar("T")


@dataclass
class Plan:
    """What the jobs of a sweep make, one after the other.

    Parameters
    ----------
    rows
        Reads a job's data, see `crosstask.jobs.row_of_job.possible_rows`.
    target
        Reads one of its targets, see `crosstask.jobs.row_of_job.read_target`.
    cells
        Looks at its cells, see `crosstask.jobs.cells.RowCells`.
    work
        Counts what is left of it, see `crosstask.jobs.cost.work`.
    """

    rows: Callable[[TrainConfig], list[MatrixRow]]
    target: Callable[[Scorer, TrainConfig], Target]
    cells: Callable[..., Any]
    work: Callable[[TrainConfig, Sequence[MatrixRow], bool], float]
    made: set[str] = field(default_factory=set)
    counted: dict[tuple[str, str], Amount] = field(default_factory=dict)
    """By base model and column: the tokens of a target."""

    def state(self, key: str, exists: bool | None) -> str:
        """Return the state of an adapter or a cell; None for one that is not known to exist. It is made by then."""
        if key in self.made:
            return MADE
        self.made.add(key)
        return NOT_KNOWN if exists is None else EXISTS if exists else TO_MAKE


def forecast(config: TrainConfig, trains: bool, plan: Plan, train_command: str = "") -> Forecast:
    """Return what a job will do.

    Parameters
    ----------
    config
        The job, checked.
    trains
        Whether it may train.
    plan
        What jobs before it make; it is added to.
    train_command
        What an error quotes as the command that makes a missing adapter.

    Raises
    ------
    UserError
        As the job itself would, as far as that takes no weights.
    """
    config = asked(config)
    with cached_only():
        try:
            rows = plan.rows(config)
        except NotAtHand:
            return _Ahead(config, plan).estimated(trains)
        row = min(rows, key=lambda row: plan.work(config, [row], True))
        return _Ahead(config, plan).counted(row, trains, train_command)


class _Ahead:
    """A job, and what jobs before it make."""

    def __init__(self, config: TrainConfig, plan: Plan) -> None:
        self.config = config
        self.plan = plan
        self.lacking: list[str] = []
        self.store = Store(config.store)
        trained = {name: asdict(task) for name, task in sources(config).items()}
        model = {"model": asdict(config.model), "data": asdict(config.data), "adapter": asdict(config.adapter)}
        varied = [asdict(config.variant)] if config.variant.kind is not VariantKind.none else []
        self.key = fingerprint([model, trained, settings(config), config.seed, *varied] if trained else model)

    def counted(self, row: MatrixRow, trains: bool, train_command: str) -> Forecast:
        """Return what a job will do whose rows and model are at hand."""
        exists = row.recipe is None or self.store.has_adapter(row.recipe.id)
        if not exists and not trains:
            raise no_adapter(row.names.source, train_command)
        adapter = self.plan.state(self.key, exists) if row.recipe else ELSEWHERE if row.external else ""
        content = self.store.adapter_record(row.recipe.id).content if row.recipe and exists else None
        missing, to_infer = list(row.targets), list(row.targets)
        if exists:
            cells = self.plan.cells(self.store, self._load_nothing, None, row.targets, row.cell_keys(content))
            if self.config.rescore and (without := cells.without_outputs()):
                raise no_outputs(row.names.source, without)
            missing, to_infer = cells.missing(), [] if self.config.rescore else cells.to_infer()
        states = {name: self._cell(name, name not in missing) for name in row.targets}
        base = base_model.without_weights(self.config.model, self.config.data.control_tokens)
        training = self._training(base, row.recipe) if row.recipe and adapter == TO_MAKE else None
        to_score = [name for name in to_infer if states[name] == TO_MAKE]
        keys = row.cell_keys(None)
        scored = sum((self._counted(base, row.targets[name], keys[name].target) for name in to_score), Amount())
        work = self.plan.work(self.config, [row], trains) if training or to_score else 0.0
        judged = row.targets if self.config.rescore else [name for name in missing if states[name] == TO_MAKE]
        answers = sum(len(row.targets[name].examples) for name in judged if row.targets[name].judge is not None)
        return self._forecast(adapter, states, training, scored, work=work, judged=Amount(answers))

    def _training(self, base: BaseModel, recipe: Recipe) -> Training | None:
        """Return the training of an adapter; of a random update that of the adapter whose norms it has, if need be."""
        if recipe.like is None:
            return counted_training(base, recipe)
        return None if self.store.has_adapter(recipe.like.id) else counted_training(base, recipe.like)

    def _counted(self, base: BaseModel, target: Target, key: str) -> Amount:
        """Return the tokens of a target, which are counted once for all jobs on a base model."""
        known = self.plan.counted
        if (base.identity, key) not in known:
            known[base.identity, key] = counted_scoring(base, target)
        return known[base.identity, key]

    def estimated(self, trains: bool) -> Forecast:
        """Return what a job will do of which something is not at hand."""
        self._at_hand(f"model.path={self.config.model.path}", lambda: base_model.model_folder(self.config.model))
        if encoder := self.config.encoder:
            self._at_hand(f"encoder={encoder}", lambda: encoder_identity(encoder))
        if parser := self.config.parser:
            self._at_hand(f"parser={parser}", lambda: find_parser(parser))
        trained = {name: self._source(name, task) for name, task in sources(self.config).items()}
        known = None if (self.store.root / "cells").exists() or (self.store.root / "adapters").exists() else False
        adapter = self.plan.state(self.key, known) if trained else ""
        states = {name: self._cell(name, known) for name in self.config.target}
        to_train = trains and adapter in (TO_MAKE, NOT_KNOWN)
        training = estimated_training(self.config, trained) if to_train else None
        scored = sum((self._scored(name) for name, state in states.items() if state != MADE), Amount())
        judged = sum((self._judged(name) for name, state in states.items() if state != MADE), Amount())
        return self._forecast(adapter, states, training, scored, lacking=tuple(self.lacking), judged=judged)

    def _forecast(
        self, adapter: str, cells: dict[str, str], training: Training | None, scored: Amount, **more: Any
    ) -> Forecast:
        """Return the whole of what is known in parts, with the time and the memory that it takes."""
        computes = training is not None or scored != Amount()
        if computes:
            base_model.check_device(self.config.model)
        ahead = resources.model_ahead(self.config)
        return Forecast(
            adapter,
            cells,
            training,
            scored,
            seconds=resources.seconds(ahead, self.config, training, scored) if computes else Amount(),
            memory=resources.memory(ahead, self.config, training, scored != Amount()),
            **more,
        )

    def _cell(self, name: str, exists: bool | None) -> str:
        """Return the state of a cell."""
        target = [asdict(self.config.target[name]), asdict(self.config.scoring), asdict(self.config.data)]
        target += [self.config.judge.identity()]
        return self.plan.state(fingerprint([self.key, target]), exists)

    def _source(self, name: str, task: Task) -> list[Example] | None:
        """Return the training examples of a source, if they are at hand."""
        scored = [*scored_data_sets(), *(other.dataset for other in self.config.target.values())]
        return self._at_hand(f"training rows of {name}", lambda: train_examples(name, task, self.config.data, scored))

    def _scored(self, name: str) -> Amount:
        """Return the estimated tokens of a target."""
        found = scorer(name, self.config.target[name])
        target = self._at_hand(f"test rows of {name}", lambda: self.plan.target(found, self.config))
        if target is not None:
            return estimated_scoring(target)
        if not self.config.data.test_rows:
            return UNKNOWN
        return estimated_scoring(
            Target(found, stand_ins(found.task, self.config.data.test_rows), "", self.config.scoring)
        )

    def _judged(self, name: str) -> Amount:
        """Return the estimated answers of a target that a judge is asked about."""
        if not scorer(name, self.config.target[name]).needs_judge:
            return Amount()
        rows = self.config.data.test_rows
        return about(rows) if rows else UNKNOWN

    def _at_hand(self, what: str, read: Callable[[], T]) -> T | None:
        """Return what is read; None, and a note of it, where it is not at hand."""
        try:
            return read()
        except NotAtHand:
            self.lacking.append(what)
            return None

    @staticmethod
    def _load_nothing() -> NoReturn:
        """Stand where a model would be loaded."""
        raise AssertionError("a dry run loads no model")
