"""What was read of targets, kept for the sections of an analysis that come after the one that read it."""

import numpy as np

from crosstask.analysis.matrix.behavior import BehaviorOf, TargetBehavior

MOST = 2**28
"""Bytes that are kept, 256 MiB: 60 targets of 180 runs with 200 rows each take a quarter of it."""


class KeptBehavior:
    """Reads each target once, as far as all that was read fits.

    Every section goes through the targets in the same order. To drop the oldest would then drop each target just before
    it is asked for again, so what was read first stays, and what does not fit is read anew by every section.

    Parameters
    ----------
    read : callable
        Reads a target.
    most : int
        Bytes of arrays that may be kept.
    """

    def __init__(self, read: BehaviorOf, most: int = MOST) -> None:
        self.read = read
        self.left = most
        self.kept: dict[str, TargetBehavior | None] = {}

    def __call__(self, target: str) -> TargetBehavior | None:
        """Return what was done on a target; None where no answers of it are kept."""
        if target in self.kept:
            return self.kept[target]
        found = self.read(target)
        size = 0 if found is None else bytes_of(found)
        if size <= self.left:
            self.kept[target], self.left = found, self.left - size
        return found


def bytes_of(behavior: TargetBehavior) -> int:
    """Return the bytes of its arrays; one that stands in two places counts once, and identifiers by their pointers."""
    values = [*vars(behavior).values(), *behavior.lengths.values(), *behavior.gold_lengths.values()]
    return sum({id(value): value.nbytes for value in values if isinstance(value, np.ndarray)}.values())
