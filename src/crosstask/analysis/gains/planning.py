"""What it would take to tell a gain from 0: test rows, or seeds."""

import numpy as np
from scipy.special import ndtri

from crosstask.analysis.statistics.variance_parts import Array, VarianceParts

POINTS = 0.03
"""The gain that should be told from 0, as a share of the best score."""
_POWER = 0.8
"""How often it should be."""


def rows_and_seeds(
    parts: VarianceParts, rows: Array, seeds: Array, ceiling: float | Array, alpha: float
) -> tuple[Array, Array]:
    """Test rows, or seeds, with which a gain of 3 points would be told from 0 in 80 % of repetitions.

    With the quantiles z of the normal distribution, the largest standard error that does is ::

        s  =  3 points / (z[1 - alpha / 2] + z[0.8])

    The part of the variance over examples falls with the rows, that between seeds with the seeds; where the other part
    alone is more than s^2 no number of them is enough.

    Parameters
    ----------
    parts : VarianceParts
        Of the gains, (n_sources, n_targets).
    rows, seeds : array of the same shape
        Those that there are.
    ceiling : float or array, shape (n_targets,)
        Score of a perfect model; NaN for scores without one.
    alpha : float
        Level of one test; that of many needs more.

    Returns
    -------
    rows, seeds : array of the same shape
        Whole numbers, those that there are if they suffice; infinite where no number is enough, NaN where it cannot be
        told: seeds with a single one.
    """
    enough = (POINTS * ceiling / (ndtri(1 - alpha / 2) + ndtri(_POWER))) ** 2
    of_seeds = np.nan_to_num(parts.between_seeds)
    several = seeds > 1
    return (
        _wanted(rows, parts.examples, enough - of_seeds),
        np.where(several, _wanted(seeds, of_seeds, enough - parts.examples), np.nan),
    )


def _wanted(count: Array, variance: Array, room: Array) -> Array:
    """How many are wanted for a variance, that of so many, to fit into what room there is."""
    known = ~(np.isnan(count) | np.isnan(variance) | np.isnan(room))
    wanted = np.full(variance.shape, np.nan)
    wanted[known] = np.inf
    enough = known & (room > 0)
    # A hair less: rounding is no reason for one more.
    wanted[enough] = np.maximum(np.ceil((count * variance)[enough] / room[enough] - 1e-9), count[enough])
    return wanted
