"""Means over seeds crossed with examples: what their variance is made of, and intervals from it.

Every seed answers the same examples, so a mean varies with the seeds drawn and with the examples drawn (random effects
in a two-way layout without replication). Its variance, that of a population of seeds and of examples, is estimated by

    max(MS_seeds - MS_interaction, 0) / (S n)  +  MS_examples / (S n),

the mean squares of the analysis of variance (Searle, Casella and McCulloch 1992, "Variance components"). With few seeds
the first term is hardly known, and a normal or percentile interval far too short. The two terms are therefore each
given the quantile of their own degrees of freedom and the half-widths added in squares,

    h^2 = t(S - 1)^2 seeds  +  t(n - 1)^2 examples

(Howe 1974, "Approximate confidence limits on the mean of X + Y where X and Y are two tabled independent random
variables"; Graybill and Wang 1980 for variance components). With one seed there is no first term: the interval then is
for this one adapter. `moderation` says where the quantile of few seeds is made smaller.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

Array = NDArray[np.float64]


@dataclass(frozen=True)
class VarianceParts:
    """What the variance of estimates is made of; arrays of the estimates' shape, NaN for a missing estimate."""

    seeds: Array
    """MS_seeds / (S n): variance of the seeds' means over their number; 0 with one seed."""
    interaction: Array
    """MS_interaction / (S n): the share of ``seeds`` that is no effect of a seed; 0 with one seed or where unknown."""
    examples: Array
    """MS_examples / (S n): variance of the examples' means over their number."""
    seeds_df: Array
    """Degrees of freedom of ``seeds``; 0 with one seed."""
    examples_df: Array
    """Degrees of freedom of ``examples``; infinite where only a standard error is known."""

    @property
    def between_seeds(self) -> Array:
        """The first term of the variance, >= 0."""
        return np.maximum(self.seeds - self.interaction, 0)

    @property
    def standard_error(self) -> Array:
        """Square root of the whole variance."""
        return np.sqrt(self.between_seeds + self.examples)

    def half_width(self, alpha: float = 0.05) -> Array:
        """Half the width of intervals of level 1 - alpha."""
        return self._half_width(np.full(np.shape(self.examples), alpha))

    def p_value(self, estimate: ArrayLike) -> Array:
        """Two-sided p values of estimates against 0: the alpha at which the interval just reaches 0.

        Found by bisection on log alpha, down to 1e-16; NaN where the variance is.
        """
        distance = np.abs(np.asarray(estimate, float))
        low, high = np.full(distance.shape, np.log(1e-16)), np.zeros(distance.shape)
        for _ in range(40):
            middle = (low + high) / 2
            inside = self._half_width(np.exp(middle)) >= distance  # at this alpha 0 is within the interval
            low, high = np.where(inside, middle, low), np.where(inside, high, middle)
        return np.where(np.isnan(distance + self.examples), np.nan, np.exp(high))

    def _half_width(self, alpha: Array) -> Array:
        """The same for a level of its own for each estimate."""
        seeds = _squared_quantile(self.seeds_df, alpha) * self.between_seeds
        return np.sqrt(seeds + _squared_quantile(self.examples_df, alpha) * self.examples)


def pooled_df(parts: ArrayLike, df: ArrayLike, axis: int = -1) -> Array:
    """Degrees of freedom of a sum of independent variance estimates (Satterthwaite 1946).

    Parts without degrees of freedom do not count; 0 where there are none.
    """
    parts, df = np.broadcast_arrays(np.asarray(parts, float), np.asarray(df, float))
    squares = np.divide(parts**2, df, out=np.zeros(parts.shape), where=(df > 0) & (parts > 0)).sum(axis=axis)
    return satterthwaite(np.where(df > 0, parts, 0).sum(axis=axis), squares)


def satterthwaite(total: Array, squares: Array) -> Array:
    """The same from the sum of the estimates and the sum of their squares over their degrees of freedom."""
    return np.divide(total**2, squares, out=np.where(total > 0, np.inf, 0.0), where=squares > 0)


def _squared_quantile(df: Array, alpha: Array) -> Array:
    """Square of Student's two-sided quantile; 0 without degrees of freedom."""
    quantile: Array = np.where(df > 0, stdtrit(np.maximum(df, 1e-9), alpha / 2), 0.0)
    return quantile**2
