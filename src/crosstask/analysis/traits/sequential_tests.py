"""Components tested one after the other, up to the first that is not distinguishable from noise."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import ClassVar, Generic, TypeVar

import numpy as np
import pandas as pd

from crosstask.analysis.matrix.decomposed import Array, Decomposed, component_names
from crosstask.analysis.traits.noise import RowErrors
from crosstask.analysis.traits.noise_test import NoiseTest
from crosstask.analysis.traits.row_errors import row_errors
from crosstask.errors import UserError, require_one_of

_WORK = 4e8  # multiplications, about, that the draws for one component may take before there are fewer of them
_THIN = 60  # targets up to which what a matrix takes hardly depends on them: effects are fitted to it as well
_ENOUGH = 100  # draws that are never undercut for that reason: spectra of large matrices vary little
_ZERO = 1e-12  # share of the variance below which what is left is rounding
_CHUNK = 2_000_000  # numbers in memory at a time

Data = TypeVar("Data", bound=Decomposed)
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
class SequentialTest(ABC, Generic[Data]):
    """What every test of components has in common; what is decomposed and the null model are said by each kind.

    With the statistic t of the k-th component, given those before it, and t* of B matrices of noise ::

        p[k]  =  (1 + #{t*[k] >= t[k]}) / (1 + B)

    which counts the matrix itself as one of the draws and so is never 0 (Phipson and Smyth 2010, "Permutation P-values
    should never be zero", doi:10.2202/1544-6115.1585).

    Parameters
    ----------
    noise : str
        The null model, one of ``nulls``.
    draws : int
        Matrices of noise per component; of large matrices fewer are drawn, for that never fewer than 100 or than the
        level asks for.
    seed : int
        Seed of the generator.
    level : float
        A component is retained if its p value is at most this, and those of all before it.
    most : int or None
        Components that are tested, at most.

    Raises
    ------
    UserError
        If there is no such null model, or so few draws cannot give a p value of the level.
    """

    nulls: ClassVar[tuple[str, ...]]
    """Every null model that there is."""
    statistic: ClassVar[Statistic]
    """What is compared unless another is asked for."""
    noise: str = "gaussian"
    draws: int = 2000
    seed: int = 0
    level: float = 0.05
    most: int | None = None

    def __post_init__(self) -> None:
        """Refuse unknown noise and too few draws."""
        require_one_of("noise", self.noise, self.nulls)
        if self.draws < self._fewest:
            raise UserError(
                f"analysis.traits.noise_draws={self.draws}: at least {self._fewest}, or no p value can reach"
                f" {self.level:g} (analysis.alpha)"
            )

    @property
    def _fewest(self) -> int:
        """Draws with which a p value can be the level."""
        return int(np.ceil(1 / self.level - 1e-9)) - 1

    def __call__(self, data: Data) -> NoiseTest:
        """Test the components of a matrix."""
        return self.tests(data, row_errors(data), (type(self).statistic,))[0]

    def tests(self, data: Data, errors: RowErrors, statistics: Sequence[Statistic]) -> list[NoiseTest]:
        """Test them by each statistic, with the same matrices of noise; ``errors``: those of the data's rows."""
        generator, values = np.random.default_rng(self.seed), data.standardized
        # An eigendecomposition takes about rows x columns x the smaller of both multiplications.
        work = values.size * max(_THIN, min(values.shape))
        draws = min(self.draws, max(_ENOUGH, self._fewest, int(_WORK / work)))

        @cache
        def drawn(kept: int) -> Array:
            return self._noise_shares(data, errors, kept, draws, generator)

        shares = explained_variance_ratios(values, data.rank)
        return [self._test(shares, drawn, draws, statistic) for statistic in statistics]

    def _test(self, shares: Array, drawn: Callable[[int], Array], draws: int, statistic: Statistic) -> NoiseTest:
        """Test component after component by one statistic; ``drawn``: shares of noise after so many components."""
        # The null model is drawn first, so that it is the same however many components are tested after it.
        null, rank = drawn(0), len(shares)
        thresholds, p_values, first = np.full(rank, np.nan), np.full(rank, np.nan), np.nan
        for kept in range(rank)[: self.most]:
            left = shares[kept:].sum()
            if left <= _ZERO:
                break
            of_noise = np.sort(statistic(drawn(kept), kept))
            # Ascending, so the m-th largest is the m-th from the end; level x 20 = 1 already with the fewest draws.
            limit = of_noise[-int(self.level * (draws + 1) + 1e-9)]
            # Equal but for rounding counts as reached: a sign flip of everything is the matrix itself.
            p_values[kept] = (1 + np.sum(of_noise >= statistic(shares, kept) * (1 - _ZERO))) / (draws + 1)
            if kept == 0:
                first = float(limit)
            if kept or statistic is share_of_rest:
                thresholds[kept] = left * limit
            if p_values[kept] > self.level:
                break
        names = component_names(rank)
        tests = {"component": names, "explained_variance_ratio": shares, "threshold": thresholds, "p": p_values}
        return NoiseTest(_null_table(null, names), pd.DataFrame(tests), draws, first, self.level)

    def _noise_shares(
        self, data: Data, errors: RowErrors, kept: int, draws: int, generator: np.random.Generator
    ) -> Array:
        """Explained variance ratios of the first components plus noise; draws x components."""
        values = data.standardized
        left, singular, right = np.linalg.svd(values, full_matrices=False)
        fitted = (left[:, :kept] * singular[:kept]) @ right[:kept]
        outside = errors.outside(right[:kept].T)  # along the components they are in these already
        shares = []
        for count in _in_parts(draws, max(1, _CHUNK // (values.size * max(1, errors.deviations.shape[1])))):
            noise = self.noise_matrices(data, fitted, kept, outside, count, generator)
            shares.append(explained_variance_ratios(noise, data.rank))
        return np.concatenate(shares)

    @abstractmethod
    def noise_matrices(
        self, data: Data, fitted: Array, kept: int, errors: RowErrors, draws: int, generator: np.random.Generator
    ) -> Array:
        """So many components as fitted, and noise in the place of the rest, treated as the data were.

        Shape (draws, n_rows, n_targets).
        """


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


def _in_parts(whole: int, most: int) -> Iterator[int]:
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
