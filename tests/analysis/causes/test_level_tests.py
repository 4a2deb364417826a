"""Features of sources and targets against donors and recipients, by independent routes."""

from dataclasses import replace
from itertools import permutations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from crosstask.analysis.causes.features import SOURCE, TARGET, Features
from crosstask.analysis.causes.level_tests import level_tests
from crosstask.analysis.causes.units import Units
from tests.simulation.causes import World


def full(generator: np.random.Generator, sources: int = 8, targets: int = 6) -> Units:
    """A matrix in which every cell counts."""
    units = World(sources, targets).draw(generator)
    gains = units.gains.fillna(1.0)
    return replace(units, gains=gains, home=np.zeros(gains.shape, bool))


def by_feature(units: Units, level: str, orders: list | None = None):
    return {test.feature: test for test in level_tests(units, level, orders or [], 0.05)}


@pytest.mark.parametrize("level", [SOURCE, TARGET])
def test_a_full_matrix_is_least_squares_on_means(level: str):
    units = full(np.random.default_rng(0))
    means = units.gains.mean(axis=1 if level == SOURCE else 0).to_numpy()
    frame = units.features.sources if level == SOURCE else units.features.targets
    x = frame["planted"].to_numpy()
    fit = sm.OLS(means, sm.add_constant(x / x.std(ddof=1))).fit()
    found = by_feature(units, level)["planted"]
    assert found.units == len(means)
    np.testing.assert_allclose([found.effect, found.low, found.high], [fit.params[1], *fit.conf_int()[1]], rtol=1e-8)
    assert found.sd == pytest.approx(x.std(ddof=1))


def test_p_is_the_share_of_all_assignments_that_correlate_as_much():
    units = full(np.random.default_rng(1), sources=5)
    means, x = units.gains.mean(axis=1), units.features.sources["planted"].to_numpy()
    every = list(permutations(range(5)))
    sizes = np.array([abs(np.corrcoef(means, x[list(order)])[0, 1]) for order in every])
    found = by_feature(units, SOURCE, [np.array(order) for order in every[1:]])["planted"]
    assert found.p == pytest.approx((sizes >= sizes[0] - 1e-12).mean())


def test_sources_with_few_cells_count_less():
    units = full(np.random.default_rng(2), sources=12, targets=12)
    gains, outlier = units.gains.copy(), units.features.sources["planted"].to_numpy().argmax()
    gains.iloc[outlier, 2:] = np.nan
    few = replace(units, gains=gains)
    weighted = by_feature(few, SOURCE)["planted"]
    donors, x = few.effects[1:13], few.features.sources["planted"].to_numpy()
    plain = float(np.polyfit(x / x.std(ddof=1), donors, 1)[0])
    without = np.arange(12) != outlier
    left_out = float(np.polyfit(x[without] / x.std(ddof=1), donors[without], 1)[0])
    assert min(plain, left_out) < weighted.effect < max(plain, left_out)


def test_a_feature_that_is_known_of_few_or_never_varies_is_not_tested():
    units = full(np.random.default_rng(3))
    frame = pd.DataFrame({"few": [1.0, 2.0, 3.0, 4.0] + [np.nan] * 4, "same": 1000.0}, units.gains.index)
    found = by_feature(replace(units, features=Features(frame, units.features.targets)), SOURCE)
    assert [(test.units, np.isnan(test.p), np.isnan(test.effect)) for test in found.values()] == [
        (4, True, True),
        (8, True, True),
    ]


def test_sources_of_which_a_feature_is_not_known_take_no_part():
    units = full(np.random.default_rng(4))
    frame = units.features.sources[["planted"]].copy()
    frame.iloc[0] = np.nan
    found = by_feature(replace(units, features=Features(frame, units.features.targets)), SOURCE)["planted"]
    x, means = frame["planted"].to_numpy()[1:], units.gains.mean(axis=1).to_numpy()[1:]
    fit = sm.OLS(means, sm.add_constant(x / x.std(ddof=1))).fit()
    np.testing.assert_allclose([found.effect, found.low], [fit.params[1], fit.conf_int()[1][0]], rtol=1e-8)
