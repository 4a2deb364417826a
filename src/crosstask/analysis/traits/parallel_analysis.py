"""How many components are more than noise: parallel analysis, one component after the other.

Classic parallel analysis (Horn 1965) compares every eigenvalue with that of pure noise. Once a first component is
real, that null is too strict for the next: the first has taken its share of the variance, and what is left to the
second must be compared with what noise makes of the rest (Green et al. 2012, Vitale et al. 2017, Dobriban & Owen
2019). Here the k-th component is therefore tested against matrices made of the first k - 1 components as estimated
plus noise with the residual variance of each target, centered and scaled as the data were, and by a statistic that
does not depend on the size of the noise: its share of the variance that the components before it leave. Testing ends
with the first component that is not distinguishable from noise. ``docs/statistics/traits.md`` compares the rules by
simulation.
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

_FEWEST = 19  # draws with which a p-value can be 0.05
_CHUNK = 2_000_000  # numbers in memory at a time
_WORK = 4e8  # multiplications, about, that the draws for one component may take before there are fewer of them
_ENOUGH = 100  # draws that are never undercut for that reason: spectra of large matrices vary little


@dataclass(frozen=True)
class ParallelAnalysis:
    """Test principal components against noise.

    Parameters
    ----------
    noise : {"gaussian", "permutation"}
        Gaussian residuals with the standard deviation of each target's, or each target's residuals in random order:
        free of any distribution, but it keeps outliers, such as home cells. In both, rows of one source are as alike
        as in the data, and what rows have by accident (`row_errors`) is common to targets as it is there.
    draws : int
        Noise matrices per component, at least 19. Of large matrices fewer are drawn, never fewer than 100 for that.
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
        draws = min(self.draws, max(_ENOUGH, int(_WORK / (values.size * min(values.shape)))))
        generator, errors = np.random.default_rng(self.seed), row_errors(data)
        null = self._noise_shares(data, errors, 0, draws, generator)
        thresholds, p_values = np.full((2, data.rank), np.nan)
        for kept in range(data.rank):
            drawn = null if kept == 0 else self._noise_shares(data, errors, kept, draws, generator)
            left = shares[kept:].sum()
            if left <= 1e-12:  # nothing but rounding
                break
            of_rest = np.sort(drawn[:, kept] / drawn[:, kept:].sum(axis=1))
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
        residuals = (values - fitted) * _lost_by_fitting(data.df, values.shape[1], kept)
        errors = errors.beside(right[:kept].T)  # along the components they are in these already
        between = gaussian if self.noise == "gaussian" else permuted
        at_once = max(1, _CHUNK // (values.size * max(1, errors.deviations.shape[1])))
        shares = []
        for count in _in_parts(draws, at_once):
            noise = noise_matrices(residuals, data.groups, errors, between, count, generator)
            shares.append(explained_variance_ratios(data.standardize(fitted + noise), data.rank))
        return np.concatenate(shares)


def explained_variance_ratios(values: np.ndarray, count: int) -> np.ndarray:
    """Shares of the variance, largest first, of centered matrices.

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
    squares = values @ across if wide else across @ values  # the smaller of the two has the same eigenvalues
    variances = np.linalg.eigvalsh(squares)[..., ::-1].clip(min=0)
    ratios: np.ndarray = variances[..., :count] / variances.sum(axis=-1, keepdims=True)
    return ratios


def _lost_by_fitting(df: int, n_columns: int, kept: int) -> float:
    """Factor by which the fitted components shrink residuals, by their degrees of freedom."""
    left = (df - kept) * (n_columns - kept)
    return float(np.sqrt(df * n_columns / left)) if left else 1.0


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
