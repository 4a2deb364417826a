"""Variance of means over seeds crossed with examples, and the intervals and tests that follow from it.

Every seed answers the same examples, so a mean varies with the seeds drawn and with the examples drawn: random effects
in a two-way layout without replication, of S seeds and n examples. Its variance over a population of seeds and of
examples is sigma_seeds^2 / S + sigma_examples^2 / n + sigma_interaction^2 / (S n) and is estimated by ::

    max(MS_seeds - MS_interaction, 0) / (S n)  +  MS_examples / (S n)

from the mean squares of the analysis of variance (Searle, Casella and McCulloch 1992, "Variance components",
doi:10.1002/9780470316856), whose expectations are ::

    E MS_seeds        =  n sigma_seeds^2     +  sigma_interaction^2
    E MS_examples     =  S sigma_examples^2  +  sigma_interaction^2
    E MS_interaction  =                         sigma_interaction^2

The interaction is part of both mean squares but of the variance only once, hence it is subtracted from one of them.

With few seeds the first term is hardly known, and an interval by one normal or percentile quantile is far too short.
The two terms are therefore each given the quantile of their own degrees of freedom, and the half-widths are added in
squares, ::

    h^2  =  t(1 - alpha / 2; S - 1)^2 seeds term  +  t(1 - alpha / 2; n - 1)^2 examples term

(Howe 1974, "Approximate confidence limits on the mean of X + Y where X and Y are two tabled independent random
variables"; Graybill and Wang 1980, "Confidence intervals on nonnegative linear combinations of variances"). With one
seed there is no first term: the interval then is for this one adapter. Where targets were asked in several prompts,
drawn from those there could be, a third term is added in the same way. `moderation` says where the quantile of few
seeds is made smaller.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtr, stdtrit

Array = NDArray[np.float64]

_SMALLEST_P = 1e-16
"""p values below this are reported as this."""
_HALVINGS = 40
"""Halvings of the interval in which log p lies: 37 / 2^40, so that p has some 10 digits."""


def _nothing() -> Array:
    """Stands for a part that nothing is said of."""
    return np.empty(0)


@dataclass(frozen=True)
class VarianceParts:
    """The parts of the variance of estimates; arrays of the estimates' shape, NaN for a missing estimate."""

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
    per_answer: Array
    """Variance of one answer over the number of seeds, by which the variance between seeds is compared across targets;
    0 or NaN if unknown."""
    prompts: Array = field(default_factory=_nothing)
    """Variance over the prompts that targets could be asked in, over their number and without the interaction; 0 with
    one prompt, or for these very prompts."""
    prompts_df: Array = field(default_factory=_nothing)
    """Degrees of freedom of ``prompts``; 0 with one prompt."""

    def __post_init__(self) -> None:
        """Have 0 for prompts where nothing is said of them."""
        for name in ("prompts", "prompts_df"):
            if np.shape(getattr(self, name)) != np.shape(self.examples):
                object.__setattr__(self, name, np.zeros(np.shape(self.examples)))

    @property
    def between_seeds(self) -> Array:
        """The first term of the variance, >= 0."""
        return np.maximum(self.seeds - self.interaction, 0)

    @property
    def standard_error(self) -> Array:
        """Square root of the whole variance."""
        return np.sqrt(self.between_seeds + self.examples + self.prompts)

    def interval_and_test(self, estimate: Array, alpha: float) -> dict[str, Array]:
        """Columns ``ci_low`` and ``ci_high`` of level 1 - alpha around estimates, and their ``p`` against 0."""
        half = self.half_width(alpha)
        return {"ci_low": estimate - half, "ci_high": estimate + half, "p": self.p_value(estimate)}

    def half_width(self, alpha: float = 0.05) -> Array:
        """Half the width of intervals of level 1 - alpha, h of the module's docstring."""
        return self._half_width(np.full(np.shape(self.examples), alpha))

    def p_value(self, estimate: ArrayLike) -> Array:
        """Two-sided p values of estimates against 0: the alpha at which the interval just reaches 0.

        h has two quantiles and no inverse in closed form, so p is found by bisection: the solution of ::

            h(p)  =  |estimate|

        in log p, since h falls as alpha grows. Without a part between seeds it is that of Student's test. At least
        1e-16; NaN where the variance is.
        """
        distance = np.abs(np.asarray(estimate, float))
        one_part = ((self.between_seeds == 0) | (self.seeds_df == 0)) & (self.prompts == 0)
        if one_part.all():
            with np.errstate(divide="ignore", invalid="ignore"):
                tail = stdtr(np.maximum(self.examples_df, 1e-9), -distance / np.sqrt(self.examples))
            tail = np.where(self.examples_df > 0, tail, 0)  # as `_squared_quantile`
            found: Array = np.where(distance > 0, np.clip(2 * tail, _SMALLEST_P, 1), 1.0)
            return np.where(np.isnan(distance + self.examples), np.nan, found)
        low, high = np.full(distance.shape, np.log(_SMALLEST_P)), np.zeros(distance.shape)
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            inside = self._half_width(np.exp(middle)) >= distance  # at this alpha the interval holds 0, so p is larger
            low, high = np.where(inside, middle, low), np.where(inside, high, middle)
        # Comparisons with NaN are False and would end at the smallest p.
        return np.where(np.isnan(distance + self.examples), np.nan, np.exp(high))

    def _half_width(self, alpha: Array) -> Array:
        """The same for a level of its own for each estimate."""
        seeds = _squared_quantile(self.seeds_df, alpha) * self.between_seeds
        prompts = _squared_quantile(self.prompts_df, alpha) * self.prompts
        return np.sqrt(seeds + prompts + _squared_quantile(self.examples_df, alpha) * self.examples)


