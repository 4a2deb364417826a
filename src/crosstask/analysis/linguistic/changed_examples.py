"""Which examples a source wins and loses: against base, and one of its seeds against another."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crosstask.analysis.matrix.answers import base_of
from crosstask.analysis.matrix.behavior import TargetBehavior
from crosstask.analysis.schema import BASE

RIGHT = 0.5
"""An answer is right that is worth at least so much."""
OUTCOMES = ("won", "lost")
PLACEBOS = 10
"""Most sources of a target of which a seed is compared with another one."""

Source = tuple[str, *tuple[str, ...]]
"""A source with the settings that rows tell apart."""


@dataclass(frozen=True)
class Changed:
    """Of the examples at stake the share of seeds that changed each."""

    outcome: str
    """won or lost."""
    stake: NDArray[np.intp]
    """Places of the examples that can be won, or lost, shape (n,)."""
    sources: tuple[Source, ...]
    shares: NDArray[np.float64]
    """0 to 1, shape (sources, n)."""


def seeds_of(behavior: TargetBehavior) -> dict[Source, list[int]]:
    """Return the rows of each source that was trained, one per seed."""
    found: dict[Source, list[int]] = {}
    for place, (source, _, *settings) in enumerate(behavior.rows):
        if source != BASE:
            found.setdefault((source, *settings), []).append(place)
    return found


def changed_examples(behavior: TargetBehavior, chosen: NDArray[np.intp]) -> Iterator[Changed]:
    """Yield what is won, and what is lost, by each source over base; of the chosen examples, by their places.

    Of several base models each source is held against that of its own settings.
    """
    right = behavior.scores[:, chosen] >= RIGHT
    for base, seeds in _by_base(behavior).items():
        for outcome in OUTCOMES:
            stake = np.flatnonzero(right[base] == (outcome == "lost"))
            changed = right[:, stake] == (outcome == "won")
            shares = np.array([changed[rows].mean(axis=0) for rows in seeds.values()])
            if len(stake):
                yield Changed(outcome, stake, tuple(seeds), shares)


def _by_base(behavior: TargetBehavior) -> dict[int, dict[Source, list[int]]]:
    """Return by the row of each base model the rows of the sources that are held against it."""
    found: dict[int, dict[Source, list[int]]] = {}
    for source, rows in seeds_of(behavior).items():
        base = base_of(behavior.rows[rows[0]], behavior.rows)
        if base is not None:
            found.setdefault(behavior.rows.index(base), {})[source] = rows
    return found


def placebos(behavior: TargetBehavior, chosen: NDArray[np.intp]) -> Iterator[Changed]:
    """Yield, of the examples that one of two seeds of a source has right, which the second has, of at most ten sources.

    Whatever makes examples easy or hard is the same for both, so that no feature tells one from the other.
    """
    right = behavior.scores[:, chosen] >= RIGHT
    for source, first, second in _pairs_of_seeds(behavior):
        stake = np.flatnonzero(right[first] != right[second])
        if len(stake):
            yield Changed("won", stake, (source,), right[second, stake][None].astype(float))


def _pairs_of_seeds(behavior: TargetBehavior) -> list[tuple[Source, int, int]]:
    """Return the first two seeds of sources that have several, of at most ten."""
    several = [(source, rows[0], rows[1]) for source, rows in seeds_of(behavior).items() if len(rows) > 1]
    return several[:PLACEBOS]


def seed_changes(behavior: TargetBehavior, chosen: NDArray[np.intp]) -> Iterator[Changed]:
    """Yield what is won, and lost, by the second seed of a source over its first, one source at a time."""
    right = behavior.scores[:, chosen] >= RIGHT
    for source, first, second in _pairs_of_seeds(behavior):
        for outcome in OUTCOMES:
            stake = np.flatnonzero(right[first] == (outcome == "lost"))
            if len(stake):
                changed = right[second, stake] == (outcome == "won")
                yield Changed(outcome, stake, (source,), changed[None].astype(float))
