"""What rows of a matrix have by accident: how far runs of one source are apart on all targets at once."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from crosstask.analysis.statistics.variance_parts import pooled_df
from crosstask.analysis.traits.observations import Observations

Array = NDArray[np.float64]


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


def row_errors(data: Observations) -> RowErrors:
    """Find the errors of the rows that are decomposed, on their scale.

    Where a source has several rows these are its runs, whatever tells them apart: a trait of the source is what they
    share. Where it has one, which is a mean over seeds, they are the seeds.

    Returns
    -------
    RowErrors
        Sources in the order of ``data.groups``.
    """
    values, sizes = data.standardised, np.bincount(data.groups)
    left = 1 - data.effects.count_within / max((sizes - 1).sum(), 1)  # of what rows of a source differ in, by settings
    widened = left**-0.5 if left > 0 else 0.0
    found, df = [], []
    for group, size in enumerate(sizes):
        rows = np.flatnonzero(data.groups == group)
        if size > 1:
            found.append(_deviations(values[rows], of_mean=False) * widened)
            df.append((size - 1) * left)
        else:
            runs = data.runs(int(rows[0]))
            found.append(_deviations(runs, of_mean=True) * ~data.gaps[rows])  # what is filled in is no mean of seeds
            df.append(max(len(runs) - 1.0, 0.0))
    padded = np.zeros((len(sizes), max(map(len, found)), values.shape[1]))
    for place, deviations in enumerate(found):
        padded[place, : len(deviations)] = deviations
    return RowErrors(padded, np.array(df))


def _deviations(runs: Array, of_mean: bool) -> Array:
    """Deviations of runs whose squares add up to the variance of one of them, or of their mean; 0 for missing ones."""
    counts = (~np.isnan(runs)).sum(axis=0)
    means = np.nansum(runs, axis=0) / np.maximum(counts, 1)
    apart = np.nan_to_num(runs - means)
    apart[np.abs(apart) <= 1e-12 * np.abs(means)] = 0  # the mean of equal scores can differ in its last digit
    found: Array = apart / np.sqrt(np.maximum(counts - 1, 1) * (np.maximum(counts, 1) if of_mean else 1))
    return found
