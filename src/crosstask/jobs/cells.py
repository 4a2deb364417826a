"""The cells of a row of the matrix: those that are missing are scored."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from crosstask.config import TrainConfig, source_name
from crosstask.errors import UserError
from crosstask.evaluation.cell_key import CellKey
from crosstask.evaluation.cells import run_inference, score_cell, stored_bytes, stored_metrics
from crosstask.jobs.adapter import RowAdapter
from crosstask.jobs.progress import Progress
from crosstask.jobs.row import MatrixRow
from crosstask.models import adapter_effect, adapters, base_model
from crosstask.storage.store import Store


class RowCells:
    """The cells of a row: the outputs of a model for each target, and their scores."""

    def __init__(self, config: TrainConfig, store: Store, row: MatrixRow, adapter: RowAdapter) -> None:
        self.config = config
        self.store = store
        self.row = row
        self.adapter = adapter

    @cached_property
    def keys(self) -> dict[str, CellKey]:
        """The identity of every cell by target; the adapter must exist."""
        return self.row.cell_keys(self.adapter.content)

    def missing(self) -> dict[str, CellKey]:
        """Return the cells that the store does not have."""
        return {name: key for name, key in self.keys.items() if stored_metrics(self.store, key) is None}

    def missing_outputs(self) -> dict[str, CellKey]:
        """Return the cells that need inference."""
        return {name: key for name, key in self.keys.items() if not self.store.outputs(key.outputs).exists()}

    def score(self, progress: Progress) -> str:
        """Score the cells that are missing; returns a line about it."""
        missing, without_outputs, started = self.missing(), self.missing_outputs(), datetime.now(UTC)
        if without_outputs:
            self._run_inference(without_outputs, progress)
        self._score(missing)
        seconds = (datetime.now(UTC) - started).total_seconds()
        reused = len(self.keys) - len(missing)
        return f"scored {len(missing)} targets in {seconds:.0f} s" + (f", reused {reused}" if reused else "")

    def rescore(self) -> int:
        """Score the stored outputs of every cell again; returns how many cells that changed.

        Raises
        ------
        UserError
            If there are no outputs of some.
        """
        if lacking := self.missing_outputs():
            raise UserError(
                f"rescore=true: the store has no outputs of {source_name(self.config)} on {', '.join(lacking)};"
                " the same command without rescore=true makes them"
            )
        before = {name: stored_bytes(self.store, key) for name, key in self.keys.items()}
        self._score(self.keys)
        return sum(stored_bytes(self.store, key) != before[name] for name, key in self.keys.items())

    def _run_inference(self, cells: dict[str, CellKey], progress: Progress) -> None:
        """Run the inference of cells, after a sanity check of the adapter's effect on the model."""
        base, effect = base_model.load(self.config.model), self.adapter.effect
        bare = adapter_effect.logits(base, base.model) if effect else None
        with adapters.attached(base, self.adapter.folder) as model:
            if effect and bare is not None:
                found = adapter_effect.effect(base, model, bare)
                adapter_effect.check(found, effect.differences, base.model.dtype, str(self.adapter.folder))
            for done, (name, key) in enumerate(cells.items()):
                self._run_inference_of(base, model, name, key, _shower(progress, name, done, len(cells)))

    def _run_inference_of(
        self, base: base_model.BaseModel, model: Any, name: str, key: CellKey, show: Callable[[float], None]
    ) -> None:
        """Run the inference of one cell, unless a row that shares it has done so meanwhile."""
        with self.store.lock("cell", key.outputs):
            if not self.store.outputs(key.outputs).exists():
                run_inference(self.store, key, self.row.targets[name], base, model, show)

    def _score(self, cells: dict[str, CellKey]) -> None:
        """Score outputs that the store has."""
        for name, key in cells.items():
            scorer = self.row.targets[name].scorer
            score_cell(self.store, key, scorer, self.adapter.effect, replace=self.config.rescore)


def _shower(progress: Progress, target: str, done: int, targets: int) -> Callable[[float], None]:
    """Return what moves the bar while a target is scored."""
    return lambda share: progress.scoring(target, done + share, targets)
