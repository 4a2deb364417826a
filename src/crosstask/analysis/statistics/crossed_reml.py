"""Restricted maximum likelihood of two crossed random effects, for any number of values in each cell.

With Z the design of both effects, u[i] ~ N(0, sigma_rows^2), v[t] ~ N(0, sigma_columns^2), e ~ N(0, sigma^2) ::

    y  =  mean + u[row] + v[column] + e,        Lambda  =  diag(sigma_rows / sigma, ..., sigma_columns / sigma, ...)

the deviance that is left after mean and sigma have their best values is ::

    log |M|  +  log a  +  (n - 1) (1 + log(2 pi r^2 / (n - 1))),          M  =  Lambda Z'Z Lambda + I
    a    =  1'1 - 1'Z Lambda M^-1 Lambda Z'1,       r^2  =  y'y - y'Z Lambda M^-1 Lambda Z'y - (1'y - ...)^2 / a

(Bates, Mächler, Bolker and Walker 2015, "Fitting linear mixed-effects models using lme4", doi:10.18637/jss.v067.i01,
equations 38 to 41). Counts and sums of rows and columns are all that it takes of the values. M is an arrow whose block
of the longer side is diagonal, so that only a matrix of the shorter side is factored.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import minimize

from crosstask.analysis.statistics.variance_parts import Array

_STARTS = ((1.0, 1.0), (0.1, 1.0), (1.0, 0.1))
"""From which the search for the ratios of standard deviations begins."""
_LARGEST = 1e3
"""Ratio beyond which the rest is nothing but rounding."""
_SEARCH: dict[str, Any] = {"bounds": [(0, math.asinh(_LARGEST**2))] * 2, "method": "L-BFGS-B", "tol": 1e-12}
_ROUNDING = 1e-13
"""Relative difference of values that is none."""
_NEGLIGIBLE = 1e-6
"""Difference of two deviances that is none."""


@dataclass(frozen=True)
class CrossedVariances:
    """What two crossed random effects and the rest vary by."""

    rows: float
    columns: float
    residual: float
    mean: float
    deviance: float
    """-2 log restricted likelihood."""


def crossed_variances(values: ArrayLike, rows: ArrayLike, columns: ArrayLike) -> CrossedVariances:
    """Variances of rows, columns and the rest, by restricted maximum likelihood.

    Parameters
    ----------
    values : array_like, shape (n,)
        What varies.
    rows, columns : array_like, shape (n,)
        The row and the column of each value, of any type; columns may be nested in rows.

    Returns
    -------
    CrossedVariances
        A variance that is best at 0 is 0. Where all values are the same all are, and the deviance is -inf.

    Examples
    --------
    >>> found = crossed_variances([0, 2, 4, 10, 12, 15], [0, 0, 0, 1, 1, 1], [0, 1, 2, 0, 1, 2])
    >>> round(found.mean, 3), round(found.rows, 2), round(found.columns, 2), round(found.residual, 2)
    (7.167, 53.33, 5.0, 0.17)
    """
    y, layout = np.asarray(values, float), _Layout.of(rows, columns)
    if np.ptp(y) <= _ROUNDING * np.abs(y).max():
        return CrossedVariances(0.0, 0.0, 0.0, float(y.mean()), -math.inf)
    sums = layout.sums(y - y.mean())  # less rounding

    def deviance_of(ratios: Array) -> float:
        return layout.profiled(ratios, sums)[0]

    # On a scale that is that of the variance near 0, where its slope says whether 0 is best, and else its logarithm.
    ends = [minimize(lambda places: deviance_of(np.sqrt(np.sinh(places))), start, **_SEARCH) for start in _STARTS]
    ratios = np.sqrt(np.sinh(min(ends, key=lambda end: float(end.fun)).x))
    for kept in ((0.0, 1.0), (1.0, 0.0), (0.0, 0.0)):
        if deviance_of(ratios * kept) <= deviance_of(ratios) + _NEGLIGIBLE:
            ratios = ratios * kept
    deviance, mean, residual = layout.profiled(ratios, sums)
    of_longer, of_shorter = (ratios**2 * residual).tolist()
    of_rows, of_columns = (of_shorter, of_longer) if layout.swapped else (of_longer, of_shorter)
    return CrossedVariances(of_rows, of_columns, residual, float(y.mean()) + mean, deviance)


@dataclass(frozen=True)
class _Layout:
    """Which values there are of each row and column; the longer side is called rows."""

    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    counts: Array
    """(longer, shorter)."""
    swapped: bool

    @classmethod
    def of(cls, rows: ArrayLike, columns: ArrayLike) -> "_Layout":
        """From the names of rows and columns."""
        sides = [np.unique(np.asarray(names), return_inverse=True)[1] for names in (rows, columns)]
        sizes = [int(side.max()) + 1 for side in sides]
        swapped = sizes[0] < sizes[1]
        longer, shorter = sides[::-1] if swapped else sides
        counts = np.zeros((max(sizes), min(sizes)))
        np.add.at(counts, (longer, shorter), 1)
        return cls(longer, shorter, counts, swapped)

    def sums(self, y: Array) -> tuple[Array, Array, Array]:
        """Of ones and of values: Z' of the rows, Z' of the columns, products; (2, longer), (2, shorter), (2, 2)."""
        both = np.stack([np.ones_like(y), y])
        of_rows, of_columns = (
            np.array([np.bincount(places, of, size) for of in both], float)
            for places, size in zip((self.rows, self.columns), self.counts.shape, strict=True)
        )
        return of_rows, of_columns, both @ both.T

    def profiled(self, ratios: ArrayLike, sums: tuple[Array, Array, Array]) -> tuple[float, float, float]:
        """Deviance, mean and residual variance for ratios of standard deviations of longer and shorter side."""
        of_rows, of_columns, products = sums
        longer, shorter = np.asarray(ratios, float)
        diagonal = longer**2 * self.counts.sum(axis=1) + 1
        across = longer * shorter * self.counts
        inner = shorter**2 * np.diag(self.counts.sum(axis=0)) + np.eye(self.counts.shape[1])
        factor = cho_factor(inner - across.T @ (across / diagonal[:, None]), lower=True)
        scaled = longer * of_rows / diagonal
        left = shorter * of_columns - scaled @ across
        explained = longer * of_rows @ scaled.T + left @ cho_solve(factor, left.T)
        (ones, crossed), (_, squares) = products - explained
        n = float(products[0, 0])
        residual = max(squares - crossed**2 / ones, np.finfo(float).tiny) / (n - 1)
        log_determinant = np.log(diagonal).sum() + 2 * np.log(np.diag(factor[0])).sum()
        deviance = log_determinant + np.log(ones) + (n - 1) * (1 + np.log(2 * np.pi * residual))
        return float(deviance), float(crossed / ones), float(residual)