def joined(parts: Sequence[VarianceParts]) -> VarianceParts:
    """Parts of several lots of estimates, one below the other."""
    return VarianceParts(*(np.concatenate([getattr(part, name.name) for part in parts]) for name in fields(parts[0])))


def difference_variance(variance: Array, reference: Array) -> Array:
    """Variance of each mean of a column less a weighted mean of the column, the means being independent.

    With weights w that sum to 1 over the column, of which the mean i itself may have one ::

        var(x_i - sum over k of w_k x_k)  =  v_i (1 - w_i)^2 + sum over k != i of w_k^2 v_k
                                          =  v_i (1 - 2 w_i) + sum over k of w_k^2 v_k

    Parameters
    ----------
    variance : ndarray, shape (sources, targets)
        v; where it is NaN in a row, that row's differences are, and it is taken for 0 in the weighted mean.
    reference : ndarray, same shape
        w.
    """
    return variance * (1 - 2 * reference) + (reference**2 * np.nan_to_num(variance)).sum(axis=0)


def pooled_df(parts: ArrayLike, df: ArrayLike, axis: int = -1) -> Array:
    """Degrees of freedom of a sum of independent variance estimates.

    A sum of estimates v with d degrees of freedom has about the distribution of a chi-square with ::

        (sum of v)^2  /  (sum of v^2 / d)

    degrees of freedom, which has the same mean and variance (Satterthwaite 1946, "An approximate distribution of
    estimates of variance components", doi:10.2307/3002019).

    Parameters
    ----------
    parts, df : array_like
        v and d. Estimates without degrees of freedom do not count.
    axis : int
        The axis that is summed over.

    Returns
    -------
    ndarray
        0 where no estimate has any degrees of freedom.
    """
    parts, df = np.broadcast_arrays(np.asarray(parts, float), np.asarray(df, float))
    squares = np.divide(parts**2, df, out=np.zeros(parts.shape), where=(df > 0) & (parts > 0)).sum(axis=axis)
    return satterthwaite(np.where(df > 0, parts, 0).sum(axis=axis), squares)


def satterthwaite(total: Array, squares: Array) -> Array:
    """The same from both sums: ``total`` of v and ``squares`` of v^2 / d; infinite where all d are."""
    return np.divide(total**2, squares, out=np.where(total > 0, np.inf, 0.0), where=squares > 0)


def _squared_quantile(df: Array, alpha: Array) -> Array:
    """Square of Student's two-sided quantile; 0 without degrees of freedom."""
    if not np.any(df > 0):  # as of one prompt: the quantiles are what takes the time
        return np.zeros(np.broadcast_shapes(np.shape(df), np.shape(alpha)))
    # stdtrit is NaN for df = 0 even where np.where does not choose it; an infinite df gives the normal quantile.
    quantile: Array = np.where(df > 0, stdtrit(np.maximum(df, 1e-9), alpha / 2), 0.0)
    return quantile**2
