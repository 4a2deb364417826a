"""An exact test of a mean: every sign could as well be the other."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from crosstask.analysis.statistics.variance_parts import Array

MOST_EXACT = 20
"""Sources up to which all ways of flipping signs are gone through."""
_RANDOM_FLIPS = 99_999
_TINY = 1e-12


def sign_flips(effects: Array) -> float:
    """Exact two-sided p value of a mean against 0, by flipping the signs of all its parts.

    Of more than 20 parts 99,999 random ways are taken, and their own way besides.

    Examples
    --------
    >>> sign_flips(np.array([1.0, 2.0, 3.0]))
    0.25
    """
    count = len(effects)
    if count <= MOST_EXACT:
        sums = np.zeros(1)
        for effect in effects:
            sums = np.concatenate([sums + effect, sums - effect])
    else:
        sums = np.append(_random_signs(count) @ effects, effects.sum())
    return float((np.abs(sums) >= abs(effects.sum()) - _TINY).mean())


@lru_cache(maxsize=4)
def _random_signs(count: int) -> NDArray[np.int8]:
    """Always the same ways, (ways, parts): drawing them takes longer than all else of a test."""
    signs = np.random.default_rng(0).choice([-1.0, 1.0], (_RANDOM_FLIPS, count)).astype(np.int8)
    signs.flags.writeable = False
    return signs
