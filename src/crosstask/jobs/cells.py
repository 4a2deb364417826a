"""The cells of a row of the matrix: those that are missing are scored."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from crosstask.evaluation.cell_key import CellKey
from crosstask.evaluation.cells import answers_fault, outputs_fault, run_inference, score_cell, stored_bytes
from crosstask.evaluation.scorers.protocol import Target
from crosstask.jobs.progress import Progress
from crosstask.models import adapter_effect
from crosstask.models.fine_tuned import FineTuned, loaded
from crosstask.models.language_model import BaseModel
from crosstask.storage.cell_score import CellScore
from crosstask.storage.json_files import Damaged, Foreign
from crosstask.storage.judge_use import JudgeUse
from crosstask.storage.store import Store

log = logging.getLogger(__name__)


class RowCells:
    """The outputs and scores of one adapter, or of the base model, on each target.

    Parameters
    ----------
    store
        Where cells are, or go.
    load
        Loads the base model.
    tuned
        What the cells are of; None for the base model.
    targets, keys
        Each target, and the identity of its cell, by name.
    note
        Writes down the effect of what was made elsewhere, when it is first loaded.
    """

    def __init__(
        self,
        store: Store,
        load: Callable[[], BaseModel],
        tuned: FineTuned | None,
        targets: Mapping[str, Target],
        keys: Mapping[str, CellKey],
        note: Callable[[Sequence[float]], None] | None = None,
    ) -> None:
        self.store = store
        self.load = load
        self.tuned = tuned
        self.targets = targets
        self.keys = keys
        self.note = note
        self.judged: dict[str, JudgeUse] = {}
        """By target: what judging it took just now."""

    def missing(self) -> list[str]:
        """Return the targets whose cells the store does not have, or has without all that a cell holds today.

        Of the latter those whose outputs were deleted stay as they are: no inference is run for what has a score.
        """
        return [name for name, key in self.keys.items() if self._is_missing(key)]

    def _is_missing(self, key: CellKey) -> bool:
        """Return whether a cell has to be scored."""
        try:
            score = self._stored_score(key)
        except Damaged:
            score = None
        if score is None:
            return True
        whole = score.is_complete and answers_fault(self.store, key, score.metrics["n"]) is None
        return not whole and self.store.outputs(key.outputs).exists()

    def _stored_score(self, key: CellKey) -> CellScore | None:
        """Return the score of a cell; None if the store does not have it, Damaged where it is damaged or another's."""
        score = self.store.score(key.ref)
        if score is not None and (score.adapter, score.target_id) != (key.adapter, key.target):
            raise Foreign(self.store.cell(key.ref) / "score.json")  # of what was written before scores named their cell
        return score

    def without_outputs(self) -> list[str]:
        """Return the targets whose outputs the store does not have."""
        return [name for name, key in self.keys.items() if not self.store.outputs(key.outputs).exists()]

    def to_infer(self) -> list[str]:
        """Return the targets that need inference: those without whole outputs whose cells are missing."""
        return [name for name, key in self.keys.items() if self._is_missing(key) and self._fault_of_outputs(name)]

    def _fault_of_outputs(self, name: str) -> str | None:
        """Return why the outputs of a target, which may not be there, cannot be scored; None if they can be."""
        key = self.keys[name]
        try:
            self._stored_score(key)
        except Foreign:  # then so may be the outputs beside it
            return f"{self.store.outputs(key.outputs)}: beside the score of another adapter or target"
        except Damaged:
            pass
        return outputs_fault(self.store, key, self.targets[name])

    def score(self, progress: Progress) -> str:
        """Score the cells that are missing; returns a line about it."""
        missing, started = self.missing(), datetime.now(UTC)
        to_infer = self.to_infer()
        if to_infer or (missing and self.tuned and self.tuned.effect is None):
            self._run_inference(to_infer, progress)
        self._score(missing, progress)
        seconds = (datetime.now(UTC) - started).total_seconds()
        reused = len(self.keys) - len(missing)
        return f"scored {len(missing)} targets in {seconds:.0f} s" + (f", reused {reused}" if reused else "")

    def rescore(self, progress: Progress) -> int:
        """Score the stored outputs of every cell again; returns how many cells that changed."""
        before = {name: stored_bytes(self.store, key) for name, key in self.keys.items()}
        self._score(self.keys, progress)
        return sum(stored_bytes(self.store, key) != before[name] for name, key in self.keys.items())

    def _run_inference(self, names: list[str], progress: Progress) -> None:
        """Run the inference of some targets, after a sanity check of the adapter's effect on the model."""
        base, tuned = self.load(), self.tuned
        bare = adapter_effect.probe_logits(base, base.model) if tuned else None
        with loaded(base, tuned) as (reader, model):
            if tuned and bare is not None:
                found = adapter_effect.effect(reader, model, bare, str(tuned.folder))
                self._check_effect(tuned, found, base)
            for done, name in enumerate(names):
                self._run_inference_on(name, reader, model, _shower(progress, name, done, len(names)))

    def _check_effect(self, tuned: FineTuned, found: tuple[float, ...], base: BaseModel) -> None:
        """Compare an effect with the one that is on record, or put it there."""
        if tuned.effect is not None:
            adapter_effect.check_effect(found, tuned.effect, base.model.dtype, str(tuned.folder))
            return
        self.tuned = replace(tuned, effect=found)
        if self.note is not None:
            self.note(found)

    def _run_inference_on(self, name: str, base: BaseModel, model: Any, show: Callable[[float], None]) -> None:
        """Run the inference of one target, unless a row that shares its cell has done so meanwhile."""
        key = self.keys[name]
        with self.store.lock("cell", key.outputs):
            if fault := self._fault_of_outputs(name):
                if self.store.outputs(key.outputs).exists():
                    log.warning("%s; made again", fault)
                run_inference(self.store, key, self.targets[name], base, model, show)

    def _score(self, names: Iterable[str], progress: Progress) -> None:
        """Score outputs that the store has; what there is of the cells already, whole or not, is replaced.

        Those that need a judge come last: where it fails, the others are scored.
        """
        for name in sorted(names, key=lambda name: self.targets[name].scorer.needs_judge):
            key, target = self.keys[name], self.targets[name]
            self._name_damage(key)
            there = self.store.cell(key.ref).exists()
            use = score_cell(self.store, key, target, self._effect(key), there, partial(progress.judging, name))
            if use is not None:
                self.judged[name] = use

    def _effect(self, key: CellKey) -> Sequence[float] | None:
        """Return the effect that a cell has on record: of what has none, that of the cell as it was."""
        if self.tuned is None:
            return None
        if self.tuned.effect is not None:
            return self.tuned.effect
        with suppress(Damaged):
            if score := self._stored_score(key):
                return score.logit_difference
        return None

    def _name_damage(self, key: CellKey) -> None:
        """Warn of what is damaged in a cell that is about to be replaced."""
        try:
            score = self._stored_score(key)
        except Damaged as error:
            log.warning("%s; made again", error.fault)
            return
        there = score is not None and self.store.answers(key.ref).exists()
        if score and there and (fault := answers_fault(self.store, key, score.metrics["n"])):
            log.warning("%s; made again", fault)


def _shower(progress: Progress, target: str, done: int, targets: int) -> Callable[[float], None]:
    """Return what moves the bar while a target is scored."""
    return lambda share: progress.scoring(target, done + share, targets)
