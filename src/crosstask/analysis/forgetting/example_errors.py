"""What the examples of a target do to scores and to the base model's, which share them.

With x[e] the score of an example and b[e] base's, of n ::

    var(x)     =  sum over e of (x[e] - x)^2  /  (n (n - 1)),      var(b) likewise
    cov(x, b)  =  sum over e of (x[e] - x) (b[e] - b)  /  (n (n - 1))

0/1 scores get one example more that only the one answers right and one that only base does, as the intervals of gains
do (Bonett and Price 2012; `PairedExamples.differences`), so that no interval has a width of 0 because no answer
happened to change ::

    x'  =  (sum of x[e] + 1) / (n + 2),      var(x')  =  ((sum of x[e]^2 + 1) / (n + 2) - x'^2)  /  (n + 2)
    cov(x', b')  =  (sum of x[e] b[e] / (n + 2) - x' b')  /  (n + 2)

each times ((n + 2) / n)^2, since what is wanted are the errors of the scores themselves.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crosstask.analysis.matrix.score_means import ScoreMeans
from crosstask.analysis.schema import BASE
from crosstask.analysis.statistics.ratios import RatioPart
from crosstask.analysis.statistics.variance_parts import Array, pooled_df


@dataclass(frozen=True)
class ExampleParts:
    """Variances over examples of scores, their covariance with base's, and base's; arrays of one shape."""

    score: Array
    both: Array
    base: Array
    df: Array

    def summed(self, weights: Array) -> RatioPart:
        """The same of weighted sums over targets, whose examples are independent: the last axis is summed over.

        NaN where anything that has a weight is not known.
        """

        def weighted(part: Array) -> Array:
            found: Array = np.where(weights != 0, weights**2 * part, 0.0)
            return found

        score, both, base = (weighted(part).sum(axis=-1) for part in (self.score, self.both, self.base))
        change = weighted(self.score - 2 * self.both + self.base)
        return RatioPart(score, both, base, pooled_df(change, np.broadcast_to(self.df, change.shape)))

    @property
    def each(self) -> RatioPart:
        """The same, cell by cell."""
        return RatioPart(self.score, self.both, self.base, np.nan_to_num(self.df))


def example_parts(means: ScoreMeans) -> ExampleParts:
    """Return the parts of every cell, arrays (sources, targets), base included; NaN where nothing is known.

    Where single answers are not known, errors of two sources count as independent, which makes intervals too long
    rather than too short.
    """
    base = means.sources.index(BASE)
    own, df = means.errors.own()
    of_base = np.broadcast_to(own[base], own.shape)
    parts = ExampleParts(own.copy(), np.zeros(own.shape), of_base.copy(), df)
    for place, target in enumerate(means.targets):
        scores = means.errors.example_means(target)
        if scores is not None:
            found = paired_parts(scores, scores[base], bool(means.binary[:, place].any()))
            for part, values in zip((parts.score, parts.both, parts.base), found, strict=True):
                part[:, place] = np.where(np.isnan(means.mean[:, place]), np.nan, values)
    return parts


def of_level(variance: Array | float) -> RatioPart:
    """What the rows drawn do to a level c that is taken off score and base alike, through var(c).

    A share r of what is kept moves by x - r b - (1 - r) c, so that var(c) counts by (1 - r)^2: not at all for a model
    that keeps everything. How c goes with scores is left out; models that know nothing answer the commonest label more
    often than others as a rule, which makes the true variance smaller.
    """
    return RatioPart(variance, variance, variance, np.inf)


def paired_parts(scores: NDArray[np.floating], base: NDArray[np.floating], binary: bool) -> tuple[Array, Array, Array]:
    """Variance of the mean of each row, its covariance with base's mean, and base's variance; arrays (rows,).

    Parameters
    ----------
    scores, base : ndarray, shapes (rows, n) and (n,)
        Of the same examples.
    binary : bool
        Whether the answers behind them are right or wrong.
    """
    x, b = np.asarray(scores, float), np.asarray(base, float)
    n = x.shape[1]
    if n < 2:
        return (np.full(len(x), np.nan),) * 3
    more = 1.0 if binary else 0.0
    count = n + 2 * more
    x_mean, b_mean = (x.sum(axis=1) + more) / count, (b.sum() + more) / count
    scale = count / n**2 if binary else 1 / (n - 1)
    score = ((x**2).sum(axis=1) + more) / count - x_mean**2
    both = x @ b / count - x_mean * b_mean
    of_base = ((b**2).sum() + more) / count - b_mean**2
    # Rounding may leave a variance of 0 a little below it.
    return np.maximum(score, 0) * scale, both * scale, np.full(len(x), max(of_base, 0) * scale)
