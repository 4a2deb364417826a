"""Variance between seeds where some cells of a matrix have several seeds and others one.

A cell with one seed shows nothing of what another seed would have scored, but it would vary as well. Were it counted
as exact, an interval would be about neither one adapter nor a population of seeds. So it takes the variance that the
cells with several seeds have, of its own source as far as there are such, see `moderation`. What the deviations of
seeds say of a sum over targets directly, they then say of some of its cells only; with the variance b[t] of the mean of
S[t] seeds on target t, and the correlation r that the effects of a seed have on two targets, the covariance of the
means of a source is taken to be ::

    cov(t, u)  =  r sqrt(b[t] S[t] b[u] S[u]) / max(S[t], S[u]),      var(t)  =  b[t]

as if the seeds of a cell with fewer were among those of the others.
"""

import numpy as np
from numpy.typing import NDArray

from crosstask.analysis.statistics.variance_parts import Array

_FEWEST_CELLS = 8
_FEWEST_SOURCES = 3
"""Cells, and sources with two of them, that must have several seeds: fewer say too little of how much others vary."""


def borrowing_cells(seeds: NDArray[np.int_], trained: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Cells with one seed that take the variance between seeds from those with several.

    Parameters
    ----------
    seeds : ndarray of int, shape (sources, targets)
        Number of seeds of each cell; 0 where never scored.
    trained : ndarray of bool, shape (sources,)
        False for the base model, which no seed makes another.

    Returns
    -------
    ndarray of bool, shape (sources, targets)
        Nowhere true where all cells have one seed or all have several, or fewer than 8 cells, or 3 sources with two of
        them, have several.

    Examples
    --------
    >>> borrowing_cells(np.array([[1, 1, 1], [3, 3, 3], [3, 3, 1], [3, 3, 3]]), np.arange(4) > 0).sum()
    np.int64(1)
    """
    several = (seeds > 1) & trained[:, None]
    enough = several.sum() >= _FEWEST_CELLS and (several.sum(axis=1) > 1).sum() >= _FEWEST_SOURCES
    return (seeds == 1) & trained[:, None] & enough


def correlation_between_targets(deviations: Array, between: Array, per_answer: Array) -> float:
    """Correlation r of what a seed changes on two targets, 0 to 1.

    The products of a seed's deviations on every two targets, over what they would be if it did the same on both; before
    variances are moderated, so that both know the same deviations. Targets are compared relative to the variance of
    one answer. Sources whose seeds are far apart weigh most, since it is their intervals that r decides.

    Parameters
    ----------
    deviations : ndarray, shape (sources, seeds, targets)
        As `ScoreMeans` has them.
    between : ndarray, shape (sources, targets)
        Variance between seeds of each mean, as it was found, which may be below 0; 0 with one seed.
    per_answer : ndarray, same shape
        Variance of one answer; 0 with one seed.

    Examples
    --------
    >>> alike = np.array([[[1.0, 1.0], [-1.0, -1.0]]])
    >>> correlation_between_targets(alike, np.array([[2.0, 2.0]]), np.ones((1, 2)))
    1.0
    """
    several = per_answer > 0
    scale = np.where(several, per_answer, np.inf)
    relative = deviations / np.sqrt(scale)[:, None, :]
    # The square of a sum is the squares of its parts and the products of every two, which is what is wanted.
    products = float((relative.sum(axis=2) ** 2 - (relative**2).sum(axis=2)).sum())
    alike = float(((several.sum(axis=1) - 1) * (between / scale).sum(axis=1)).sum())
    return float(np.clip(products / alike, 0, 1)) if alike > 0 else 0.0


def seed_factor(between: Array, seeds: NDArray[np.int_], correlation: float) -> Array:
    """A factor F of the covariance F F' that its seeds give the means of a source on all targets.

    Parameters
    ----------
    between : ndarray, shape (targets,)
        b: variance between seeds of each mean; 0 where there is none.
    seeds : ndarray of int, shape (targets,)
        S; 0 where never scored.
    correlation : float
        r.

    Returns
    -------
    ndarray, shape (targets, any number)

    Examples
    --------
    >>> factor = seed_factor(np.array([1.0, 3.0]), np.array([3, 1]), 0.5)
    >>> (factor @ factor.T).round(2).tolist()
    [[1.0, 0.5], [0.5, 3.0]]
    """
    share = 1 / np.maximum(seeds, 1)
    # 1 / max(S, S') is the smaller of the shares 1 / S and 1 / S': steps from one share to the next, in which all take
    # part whose own is as large.
    steps, before = np.unique(share), 0.0
    common = []
    for step in steps:
        common.append(np.sqrt(step - before) * (share >= step))
        before = step
    single = np.sqrt(np.nan_to_num(between) / share)  # of one seed
    factor: Array = np.concatenate(
        [
            np.sqrt(correlation) * single[:, None] * np.transpose(common),
            np.diag(np.sqrt((1 - correlation) * np.nan_to_num(between))),
        ],
        axis=1,
    )
    return factor
