"""Closed targets, on which an answer is one of a few labels, and the runs that answered them, source by source."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crosstask.analysis.matrix.answers import Run
from crosstask.analysis.matrix.behavior import BehaviorOf, TargetBehavior
from crosstask.analysis.schema import BASE

INVALID = "invalid"
"""Stands in tables for the label of an answer in which none could be read."""


@dataclass(frozen=True)
class SourceRuns:
    """The runs of a source on one target that differ in nothing but their seeds."""

    source: str
    settings: tuple[str, ...]
    """What else tells rows apart, as in `Run`."""
    places: tuple[int, ...]
    """Rows of the target's arrays, one per seed."""
    seeds: tuple[int | None, ...]
    """None for the base model."""
    base: int | None
    """Row of the base model that these are held against: that of the same settings, or one that stands for all; None
    of the base model itself, or where there is none."""


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


def source_runs(rows: Sequence[Run]) -> tuple[SourceRuns, ...]:
    """Rows of a target by source and settings, in the order in which these first come.

    Examples
    --------
    >>> [(runs.source, runs.places, runs.base) for runs in source_runs([("base", None), ("imdb", 0), ("imdb", 1)])]
    [('base', (0,), None), ('imdb', (1, 2), 0)]
    """
    places: dict[tuple[str, tuple[str, ...]], list[int]] = {}
    for place, (source, _, *settings) in enumerate(rows):
        places.setdefault((source, tuple(settings)), []).append(place)
    bases = [(settings, found[0]) for (source, settings), found in places.items() if source == BASE]
    return tuple(
        SourceRuns(
            source,
            settings,
            tuple(found),
            tuple(rows[place][1] for place in found),
            None if source == BASE else _base_of(settings, bases),
        )
        for (source, settings), found in places.items()
    )


def _base_of(settings: tuple[str, ...], bases: list[tuple[tuple[str, ...], int]]) -> int | None:
    """Row of the base model of some settings: each is the same, or empty where the base model stands for all."""
    fits = [place for of_base, place in bases if all(a in ("", b) for a, b in zip(of_base, settings, strict=True))]
    return fits[0] if fits else None
