"""How many components are distinguishable from noise: every null model that they must exceed.

Those of scores are tested by `ParallelAnalysis`, those of residuals by `ResidualTest`.

The matrix is compared with noise in the place of its residuals, which is treated as the gains were: the components
that count as real are added, donors and recipients are fitted and taken off again, rows and columns are brought to one
spread again, and the cells that take no part are the same. First by the sum of the squared shares of all components, in
which any number of them shows; then, component after component, by the share of the largest in what is left. Every null
of `CELL_NOISE` must be exceeded.

The order of the tests is that of parallel analysis (Horn 1965; Dobriban and Owen 2019, arXiv:1711.04155), see
`ParallelAnalysis`. ``docs/statistics/traits.md`` gives its rates in simulations.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import get_args

import numpy as np

from crosstask.analysis.statistics.variance_parts import Array
from crosstask.analysis.traits.cell_noise import CELL_NOISE
from crosstask.analysis.traits.noise import RowErrors, noise_matrices
from crosstask.analysis.traits.noise_test import NoiseTest
from crosstask.analysis.traits.observations import Observations
from crosstask.analysis.traits.parallel_analysis import Noise, ParallelAnalysis
from crosstask.analysis.traits.residuals import Residuals
from crosstask.analysis.traits.row_errors import row_errors
from crosstask.analysis.traits.sequential_tests import (
    SequentialTests,
    Statistic,
    dispersion_then_share,
    explained_variance_ratios,
    in_parts,
    share_of_rest,
)
from crosstask.errors import require_one_of

_CHUNK = 2_000_000  # numbers in memory at a time


@dataclass(frozen=True)
class ResidualTest:
    """Test components of residuals against a null model.

    Parameters
    ----------
    noise : {"gaussian", "permutation", "sign_flip"}
        What stands in the place of residuals. Errors that the seeds of a source share over targets are in it.
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
    """

    noise: str
    draws: int = 2000
    seed: int = 0
    level: float = 0.05

    def __post_init__(self) -> None:
        """Refuse unknown noise and too few draws."""
        require_one_of("noise", self.noise, tuple(CELL_NOISE))
        SequentialTests(self.draws, self.level)

    def __call__(self, data: Residuals) -> NoiseTest:
        """Test the components of residuals."""
        return self.tests(data, row_errors(data), (dispersion_then_share,))[0]

    def tests(self, data: Residuals, errors: RowErrors, statistics: Sequence[Statistic]) -> list[NoiseTest]:
        """Test them by each statistic, with the same matrices of noise."""
        generator = np.random.default_rng(self.seed)

        @cache
        def drawn(kept: int, draws: int) -> Array:
            return self._noise_shares(data, errors, kept, draws, generator)

        values, tests = data.standardized, SequentialTests(self.draws, self.level)
        shares = explained_variance_ratios(values, data.rank)
        return [tests(values, shares, drawn, statistic) for statistic in statistics]

    def _noise_shares(
        self, data: Residuals, errors: RowErrors, kept: int, draws: int, generator: np.random.Generator
    ) -> Array:
        """Explained variance ratios of the first components plus noise; draws x components."""
        left, singular, right = np.linalg.svd(data.standardized, full_matrices=False)
        fitted = (left[:, :kept] * singular[:kept]) @ right[:kept]
        rest = np.where(data.used, data.standardized - fitted, 0.0)
        errors = errors.outside(right[:kept].T)  # along the components they are in these already

        def between(cells: Array, count: int, source: np.random.Generator) -> Array:
            return CELL_NOISE[self.noise](cells, data.used, kept, count, source)

        shares = []
        for count in in_parts(draws, max(1, _CHUNK // (rest.size * max(1, errors.deviations.shape[1])))):
            noise = noise_matrices(rest, data.groups, errors, between, count, generator)
            again = data.standardize(data.fit.effects.fitted + (fitted + noise) * data.fit.spreads)
            shares.append(explained_variance_ratios(again, data.rank))
        return np.concatenate(shares)


def noise_tests(data: Observations | Residuals, draws: int, level: float) -> dict[str, NoiseTest]:
    """Test components against each null model: by ``gaussian``, ``permutation`` and, of residuals, ``sign_flip``.

    Parameters
    ----------
    data : Observations or Residuals
        Scores or residuals.
    draws, level
        As for `ResidualTest`.
    """
    statistic = dispersion_then_share if isinstance(data, Residuals) else share_of_rest
    return noise_tests_by(data, draws, level, (statistic,))[0]


def noise_tests_by(
    data: Observations | Residuals, draws: int, level: float, statistics: Sequence[Statistic]
) -> list[dict[str, NoiseTest]]:
    """Do so by each statistic."""
    errors = row_errors(data)
    found: dict[str, list[NoiseTest]] = {}
    if isinstance(data, Residuals):
        for noise in CELL_NOISE:
            found[noise] = ResidualTest(noise, draws, level=level).tests(data, errors, statistics)
    else:
        for kind in get_args(Noise):
            found[kind] = ParallelAnalysis(kind, draws, level=level).tests(data, errors, statistics)
    return [{name: tests[place] for name, tests in found.items()} for place in range(len(statistics))]
