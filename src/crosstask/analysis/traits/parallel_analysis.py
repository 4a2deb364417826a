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

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd

from crosstask.analysis.traits.columns import component_names
from crosstask.analysis.traits.noise import RowErrors, gaussian, noise_matrices, permuted
from crosstask.analysis.traits.noise_test import LEVEL, NoiseTest
from crosstask.analysis.traits.observations import Observations
from crosstask.analysis.traits.row_errors import row_errors
from crosstask.errors import UserError, require_one_of

Noise = Literal["gaussian", "permutation"]

_FEWEST = 19  # draws with which a p value can be 0.05: 1 / (1 + 19)
_CHUNK = 2_000_000  # numbers in memory at a time
_WORK = 4e8  # multiplications, about, that the draws for one component may take before there are fewer of them
_ENOUGH = 100  # draws that are never undercut for that reason: spectra of large matrices vary little
_ZERO = 1e-12  # share of the variance below which what is left is rounding


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
        Matrices of noise per component, at least 19. Of large matrices fewer are drawn, never fewer than 100 for that.
    seed : int
        Seed of the generator.

    Raises
    ------
    UserError
        If a parameter has another value.

    Examples
    --------
    >>> from crosstask.analysis.traits.preparation import observations
    >>> line = pd.DataFrame({"goat": [1.0, 2, 3, 4, 5], "imdb": [1.1, 2, 3, 4, 5], "pile": [1.0, 2, 3, 4, 5.1]})
    >>> ParallelAnalysis(draws=99)(observations(line)).retained
    1
    """

    noise: Noise = "gaussian"
    draws: int = 2000
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse unknown noise and too few draws."""
        require_one_of("noise", self.noise, get_args(Noise))
        if self.draws < _FEWEST:
            raise UserError(f"draws={self.draws}: at least {_FEWEST}, or no p-value can reach {LEVEL}")

    def __call__(self, data: Observations) -> NoiseTest:
        """Test the components of a matrix, as from `observations`."""
        values = data.standardized
        shares = explained_variance_ratios(values, data.rank)
        # An eigendecomposition takes about rows x columns x the smaller of both multiplications.
        draws = min(self.draws, max(_ENOUGH, int(_WORK / (values.size * min(values.shape)))))
        generator, errors = np.random.default_rng(self.seed), row_errors(data)
        # The null model is drawn first, so that it is the same however many components are tested after it.
        null = self._noise_shares(data, errors, 0, draws, generator)
        thresholds, p_values = np.full((2, data.rank), np.nan)
        for kept in range(data.rank):
            drawn = null if kept == 0 else self._noise_shares(data, errors, kept, draws, generator)
            left = shares[kept:].sum()
            if left <= _ZERO:
                break
            of_rest = np.sort(drawn[:, kept] / drawn[:, kept:].sum(axis=1))
            # Ascending, so the m-th largest is the m-th from the end; level x 20 = 1 already with the fewest draws.
            thresholds[kept] = left * of_rest[-int(LEVEL * (draws + 1))]
            p_values[kept] = (1 + np.sum(of_rest >= shares[kept] / left)) / (draws + 1)
            if p_values[kept] > LEVEL:
                break
        names = component_names(data.rank)
        tests = {"component": names, "explained_variance_ratio": shares, "threshold": thresholds, "p": p_values}
        return NoiseTest(_null_table(null, names), pd.DataFrame(tests), draws)

    def _noise_shares(
        self, data: Observations, errors: RowErrors, kept: int, draws: int, generator: np.random.Generator
    ) -> np.ndarray:
        """Explained variance ratios of the first components plus noise; draws x components."""
        values = data.standardized
        left, singular, right = np.linalg.svd(values, full_matrices=False)
        fitted = (left[:, :kept] * singular[:kept]) @ right[:kept]
        residuals = (values - fitted) * _residual_inflation(data.df, values.shape[1], kept)
        errors = errors.outside(right[:kept].T)  # along the components they are in these already
        between = gaussian if self.noise == "gaussian" else permuted
        at_once = max(1, _CHUNK // (values.size * max(1, errors.deviations.shape[1])))
        shares = []
        for count in _in_parts(draws, at_once):
            noise = noise_matrices(residuals, data.groups, errors, between, count, generator)
            # Treated as the data were: the same gaps are filled, columns are centered and scaled anew.
            shares.append(explained_variance_ratios(data.standardize(fitted + noise), data.rank))
        return np.concatenate(shares)


def explained_variance_ratios(values: np.ndarray, count: int) -> np.ndarray:
    """Shares of the variance, largest first, of centered matrices.

    Of the eigenvalues l of Z' Z, which are those of Z Z' and zeros, l[k] / sum of l.

    Parameters
    ----------
    values : array, shape (..., n_rows, n_columns)
        Centered columns.
    count : int
        Components to return.

    Returns
    -------
    array, shape (..., count)
        Fractions, 0 to 1.
    """
    across = np.swapaxes(values, -1, -2)
    wide = values.shape[-2] < values.shape[-1]
    squares = values @ across if wide else across @ values  # the smaller of the two
    variances = np.linalg.eigvalsh(squares)[..., ::-1].clip(min=0)  # ascending; rounding can leave them below 0
    ratios: np.ndarray = variances[..., :count] / variances.sum(axis=-1, keepdims=True)
    return ratios


def _residual_inflation(df: int, n_columns: int, kept: int) -> float:
    """Factor by which residuals must grow to have the variance of noise: fitted components take some of it.

    Of the df c degrees of freedom of noise in c columns, k components leave (df - k) (c - k), as each takes those of a
    row and a column that the others have not taken (Gollob 1968, "A statistical model which combines features of factor
    analytic and analysis of variance techniques", Psychometrika 33) ::

        factor  =  sqrt(df c / ((df - k) (c - k)))
    """
    left = (df - kept) * (n_columns - kept)
    return float(np.sqrt(df * n_columns / left)) if left else 1.0  # nothing is left to grow


def _in_parts(whole: int, most: int) -> Iterator[int]:
    """Numbers of at most so many that add up to the whole."""
    for start in range(0, whole, most):
        yield min(most, whole - start)


def _null_table(shares: np.ndarray, names: list[str]) -> pd.DataFrame:
    """Mean and percentiles over draws of the shares and of their running sums."""
    table: dict[str, object] = {"component": names}
    for prefix, values in (("", shares), ("cumulative_", shares.cumsum(axis=1))):
        table[f"{prefix}mean"] = values.mean(axis=0)
        table[f"{prefix}p05"], table[f"{prefix}p95"] = np.percentile(values, [5, 95], axis=0)
    return pd.DataFrame(table)
