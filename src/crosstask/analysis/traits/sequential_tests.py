"""Components tested one after the other, up to the first that is not distinguishable from noise."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crosstask.analysis.statistics.variance_parts import Array
from crosstask.analysis.traits.columns import component_names
from crosstask.analysis.traits.noise_test import NoiseTest
from crosstask.errors import UserError

_WORK = 4e8  # multiplications, about, that the draws for one component may take before there are fewer of them
_ENOUGH = 100  # draws that are never undercut for that reason: spectra of large matrices vary little
_ZERO = 1e-12  # share of the variance below which what is left is rounding

Drawn = Callable[[int, int], Array]
"""Components taken for real, draws -> explained variance ratios of so many matrices of noise, (draws, rank)."""
Statistic = Callable[[Array, int], Array]
"""Ratios (..., rank), components taken for real -> what is compared, (...)."""


def share_of_rest(shares: Array, kept: int) -> Array:
    """Share of the next component in what those before it leave."""
    share: Array = shares[..., kept] / shares[..., kept:].sum(axis=-1)
    return share


def dispersion_then_share(shares: Array, kept: int) -> Array:
    """At first the sum of squared shares, in which any number of components shows; then the share of the rest.

    1 / (sum of squared shares) is the effective number of components: the fewer, the more there is in common.
    """
    return share_of_rest(shares, kept) if kept else np.square(shares).sum(axis=-1)


@dataclass(frozen=True)
class SequentialTests:
    """What every test of components has in common.

    With the statistic t of the k-th component, given those before it, and t* of B matrices of noise ::

        p[k]  =  (1 + #{t*[k] >= t[k]}) / (1 + B)

    which counts the matrix itself as one of the draws and so is never 0 (Phipson and Smyth 2010, "Permutation P-values
    should never be zero", doi:10.2202/1544-6115.1585).

    Parameters
    ----------
    draws : int
        Matrices of noise per component; of large matrices fewer are drawn, for that never fewer than 100 or than the
        level asks for.
    level : float
        A component is retained if its p value is at most this, and those of all before it.

    Raises
    ------
    UserError
        If so few draws cannot give such a p value.
    """

    draws: int
    level: float

    def __post_init__(self) -> None:
        """Refuse too few draws."""
        if self.draws < self._fewest:
            raise UserError(
                f"analysis.traits.noise_draws={self.draws}: at least {self._fewest}, or no p value can reach"
                f" {self.level:g} (analysis.alpha)"
            )

    @property
    def _fewest(self) -> int:
        """Draws with which a p value can be the level."""
        return int(np.ceil(1 / self.level - 1e-9)) - 1

    def __call__(self, values: Array, shares: Array, drawn: Drawn, statistic: Statistic) -> NoiseTest:
        """Test the components of centered values, whose explained variance ratios are known."""
        # An eigendecomposition takes about rows x columns x the smaller of both multiplications.
        draws = min(self.draws, max(_ENOUGH, self._fewest, int(_WORK / (values.size * min(values.shape)))))
        # The null model is drawn first, so that it is the same however many components are tested after it.
        null, rank = drawn(0, draws), len(shares)
        thresholds, p_values, first = np.full(rank, np.nan), np.full(rank, np.nan), np.nan
        for kept in range(rank):
            left = shares[kept:].sum()
            if left <= _ZERO:
                break
            of_noise = np.sort(statistic(null if kept == 0 else drawn(kept, draws), kept))
            observed = statistic(shares, kept)
            # Ascending, so the m-th largest is the m-th from the end; level x 20 = 1 already with the fewest draws.
            limit = of_noise[-int(self.level * (draws + 1) + 1e-9)]
            # Equal but for rounding counts as reached: a sign flip of everything is the matrix itself.
            p_values[kept] = (1 + np.sum(of_noise >= observed * (1 - _ZERO))) / (draws + 1)
            if kept == 0:
                first = float(limit)
            if kept or statistic is share_of_rest:
                thresholds[kept] = left * limit
            if p_values[kept] > self.level:
                break
        names = component_names(rank)
        tests = {"component": names, "explained_variance_ratio": shares, "threshold": thresholds, "p": p_values}
        return NoiseTest(_null_table(null, names), pd.DataFrame(tests), draws, first, self.level)


def explained_variance_ratios(values: Array, count: int) -> Array:
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
    ratios: Array = variances[..., :count] / variances.sum(axis=-1, keepdims=True)
    return ratios


def in_parts(whole: int, most: int) -> Iterator[int]:
    """Numbers of at most so many that add up to the whole."""
    for start in range(0, whole, most):
        yield min(most, whole - start)


def _null_table(shares: Array, names: list[str]) -> pd.DataFrame:
    """Mean and percentiles over draws of the shares and of their running sums."""
    table: dict[str, object] = {"component": names}
    for prefix, values in (("", shares), ("cumulative_", shares.cumsum(axis=1))):
        table[f"{prefix}mean"] = values.mean(axis=0)
        table[f"{prefix}p05"], table[f"{prefix}p95"] = np.percentile(values, [5, 95], axis=0)
    return pd.DataFrame(table)
