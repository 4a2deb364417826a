"""Matrices in which targets have nothing to do with each other, and all else is as in the data.

Rows of one source, such as its seeds, are no independent observations. If noise took them for such, any source that
differs from the others would look like a trait. So rows of a group stay as alike in noise as they are in the data. And
an adapter that came out better altogether is better on all targets at once; what rows have by such accidents
(`RowErrors`) is drawn for all targets together, and only what is left of their variance for each by itself.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from crosstask.analysis.statistics.variance_parts import pooled_df

Array = NDArray[np.float64]
Between = Callable[[Array, int, np.random.Generator], Array]
"""Group means, draws, generator -> as many matrices of the same shape whose columns are independent."""


@dataclass(frozen=True)
class RowErrors:
    """Errors of the rows of each source, with what they have in common between columns."""

    deviations: Array
    """(n_sources, n_deviations, n_columns): products of two columns summed over deviations are the covariance of the
    error of a single row of the source. 0 for a source with one run, whose error is not known."""
    df: Array
    """Degrees of freedom of each source's, (n_sources,); 0 with one run."""

    @property
    def known(self) -> bool:
        """Whether any source has several runs that differ."""
        return bool(self.variances[self.df > 0].any())

    @property
    def variances(self) -> Array:
        """Variance of the error of a row, (n_sources, n_columns)."""
        found: Array = (self.deviations**2).sum(axis=1)
        return found

    def beside(self, loadings: Array) -> "RowErrors":
        """What errors have outside the space of components, of which the orthonormal loadings are given."""
        return replace(self, deviations=self.deviations - (self.deviations @ loadings) @ loadings.T)

    def draw(self, groups: NDArray[np.int_], draws: int, generator: np.random.Generator) -> Array:
        """Normal errors of rows with their covariance, (draws, n_rows, n_columns)."""
        weights = generator.standard_normal((draws, len(groups), self.deviations.shape[1]))
        drawn: Array = np.einsum("nrd,rdc->nrc", weights, self.deviations[groups], optimize=True)
        return drawn

    def scale(self, draws: int, generator: np.random.Generator) -> Array:
        """How much larger errors may be than they were found to be, (draws, 1, 1).

        The square root of the degrees of freedom over a chi-square number with as many: a variance estimated from
        them lies that far from the true one. Degrees of freedom are pooled over sources by Satterthwaite's rule.
        """
        df = float(pooled_df(self.variances.sum(axis=1), self.df))
        scale: Array = np.sqrt(df / generator.chisquare(df, (draws, 1, 1)))
        return scale


def gaussian(means: np.ndarray, draws: int, generator: np.random.Generator) -> np.ndarray:
    """Normal numbers with each column's standard deviation.

    Parameters
    ----------
    means : array, shape (n_groups, n_columns)
        Centred columns.
    draws : int
        Matrices to make.
    generator : Generator
        Source of randomness.

    Returns
    -------
    array, shape (draws, n_groups, n_columns)
    """
    return generator.standard_normal((draws, *means.shape)) * means.std(axis=0, ddof=1)


def permuted(means: np.ndarray, draws: int, generator: np.random.Generator) -> np.ndarray:
    """Each column in an order of its own; parameters and result are those of `gaussian`."""
    return generator.permuted(np.broadcast_to(means, (draws, *means.shape)), axis=1)


def noise_matrices(
    values: np.ndarray,
    groups: np.ndarray,
    errors: RowErrors,
    between: Between,
    draws: int,
    generator: np.random.Generator,
) -> np.ndarray:
    """Draw noise that has the variances of the values, but no more in common between columns than errors have.

    Parameters
    ----------
    values : array, shape (n_rows, n_columns)
        Centred columns.
    groups : array of int, shape (n_rows,)
        Number of each row's group, from 0; all different where each row is a source of its own.
    errors : RowErrors
        What rows have by accident, on the scale of the values.
    between : callable
        `gaussian` or `permuted`: how sources that have nothing by accident differ.
    draws, generator
        As for `gaussian`.

    Returns
    -------
    array, shape (draws, n_rows, n_columns)
    """
    sizes = np.bincount(groups)
    means = _group_means(values, groups, sizes)
    drawn = between(means, draws, generator)
    if not errors.known:
        noise: np.ndarray = drawn[:, groups]
        return noise
    single = errors.draw(groups, draws, generator)
    scale = errors.scale(draws, generator)  # how large errors are is known no better than from so many runs
    by_accident = scale**2 * (errors.variances / sizes[:, None]).mean(axis=0)
    variances = means.var(axis=0, ddof=1)
    left = np.clip(1 - by_accident / np.where(variances > 0, variances, np.inf), 0, None)
    of_groups = _group_means(single, groups, sizes)
    return (drawn * np.sqrt(left) + scale * of_groups)[:, groups] + single - of_groups[:, groups]


def _group_means(values: np.ndarray, groups: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Mean of each group's rows; shape (..., n_groups, n_columns)."""
    shares = (np.arange(len(sizes))[:, None] == groups) / sizes[:, None]
    means: np.ndarray = shares @ values
    return means
