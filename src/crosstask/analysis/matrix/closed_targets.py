"""Closed targets, on which an answer is one of a few labels."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crosstask.analysis.matrix.behavior import BehaviorOf, TargetBehavior
from crosstask.analysis.matrix.source_runs import SourceRuns, source_runs

INVALID = "invalid"
"""Stands in tables for the label of an answer in which none could be read."""


@dataclass(frozen=True)
class ClosedTarget:
    """What was answered on one closed target."""

    name: str
    labels: tuple[str, ...]
    gold: NDArray[np.intp]
    """Index of the gold label of each example, shape (n,)."""
    predicted: NDArray[np.intp]
    """Index of the predicted label, shape (runs, n); that of an invalid answer is the number of labels."""
    runs: tuple[SourceRuns, ...]
    """Those of the base model first."""
    behavior: TargetBehavior
    """As it was read."""

    @property
    def n(self) -> int:
        """Number of examples."""
        return len(self.gold)

    @property
    def predictions(self) -> tuple[str, ...]:
        """The labels, and what stands for none."""
        return (*self.labels, INVALID)

    @property
    def tuned(self) -> list[SourceRuns]:
        """Runs that have a base model to be held against."""
        return [runs for runs in self.runs if runs.base is not None]

    def against_base(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Rows of all runs that have a base model, those of a source together, and the row of that of each."""
        places = [place for runs in self.tuned for place in runs.places]
        bases = [runs.base for runs in self.tuned for _ in runs.places]
        return np.array(places, dtype=np.intp), np.array(bases, dtype=np.intp)


def closed_targets(names: Sequence[str], behavior: BehaviorOf) -> Iterator[ClosedTarget]:
    """Read one target after the other; those that are open, or of which no answers are kept, are left out."""
    for name in names:
        found = behavior(name)
        if found is None or not found.is_closed or found.gold is None or found.predicted is None or not len(found.gold):
            continue
        predicted = np.where(found.predicted < 0, len(found.labels), found.predicted)
        yield ClosedTarget(name, found.labels, found.gold, predicted, source_runs(found.rows), found)
