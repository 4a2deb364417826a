"""How many components are distinguishable from noise: every null model that they must exceed.

Those of scores are tested by `ParallelAnalysis`, those of residuals by `ResidualTest`.

The matrix is compared with noise in the place of its residuals, which is treated as the gains were: the components
that count as real are added, donors and recipients are fitted and taken off again, rows and columns are brought to one
spread again, and the cells that take no part are the same. First by the sum of the squared shares of all components, in
which any number of them shows; then, component after component, by the share of the largest in what is left. Every null
of `CELL_NOISE` must be exceeded.

That every target responds to donors along a line is a model; near a ceiling or a floor it does not, and donors alone
leave a component, as the first or behind one that is a trait. So every component must be told from noise once more
where targets may bend (`even_residuals`), and where that leaves fewer, or others, those with bends are reported.

The order of the tests is that of parallel analysis (Horn 1965; Dobriban and Owen 2019, arXiv:1711.04155), see
`ParallelAnalysis`. ``docs/statistics/traits.md`` gives its rates in simulations.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from crosstask.analysis.matrix.decomposed import Array
from crosstask.analysis.matrix.residuals import Residuals
from crosstask.analysis.traits.alignment import largest_angle
from crosstask.analysis.traits.cell_noise import CELL_NOISE
from crosstask.analysis.traits.noise import RowErrors
from crosstask.analysis.traits.noise_test import ComponentTests, NoiseTest
from crosstask.analysis.traits.observations import Observations
from crosstask.analysis.traits.parallel_analysis import ParallelAnalysis
from crosstask.analysis.traits.residual_noise import residual_noise
from crosstask.analysis.traits.row_errors import row_errors
from crosstask.analysis.traits.sequential_tests import SequentialTest, Statistic, dispersion_then_share

_APART = 45
"""Degrees from which on components are others: of one more than half lies outside of the space of those."""


class ResidualTest(SequentialTest[Residuals]):
    """Test components of residuals against a null model of `CELL_NOISE`.

    Errors that the seeds of a source share over targets are in each of them.
    """

    nulls = tuple(CELL_NOISE)
    statistic = dispersion_then_share

    def noise_matrices(
        self, data: Residuals, fitted: Array, kept: int, errors: RowErrors, draws: int, generator: np.random.Generator
    ) -> Array:
        """Noise in the cells that take part; effects of sources and targets are added, and taken off again."""

        def cells(left: Array, count: int, source: np.random.Generator) -> Array:
            return CELL_NOISE[self.noise](left, data.used, kept, count, source)

        rest = np.where(data.used, data.standardized - fitted, 0.0)
        noise = residual_noise(rest, errors, cells, draws, generator)
        return data.standardize(data.fit.effects.fitted + (fitted + noise) * data.fit.spreads)


def noise_tests(
    data: Observations | Residuals, draws: int, level: float, most: int | None = None
) -> dict[str, NoiseTest]:
    """Test components against each null model: by ``gaussian``, ``permutation`` and, of residuals, ``sign_flip``.

    Parameters
    ----------
    data : Observations or Residuals
        Scores or residuals.
    draws, level, most
        As for `SequentialTest`.
    """
    kind = ResidualTest if isinstance(data, Residuals) else ParallelAnalysis
    return noise_tests_by(data, draws, level, (kind.statistic,), most)[0]


def noise_tests_by(
    data: Observations | Residuals,
    draws: int,
    level: float,
    statistics: Sequence[Statistic],
    most: int | None = None,
) -> list[dict[str, NoiseTest]]:
    """Do so by each statistic."""
    errors = row_errors(data)
    if isinstance(data, Residuals):
        of_residuals = [ResidualTest(noise, draws, level=level, most=most) for noise in ResidualTest.nulls]
        found = {test.noise: test.tests(data, errors, statistics) for test in of_residuals}
    else:
        of_scores = [ParallelAnalysis(noise, draws, level=level, most=most) for noise in ParallelAnalysis.nulls]
        found = {test.noise: test.tests(data, errors, statistics) for test in of_scores}
    return [{noise: tests[place] for noise, tests in found.items()} for place in range(len(statistics))]


def component_tests(data: Observations | Residuals, draws: int, level: float) -> ComponentTests:
    """Test components against each null model, of residuals with bends as well; parameters as of `noise_tests`."""
    nulls = noise_tests(data, draws, level)
    if not isinstance(data, Residuals):
        return ComponentTests(nulls, None)
    bending = data.bending
    if bending.rank < 1:
        return ComponentTests(nulls, {})
    tests = ComponentTests(nulls, noise_tests(bending, draws, level))
    return replace(tests, bends_matter=_others(data, bending, tests))


def _others(data: Residuals, bending: Residuals, tests: ComponentTests) -> bool:
    """Whether bends leave fewer components, or as many that are not the same."""
    count = tests.retained
    if not 0 < count == tests.before_bends:
        return count > 0
    loadings, bent = (np.linalg.svd(found.standardized, full_matrices=False)[2][:count] for found in (data, bending))
    return largest_angle(loadings.T, bent.T) > _APART
