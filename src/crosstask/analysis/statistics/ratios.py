"""Intervals of ratios of two estimates that go together, such as what is kept of an ability.

The ratio of two normal estimates has no mean and may have any value where its denominator may be 0, so intervals by the
delta method are wrong there. Fieller's interval has all ratios r that a test of numerator - r denominator = 0 does not
reject,

    (N - r D)^2  <=  sum over parts of  t^2 (var(N) - 2 r cov(N, D) + r^2 var(D)),

each part of the variance (test rows, seeds, prompts) with the quantile t of its own degrees of freedom, as
`variance_parts` does (Fieller 1954, "Some problems in interval estimation",
doi:10.1111/j.2517-6161.1954.tb00159.x). That is a quadratic in r. The interval has two ends only where the denominator
is distinguishable from 0; elsewhere what is not rejected goes to infinity, and there is none.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from crosstask.analysis.statistics.variance_parts import Array


@dataclass(frozen=True)
class RatioPart:
    """One part of the variances of numerators and denominators; arrays of one shape, or numbers."""

    numerator: Array | float
    """Variance of the numerator, >= 0."""
    both: Array | float
    """Covariance of both."""
    denominator: Array | float
    """Variance of the denominator, >= 0."""
    df: Array | float
    """Degrees of freedom, which may be infinite; 0 where there is no such part."""


def ratio_interval(
    numerator: ArrayLike, denominator: ArrayLike, parts: Sequence[RatioPart], alpha: ArrayLike
) -> tuple[Array, Array]:
    """Fieller's interval of a ratio, of level 1 - alpha.

    Parameters
    ----------
    numerator, denominator : array_like
        The estimates.
    parts : sequence of RatioPart
        The parts of their variances, independent of each other.
    alpha : float
        1 minus the level.

    Returns
    -------
    low, high : ndarray
        NaN where the interval has no two ends, because the denominator is not distinguishable from 0.

    Examples
    --------
    >>> low, high = ratio_interval(1.0, 2.0, [RatioPart(0.01, 0.0, 0.01, np.inf)], 0.05)
    >>> round(float(low), 3), round(float(high), 3)
    (0.395, 0.615)
    """
    above, below = np.asarray(numerator, float), np.asarray(denominator, float)
    square, middle, rest = below**2, above * below, above**2  # of square r^2 - 2 middle r + rest <= 0
    for part in parts:
        squared_quantile = quantiles(part.df, alpha) ** 2
        square = square - squared_quantile * part.denominator
        middle = middle - squared_quantile * part.both
        rest = rest - squared_quantile * part.numerator
    with np.errstate(divide="ignore", invalid="ignore"):
        root = np.sqrt(np.maximum(middle**2 - square * rest, 0))  # the ratio itself is inside, so there are solutions
        low, high = (middle - root) / square, (middle + root) / square
    bounded = square > 0
    return np.where(bounded, low, np.nan), np.where(bounded, high, np.nan)


def covariance_by_sum(of_sum: Array, one: Array, other: Array) -> Array:
    """Covariance of two estimates whose variances are known, and that of their sum.

    It is (var(x + y) - var(x) - var(y)) / 2, as far as variances that were estimated each by itself allow: never beyond
    the product of the standard errors. NaN where one of them is.

    Examples
    --------
    >>> covariance_by_sum(np.array([5.0, 0.0, 9.0]), np.ones(3), np.full(3, 4.0))
    array([ 0., -2.,  2.])
    """
    most = np.sqrt(one * other)
    found: Array = np.clip((of_sum - one - other) / 2, -most, most)
    return found


def quantiles(df: ArrayLike, alpha: ArrayLike) -> Array:
    """Student's two-sided quantiles, the normal one where the degrees of freedom are infinite; 0 where they are 0."""
    df = np.asarray(df, float)
    found: Array = np.where(df > 0, -stdtrit(np.maximum(df, 1e-9), np.asarray(alpha, float) / 2), 0.0)
    return found
