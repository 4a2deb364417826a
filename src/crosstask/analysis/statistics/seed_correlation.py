"""How much the seeds of an adapter have in common on two targets, and what that does to the variances between them."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

Array = NDArray[np.float64]

_TERMS = 1000
"""Terms of the series of `covariance_of_logarithms`: 2 % of it are left out for one degree of freedom and r^2 = 1, the
worst case."""


def in_units_of(deviations: Array, scale: Array) -> Array:
    """Deviations of seeds (sources, seeds, targets) over the root of a scale (sources, targets); 0 where that is 0."""
    # In units of what is expected deviations on targets of different metrics and sizes compare. An infinite unit takes
    # cells of which nothing is known out of the correlation.
    return deviations / np.sqrt(np.where(scale > 0, scale, np.inf))[:, None, :]


def squared_correlation(deviations: Array) -> float:
    """Mean squared correlation, between two targets, of the deviations of seeds from their source's mean.

    With P the T x T matrix of sums of products of the deviations and k their degrees of freedom, all sources having
    the same covariance C, normal deviations have ::

        E tr(P^2)  =  k (k + 1) tr(C^2) + k tr(C)^2,      E tr(P)^2  =  k^2 tr(C)^2 + 2 k tr(C^2)

    (Srivastava 2005, "Some tests concerning the covariance matrix in high dimensional data",
    doi:10.14490/jjss.35.251). With Q = tr(P^2) / tr(P)^2 this is solved for q = tr(C^2) / tr(C)^2, which is
    (1 + (T - 1) r^2) / T where all targets have about the same variance ::

        q  =  (k Q - 1) / (k + 1 - 2 Q),      r^2  =  (T q - 1) / (T - 1)

    As a ratio it comes out low for few seeds (0.41 for 0.49 with three of each of five sources, 0.47 with 22 sources).
    Sources with a large variance between seeds weigh most: it is with them that tests could go wrong.

    Parameters
    ----------
    deviations : ndarray, shape (sources, seeds, targets)
        On one scale for all targets; 0 for what is missing.

    Returns
    -------
    float
        0 to 1; 0 for one target, or where nothing deviates. 1 where nothing can be told, as of two seeds of one source:
        alike, targets say the least of each other's variance, and intervals are the wider.

    Examples
    --------
    >>> better_altogether = np.array([[[-1.0, -1.0], [1.0, 1.0]]] * 50)
    >>> round(squared_correlation(better_altogether), 2)
    1.0
    """
    targets = deviations.shape[2]
    flat = deviations.reshape(-1, targets)
    products = flat.T @ flat
    total = float(np.trace(products)) ** 2
    if targets < 2 or total == 0:
        return 0.0
    # Each source loses one degree of freedom to the mean that its seeds deviate from.
    df = max(int(deviations.any(axis=2).sum() - deviations.any(axis=(1, 2)).sum()), 1)
    if df < 2:  # two seeds of one source: of a single deviation any two targets are correlated
        return 1.0
    found = float((products**2).sum()) / total
    shared = (df * found - 1) / (df + 1 - 2 * found)
    return float(np.clip((targets * shared - 1) / (targets - 1), 0, 1))


def covariance_of_logarithms(correlation: float, df: Array) -> Array:
    """Covariance of the logarithms of two variances that have a correlation.

    Two sums of squares of d pairs of normal deviates, of which each pair has the squared correlation r^2, have the
    correlation r^2. In the Laguerre polynomials of order k, whose covariances are r^2k (Kibble 1941, "A two-variate
    gamma type distribution"), the logarithm has the coefficients -1 / k, so that with a = d / 2 ::

        covariance  =  sum over k >= 1 of  r^2k / k^2  *  k! Gamma(a) / Gamma(k + a)

    which is trigamma(a), the variance, for r^2 = 1.
    """
    k = np.arange(1.0, _TERMS + 1)
    sizes, place = np.unique(df, return_inverse=True)
    half = sizes[:, None] / 2
    terms = correlation**k / k**2 * np.exp(gammaln(k + 1) + gammaln(half) - gammaln(k + half))
    covariance: Array = terms.sum(axis=1)[place]
    return covariance
