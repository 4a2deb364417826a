"""How far the predicted labels of adapter and base are apart, beside what the same distance is without a shift."""

import numpy as np

from crosstask.analysis.matrix.closed_targets import ClosedTarget
from crosstask.analysis.statistics.variance_parts import Array

_AT_ONCE = 20_000_000
"""Numbers of an array that is held at a time."""


def total_variations(target: ClosedTarget, swaps: int, alpha: float, generator: np.random.Generator) -> Array:
    """Total variation distance of the predicted labels, invalid among them, of every run and every mean over seeds ::

        distance  =  1/2 sum over k of |mean over e of (adapter answers e with k) - (base answers e with k)|

    It is above 0 even where nothing shifts, since two models that differ on single examples never have quite the same
    shares. Its null: on each example the answers of adapter and base change places with probability 1/2.

    Parameters
    ----------
    target : ClosedTarget
        What was answered.
    swaps : int
        Draws of the null; examples change places alike for all runs.
    alpha : float
        1 minus the quantile of the null that is returned.
    generator : Generator
        Source of randomness.

    Returns
    -------
    ndarray, shape (lots, 3)
        Distance, mean of its null, its quantile; the seeds of each source, and then, of sources with several, the
        distance of their mean shares.
    """
    labels = np.arange(len(target.predictions))
    lots = []
    for runs in target.tuned:
        answered = (target.predicted[list(runs.places), :, None] == labels).astype(np.float32)
        moved = answered - (target.predicted[runs.base, :, None] == labels)
        lots += [*moved, *([moved.mean(axis=0)] if len(moved) > 1 else [])]
    signs = generator.integers(0, 2, (swaps, target.n)).astype(np.float32) * 2 - 1
    step = max(1, _AT_ONCE // (swaps * len(labels)))
    found = []
    for start in range(0, len(lots), step):
        moved = np.stack(lots[start : start + step]) / target.n
        null = _half_lengths(np.tensordot(signs, moved, (1, 1)))
        # Up to rounding: single precision has seven digits.
        found.append(
            np.stack([_half_lengths(moved.sum(axis=1)), null.mean(axis=0), np.quantile(null, 1 - alpha, axis=0)], 1)
        )
    return np.concatenate(found).astype(float)


def _half_lengths(shares: Array) -> Array:
    """Half the sum of absolute values over the last axis."""
    lengths: Array = np.abs(shares).sum(axis=-1) / 2
    return lengths
