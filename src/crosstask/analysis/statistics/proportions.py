"""Intervals for shares of 0/1 scores, and false discovery rates: formulas that work on whole arrays."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri
from scipy.stats import binom, false_discovery_control

Interval = tuple[NDArray[np.float64], NDArray[np.float64]]
"""Lower and upper limits, of the shape of the input."""


def wilson(share: ArrayLike, n: ArrayLike, alpha: float = 0.05) -> Interval:
    """Score interval of a share (Wilson 1927, "Probable inference, the law of succession, and statistical inference").

    Parameters
    ----------
    share : array_like
        Successes over n, 0 to 1; NaN stays NaN.
    n : array_like
        Trials, > 0; where observations depend on each other their effective number, which need not be whole.
    alpha : float
        1 minus the level.

    Returns
    -------
    low, high : ndarray
        Between 0 and 1; never of width 0.

    Examples
    --------
    >>> low, high = wilson(0.0, 10)
    >>> round(float(low), 3), round(float(high), 3)
    (0.0, 0.278)
    """
    p, n = np.asarray(share, float), np.asarray(n, float)
    z = float(-ndtri(alpha / 2))
    middle = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    return np.clip(middle - half, 0, 1), np.clip(middle + half, 0, 1)


def mcnemar(better: ArrayLike, worse: ArrayLike) -> NDArray[np.float64]:
    """Exact two-sided McNemar test: of the examples on which two models differ, is half won by each?

    Parameters
    ----------
    better, worse : array_like of int
        Examples that only the first, and only the second, answers right.

    Returns
    -------
    ndarray
        Twice the smaller binomial tail, at most 1; 1 where they never differ.

    Examples
    --------
    >>> mcnemar([8, 0], [1, 0]).round(4).tolist()
    [0.0391, 1.0]
    """
    better, worse = np.asarray(better), np.asarray(worse)
    tail = binom.cdf(np.minimum(better, worse), better + worse, 0.5)
    return np.minimum(1, 2 * tail)


def false_discovery_rates(p: ArrayLike) -> NDArray[np.float64]:
    """Benjamini-Hochberg q values: the smallest false discovery rate at which each test is a discovery.

    Parameters
    ----------
    p : array_like
        p values; NaN where nothing was tested.

    Returns
    -------
    ndarray
        q values of the same shape; NaN where p is, and those do not count as tests.
    """
    p = np.asarray(p, float)
    q = np.full(p.shape, np.nan)
    tested = ~np.isnan(p)
    if tested.any():
        q[tested] = false_discovery_control(p[tested])
    return q
