"""Which examples a source wins and loses: against base, and one of its seeds against another."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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
    """Yield what is won, and what is lost, by each source over base; of the chosen examples, by their places."""
    if behavior.base is None:
        return
    right = behavior.scores[:, chosen] >= RIGHT
    seeds = seeds_of(behavior)
    for outcome in OUTCOMES:
        stake = np.flatnonzero(right[behavior.base] == (outcome == "lost"))
        changed = right[:, stake] == (outcome == "won")
        shares = np.array([changed[rows].mean(axis=0) for rows in seeds.values()])
        if len(stake) and len(seeds):
            yield Changed(outcome, stake, tuple(seeds), shares)


def placebos(behavior: TargetBehavior, chosen: NDArray[np.intp]) -> Iterator[Changed]:
    """Yield the same of the second seed of a source over its first, one source at a time, of at most ten."""
    right = behavior.scores[:, chosen] >= RIGHT
    several = [(source, rows) for source, rows in seeds_of(behavior).items() if len(rows) > 1]
    for source, (first, second, *_) in several[:PLACEBOS]:
        for outcome in OUTCOMES:
            stake = np.flatnonzero(right[first] == (outcome == "lost"))
            if len(stake):
                changed = right[second, stake] == (outcome == "won")
                yield Changed(outcome, stake, (source,), changed[None].astype(float))
