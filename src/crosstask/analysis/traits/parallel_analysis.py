"""How many components are distinguishable from noise: parallel analysis, one component after the other.

Classic parallel analysis (Horn 1965, "A rationale and test for the number of factors in factor analysis",
doi:10.1007/BF02289447) compares every eigenvalue with that of a null model. Once a first component is real, that null
is too strict for the next: the first has taken its share of the variance, and what is left to the second must be
compared with what noise makes of the rest (Green et al. 2012, "A proposed solution to the problem with using completely
random data to assess the number of factors with parallel analysis", doi:10.1177/0013164411422252; Vitale et al. 2017,
"Selecting the number of factors in principal component analysis by permutation testing", doi:10.1002/cem.2937; Dobriban
and Owen 2019, "Deterministic parallel analysis", arXiv:1711.04155). Here the k-th component is therefore tested against
matrices made of the first k - 1 components as estimated plus noise with the residual variance of each target, centered
and scaled as the data were, and by a statistic that does not depend on the size of the noise: its share of the variance
that the components before it leave. With the shares s of the explained variance and those s* of one matrix of noise ::

    t[k]         =  s[k]  /  (s[k] + s[k + 1] + ...)                t*[k] likewise
    p[k]         =  (1 + #{t*[k] >= t[k]}) / (1 + draws)
    threshold[k] =  (s[k] + s[k + 1] + ...) times the m-th largest t*[k],    m = floor(level (1 + draws))

so that p[k] <= level exactly where s[k] > threshold[k]. The p value counts the matrix itself as one of the draws and
so is never 0 (Phipson and Smyth 2010, "Permutation P-values should never be zero", doi:10.2202/1544-6115.1585). Testing
ends with the first component that is not distinguishable from noise. ``docs/statistics/traits.md`` compares the rules
by simulation.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal, get_args

import numpy as np

from crosstask.analysis.statistics.variance_parts import Array
from crosstask.analysis.traits.noise import RowErrors, gaussian, noise_matrices, permuted
from crosstask.analysis.traits.noise_test import NoiseTest
from crosstask.analysis.traits.observations import Observations
from crosstask.analysis.traits.row_errors import row_errors
from crosstask.analysis.traits.sequential_tests import (
    SequentialTests,
    Statistic,
    explained_variance_ratios,
    in_parts,
    share_of_rest,
)
from crosstask.errors import require_one_of

Noise = Literal["gaussian", "permutation"]

_CHUNK = 2_000_000  # numbers in memory at a time


@dataclass(frozen=True)
class ParallelAnalysis:
    """Test principal components against a null model.

    Parameters
    ----------
    noise : {"gaussian", "permutation"}
        Gaussian residuals with the standard deviation of each target's, or each target's residuals in random order:
        free of any distribution, but it keeps outliers, such as diagonal cells. In both, rows of one source are as
        similar as in the data, and the errors of rows (`row_errors`) are shared across targets as they are there.
    draws : int
        Matrices of noise per component, as `SequentialTests` has it.
    seed : int
        Seed of the generator.
    level : float
        Of each test.

    Raises
    ------
    UserError
        If a parameter has another value, or so few draws cannot give a p value of the level.

    Examples
    --------
    >>> import pandas as pd
    >>> from crosstask.analysis.traits.preparation import observations
    >>> line = pd.DataFrame({"goat": [1.0, 2, 3, 4, 5], "imdb": [1.1, 2, 3, 4, 5], "pile": [1.0, 2, 3, 4, 5.1]})
    >>> ParallelAnalysis(draws=99)(observations(line)).retained
    1
    """

    noise: Noise = "gaussian"
    draws: int = 2000
    seed: int = 0
    level: float = 0.05

    def __post_init__(self) -> None:
        """Refuse unknown noise and too few draws."""
        require_one_of("noise", self.noise, get_args(Noise))
        SequentialTests(self.draws, self.level)

    def __call__(self, data: Observations) -> NoiseTest:
        """Test the components of a matrix, as from `observations`."""
        return self.tests(data, row_errors(data), (share_of_rest,))[0]

    def tests(self, data: Observations, errors: RowErrors, statistics: Sequence[Statistic]) -> list[NoiseTest]:
        """Test them by each statistic, with the same matrices of noise."""
        generator = np.random.default_rng(self.seed)

        @cache
        def drawn(kept: int, draws: int) -> Array:
            return self._noise_shares(data, errors, kept, draws, generator)

        values, tests = data.standardized, SequentialTests(self.draws, self.level)
        shares = explained_variance_ratios(values, data.rank)
        return [tests(values, shares, drawn, statistic) for statistic in statistics]

    def _noise_shares(
        self, data: Observations, errors: RowErrors, kept: int, draws: int, generator: np.random.Generator
    ) -> Array:
        """Explained variance ratios of the first components plus noise; draws x components."""
        values = data.standardized
        left, singular, right = np.linalg.svd(values, full_matrices=False)
        fitted = (left[:, :kept] * singular[:kept]) @ right[:kept]
        residuals = (values - fitted) * _residual_inflation(data.df, values.shape[1], kept)
        errors = errors.outside(right[:kept].T)  # along the components they are in these already
        between = gaussian if self.noise == "gaussian" else permuted
        at_once = max(1, _CHUNK // (values.size * max(1, errors.deviations.shape[1])))
        shares = []
        for count in in_parts(draws, at_once):
            noise = noise_matrices(residuals, data.groups, errors, between, count, generator)
            # Treated as the data were: the same gaps are filled, columns are centered and scaled anew.
            shares.append(explained_variance_ratios(data.standardize(fitted + noise), data.rank))
        return np.concatenate(shares)


def _residual_inflation(df: int, n_columns: int, kept: int) -> float:
    """Factor by which residuals must grow to have the variance of noise: fitted components take some of it.

    Of the df c degrees of freedom of noise in c columns, k components leave (df - k) (c - k), as each takes those of a
    row and a column that the others have not taken (Gollob 1968, "A statistical model which combines features of factor
    analytic and analysis of variance techniques", Psychometrika 33) ::

        factor  =  sqrt(df c / ((df - k) (c - k)))
    """
    left = (df - kept) * (n_columns - kept)
    return float(np.sqrt(df * n_columns / left)) if left else 1.0  # nothing is left to grow
