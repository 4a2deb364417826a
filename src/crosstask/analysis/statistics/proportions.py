"""Intervals and tests for shares of 0/1 scores: formulas that work on whole arrays."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri
from scipy.stats import binom

Interval = tuple[NDArray[np.float64], NDArray[np.float64]]
"""Lower and upper limits, of the shape of the input."""


def wilson(share: ArrayLike, n: ArrayLike, alpha: float = 0.05) -> Interval:
    """Score interval of a share p of n.

    The values of the true share that a score test does not reject, with z the normal quantile of 1 - alpha / 2 ::

        (p + z^2 / (2 n)  +-  z sqrt(p (1 - p) / n + z^2 / (4 n^2)))  /  (1 + z^2 / n)

    (Wilson 1927, "Probable inference, the law of succession, and statistical inference",
    doi:10.1080/01621459.1927.10502953).

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
    # The limits lie within 0 and 1 by algebra; at shares of 0 and 1 rounding can carry them 1e-17 beyond.
    return np.clip(middle - half, 0, 1), np.clip(middle + half, 0, 1)


def mcnemar(better: ArrayLike, worse: ArrayLike) -> NDArray[np.float64]:
    """Exact two-sided McNemar test: of the examples on which two models differ, does each win half?

    With b and c examples that only the one and only the other answers right ::

        p  =  min(1, 2 P(X <= min(b, c))),      X ~ Binomial(b + c, 1/2)

    (McNemar 1947, "Note on the sampling error of the difference between correlated proportions or percentages",
    doi:10.1007/BF02295996). Examples on which both agree say nothing of the difference and do not enter.

    Parameters
    ----------
    better, worse : array_like of int
        Examples that only the first, and only the second, answers right.

    Returns
    -------
    ndarray
        p values; 1 where the two never differ.

    Examples
    --------
    >>> mcnemar([8, 0], [1, 0]).round(4).tolist()
    [0.0391, 1.0]
    """
    better, worse = np.asarray(better), np.asarray(worse)
    tail = binom.cdf(np.minimum(better, worse), better + worse, 0.5)
    # With b = c both tails hold the middle of the distribution, and twice one of them is more than 1.
    return np.minimum(1, 2 * tail)
