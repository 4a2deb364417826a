"""Means from a table of scores: the examples enter by the standard error of each score, if it is known.

Sources cannot be compared example by example, so errors of two sources are taken to be independent. They share their
examples, which makes their errors positively correlated as a rule, hence an interval of a difference from here is too
long rather than too short.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crosstask.analysis.matrix.last_decimal import half_unit
from crosstask.analysis.matrix.score_means import ScoreMeans
from crosstask.analysis.statistics.variance_parts import Array, difference_variance, satterthwaite
from crosstask.analysis.statistics.weighted_sums import WeightedSums

_TOLERANCE = 0.02
"""Relative difference up to which two variances count as the same: standard errors are published with few digits."""


@dataclass(frozen=True)
class StandardErrors:
    """The examples behind a matrix of means, where only errors of scores are known.

    Parameters
    ----------
    variance : ndarray, shape (sources, targets)
        Variance of each mean over its examples; 0 where it is not known but several seeds are, NaN where nothing is.
    df : ndarray, same shape
        Its degrees of freedom; infinite where n is not known.
    known : ndarray of bool, same shape
        Whether an error over examples is known.
    mean : ndarray, same shape
        The means.
    middle : ndarray, same shape
        The same, but those of 0/1 scores with one example more that is right and one that is wrong; see
        `means_of_table`.
    """

    variance: Array
    df: Array
    known: NDArray[np.bool_]
    mean: Array
    middle: Array

    def run_scores(self, target: str) -> None:
        """Never known."""

    def example_means(self, target: str) -> None:
        """Never known."""

    def own(self) -> tuple[Array, Array]:
        """Variance of each mean over its examples, and its degrees of freedom."""
        return self.variance, self.df

    def per_answer(self) -> Array:
        """Variance of one answer: n times that of the mean; where n or the error is unknown, the median of the others.

        The same number everywhere if none is known, which makes the variances between seeds comparable as they are.
        """
        counted = self.known & np.isfinite(self.df)
        found = np.where(counted, self.variance * np.where(counted, self.df + 1, 1), np.nan)
        usual = np.nanmedian(found) if np.isfinite(found).any() else 1.0
        return np.where(np.isnan(found), usual, found)

    def differences(self, reference: Array) -> tuple[Array, Array, Array]:
        """As `ExampleErrors` has it, the errors of two sources being independent: `difference_variance`.

        The degrees of freedom are those of the source alone, fewer than those of the difference would be. Where the
        reference has no error, only sources that have none either, but several seeds, are compared with it.
        """
        middle = self.middle - (reference * np.nan_to_num(self.middle)).sum(axis=0)
        variance = difference_variance(self.variance, reference)
        # An unknown error of the reference counts as 0: beside known errors that would make the variance too small.
        unknown = ((reference > 0) & ~self.known).any(axis=0)
        comparable = reference.any(axis=0) & ~(unknown & self.known)
        return middle, np.where(comparable, variance, np.nan), self.df

    def unvaried(self, reference: Array) -> NDArray[np.bool_]:
        """Never known: differences are not seen example by example, and errors of scores are never 0 for that."""
        return np.zeros(reference.shape, bool)

    def sums(self, sums: WeightedSums) -> tuple[Array, Array]:
        """Variance of weighted sums of independent means; NaN where one of them has none.

        With weights c, variances v and degrees of freedom d of the means ::

            variance            =  sum of c^2 v
            degrees of freedom  =  (sum of c^2 v)^2  /  sum of c^4 v^2 / d

        by `satterthwaite`.
        """
        counted = self.df > 0
        squares = np.divide(self.variance**2, self.df, out=np.zeros(self.df.shape), where=counted)
        variance = sums.powers(self.variance, 2)
        of_counted = variance if counted.all() else sums.powers(np.where(counted, self.variance, 0), 2)
        return variance, satterthwaite(of_counted, sums.powers(squares, 4))

    def draws(self, count: int, generator: np.random.Generator) -> NDArray[np.float32]:
        """Replicates of the means: normal, with the errors over examples."""
        noise = generator.standard_normal((count, *self.mean.shape), dtype=np.float32)
        return self.mean.astype(np.float32) + noise * np.sqrt(np.nan_to_num(self.variance)).astype(np.float32)


def means_of_table(scores: pd.DataFrame, matrix: pd.DataFrame, ceiling: float | Array) -> ScoreMeans:
    """Mean scores from a table.

    Where ``stderr`` is not given but n is, it is that of an accuracy, which is the largest that scores s between 0 and
    the ceiling can have. 0/1 scores get one example more that is right and one that is wrong, s' of n + 2, so that a
    score of 0 or 1 has an error as well ::

        stderr^2  =  s (1 - s) / n,      s'  =  (s n + 1) / (n + 2),      stderr'^2  =  s' (1 - s') / (n + 2)

    (Agresti and Caffo 2000, "Simple and effective confidence intervals for proportions and differences of proportions
    result from adding two successes and two failures", doi:10.1080/00031305.2000.10474560).

    Parameters
    ----------
    scores : DataFrame
        Columns ``SCORES``.
    matrix : DataFrame, shape (n_sources, n_targets)
        As from `transfer_matrix`: the order of rows and columns.
    ceiling : float or ndarray, shape (n_targets,)
        Score of a perfect model, 1 or 100; NaN for scores without one.

    Of a single example no error is known, whatever the table says.

    Returns
    -------
    ScoreMeans
        In the unit of the scores; cells without a score are NaN.
    """
    grid = _by_seed(scores, matrix, ["score", "stderr", "n"])
    score, count = grid["score"], (~np.isnan(grid["score"])).sum(axis=1)
    variance, binary, middle = _errors_of_scores(score, grid["stderr"], grid["n"], ceiling)
    # The seeds share their examples, so the variance over examples of their mean is not smaller by their number, but
    # at most the mean of theirs.
    mean, of_examples, size = _mean(score), _mean(variance), _mean(grid["n"])
    scale = np.sqrt(np.maximum(count * (count - 1), 1))[:, None, :]
    errors = StandardErrors(
        variance=np.where(np.isnan(of_examples) & (count > 1), 0.0, of_examples),
        df=np.where(np.isnan(size), np.inf, size - 1),
        known=~np.isnan(of_examples),
        mean=mean,
        middle=_mean(middle),
    )
    return ScoreMeans(
        sources=tuple(map(str, matrix.index)),
        targets=tuple(map(str, matrix.columns)),
        mean=mean,
        seeds=count,
        n=size,
        binary=(binary | np.isnan(score)).all(axis=1) & (count > 0),
        deviations=np.nan_to_num((score - mean[:, None, :]) / scale),
        interaction=np.zeros(mean.shape),  # takes single answers to tell it from the effect of the seeds
        errors=errors,
        rounding=_rounding(score) / np.maximum(count, 1),
    )


def _rounding(score: Array) -> Array:
    """Variance of what rounding takes from the scores of each target, (targets,): u^2 / 12, u a unit of their last
    decimal.
    """
    columns = (of_target[~np.isnan(of_target)] for of_target in np.moveaxis(score, 2, 0))
    return np.array([(2 * half_unit(of_target)) ** 2 / 12 for of_target in columns])


def known_errors(scores: pd.DataFrame, ceiling: float | Array) -> Array:
    """Standard error of each score: as the table gives it, else the one that `means_of_table` takes from n.

    Parameters
    ----------
    scores : DataFrame
        Columns ``SCORES``.
    ceiling : float or ndarray, shape (n_scores,)
        Score of a perfect model; NaN for scores without one, of which n says nothing.

    Returns
    -------
    ndarray, shape (n_scores,)
        In the unit of the scores; NaN where nothing is known, as of a single example.

    Examples
    --------
    >>> scores = pd.DataFrame({"score": [0.5, 0.5, 0.5], "stderr": [0.1, np.nan, np.nan], "n": [99, 398, None]})
    >>> known_errors(scores, 1.0).tolist()
    [0.1, 0.025, nan]
    """
    score, stderr, n = (scores[name].astype(float).to_numpy() for name in ("score", "stderr", "n"))
    from_n = np.sqrt(_errors_of_scores(score, np.full(score.shape, np.nan), n, ceiling)[0])
    return np.where(n == 1, np.nan, np.where(np.isnan(stderr), from_n, stderr))


def _errors_of_scores(
    score: Array, stderr: Array, n: Array, ceiling: float | Array
) -> tuple[Array, NDArray[np.bool_], Array]:
    """Variance of each score, whether it is a share of 0/1 scores, and the score or s' if it is."""
    given, of_share = stderr**2, _variance_of_share(score / ceiling, n) * ceiling**2
    variance = np.where(np.isnan(given), of_share, given)
    # Scores whose standard error is that of a share were 0/1: over n as here, or over n - 1 as a sample's variance.
    binary = np.isclose(variance, of_share, _TOLERANCE) | np.isclose(variance * (1 - 1 / n), of_share, _TOLERANCE)
    added = (score / ceiling * n + 1) / (n + 2)
    variance = np.where(binary, _variance_of_share(added, n + 2) * ceiling**2, variance)
    alone = n == 1
    binary = binary & ~alone
    return np.where(alone, np.nan, variance), binary, np.where(binary, added * ceiling, score)


def _variance_of_share(share: Array, n: Array) -> Array:
    """Variance of a share of n: s (1 - s) / n; NaN where n is not known."""
    # Clipped, since scores above the ceiling, or below 0, would have a negative one.
    return np.clip(share * (1 - share), 0, None) / n


def _by_seed(scores: pd.DataFrame, matrix: pd.DataFrame, names: list[str]) -> dict[str, Array]:
    """Columns of the table as arrays (sources, seeds, targets); the seeds of a source in order, NaN for none."""
    # A seed has the same place on every target: its rank among all seeds of its source. The base model has no seed.
    seed = scores["seed"].astype("Float64").fillna(-1)
    place = seed.groupby(scores["source"]).rank(method="dense").astype(int) - 1
    at = matrix.index.get_indexer(scores["source"]), place.to_numpy(), matrix.columns.get_indexer(scores["target"])
    arrays = {}
    for name in names:
        arrays[name] = np.full((len(matrix), int(place.max()) + 1, matrix.shape[1]), np.nan)
        arrays[name][at] = scores[name].astype(float).to_numpy()
    return arrays


def _mean(values: Array) -> Array:
    """Mean over seeds of those that are known."""
    present = ~np.isnan(values)
    total = np.where(present, values, 0.0).sum(axis=1)
    mean: Array = np.divide(total, present.sum(axis=1), out=np.full(total.shape, np.nan), where=present.any(axis=1))
    return mean
