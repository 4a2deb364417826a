"""A run with its scores."""

from collections.abc import Mapping
from dataclasses import dataclass

from crosstask.storage.cell_score import CellScore
from crosstask.storage.records import RunRecord


@dataclass(frozen=True)
class ScoredRun:
    """One row of the matrix with its scores, wherever it was read."""

    record: RunRecord
    scores: Mapping[str, CellScore]
    """By target; a cell whose files were deleted is not among them."""
