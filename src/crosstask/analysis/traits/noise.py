"""Null model of a matrix: targets have nothing to do with each other, and all else is as in the data.

Rows of one source, such as its seeds, are no independent observations. If noise took them for such, any source that
differs from the others would look like a trait. So rows of a group stay as similar in noise as they are in the data.
And an adapter that came out better altogether is better on all targets at once: such errors of a row, shared across
targets (`RowErrors`), are drawn for all targets together, and only what they leave of the variance for each by itself.
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
    """Errors of the rows of each source, with the covariance that they have between columns."""

    deviations: Array
    """D of each source, (n_sources, n_deviations, n_columns): D' D is the covariance of the error of one of its rows.
    0 for a source with one run, whose error is not known."""
    df: Array
    """Degrees of freedom of each source's, (n_sources,); 0 with one run."""

    @property
    def known(self) -> bool:
        """Whether any source has several runs that differ."""
        return bool(self.variances[self.df > 0].any())

    @property
    def variances(self) -> Array:
        """Variance of the error of a row, the diagonal of D' D, (n_sources, n_columns)."""
        found: Array = (self.deviations**2).sum(axis=1)
        return found

    def outside(self, loadings: Array) -> "RowErrors":
        """What errors have outside the space of components, D (I - V V') with their orthonormal loadings V."""
        return replace(self, deviations=self.deviations - (self.deviations @ loadings) @ loadings.T)

    def draw(self, groups: NDArray[np.int_], draws: int, generator: np.random.Generator) -> Array:
        """Normal errors of rows with their covariance, (draws, n_rows, n_columns).

        Standard normal weights w give a row of a source the error w D, whose covariance is D' D.
        """
        weights = generator.standard_normal((draws, len(groups), self.deviations.shape[1]))
        drawn: Array = np.einsum("nrd,rdc->nrc", weights, self.deviations[groups], optimize=True)
        return drawn

    def scale(self, draws: int, generator: np.random.Generator) -> Array:
        """How much larger true errors may be than those found, (draws, 1, 1).

        A variance estimated with df degrees of freedom is the true one times chi^2(df) / df, so the root of the true
        one over the estimate is drawn as ::

            sqrt(df / chi^2(df))

        with the degrees of freedom of all sources pooled (`pooled_df`, Satterthwaite 1946).
        """
        df = float(pooled_df(self.variances.sum(axis=1), self.df))
        scale: Array = np.sqrt(df / generator.chisquare(df, (draws, 1, 1)))
        return scale


def gaussian(means: Array, draws: int, generator: np.random.Generator) -> Array:
    """Normal numbers with each column's standard deviation.

    Parameters
    ----------
    means : array, shape (n_groups, n_columns)
        Centered columns.
    draws : int
        Matrices to make.
    generator : Generator
        Source of randomness.

    Returns
    -------
    array, shape (draws, n_groups, n_columns)
    """
    return generator.standard_normal((draws, *means.shape)) * means.std(axis=0, ddof=1)  # n - 1: they are centered


def permuted(means: Array, draws: int, generator: np.random.Generator) -> Array:
    """Each column in an order of its own; parameters and result are those of `gaussian`."""
    return generator.permuted(np.broadcast_to(means, (draws, *means.shape)), axis=1)


def noise_matrices(
    values: Array,
    groups: NDArray[np.int_],
    errors: RowErrors,
    between: Between,
    draws: int,
    generator: np.random.Generator,
) -> Array:
    """Draw noise that has the variances of the values, but no more covariance between columns than errors have.

    Row r of group g, which has n[g] rows, gets in each column ::

        noise[r]  =  sqrt(1 - e) between[g]  +  s error[g]  +  (error[r] - error[g])

        e  =  s^2 mean over groups of (var of error / n)  /  variance of the values' group means,  at most 1

    where between is drawn anew for each column with the variance of the values' group means, error[r] is drawn for all
    columns at once (`RowErrors.draw`) with mean error[g] over the group, and s is `RowErrors.scale`. Group means so
    have the variance that they have in the data, whatever s; within groups rows differ as they were found to.

    Parameters
    ----------
    values : array, shape (n_rows, n_columns)
        Centered columns.
    groups : array of int, shape (n_rows,)
        Number of each row's group, from 0; all different where each row is a source of its own.
    errors : RowErrors
        Errors of the rows, on the scale of the values.
    between : callable
        `gaussian` or `permuted`: how sources differ besides these errors.
    draws, generator
        As for `gaussian`.

    Returns
    -------
    array, shape (draws, n_rows, n_columns)
    """
    sizes = np.bincount(groups)
    means = _group_means(values, groups, sizes)
    # The order of the draws is part of every result: between, errors, scale.
    drawn = between(means, draws, generator)
    if not errors.known:
        noise: Array = drawn[:, groups]
        return noise
    single = errors.draw(groups, draws, generator)
    scale = errors.scale(draws, generator)  # how large errors are is known no better than from so many runs
    by_error = scale**2 * (errors.variances / sizes[:, None]).mean(axis=0)
    variances = means.var(axis=0, ddof=1)
    left = np.clip(1 - by_error / np.where(variances > 0, variances, np.inf), 0, None)
    of_groups = _group_means(single, groups, sizes)
    return (drawn * np.sqrt(left) + scale * of_groups)[:, groups] + single - of_groups[:, groups]


def _group_means(values: Array, groups: NDArray[np.int_], sizes: NDArray[np.int_]) -> Array:
    """Mean of each group's rows; shape (..., n_groups, n_columns)."""
    # Sorted by group, its rows follow each other: a matrix of groups x rows would be huge with thousands of sources.
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    in_order = values[..., np.argsort(groups, kind="stable"), :]
    means: Array = np.add.reduceat(in_order, starts, axis=-2) / sizes[:, None]
    return means
