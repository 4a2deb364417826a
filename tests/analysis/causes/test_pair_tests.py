"""Features of pairs against what donors and recipients leave of the gains, by independent routes."""

from dataclasses import replace

import numpy as np
import pytest

from crosstask.analysis.causes.features import Features
from crosstask.analysis.causes.pair_tests import pair_tests
from crosstask.analysis.causes.tested import useless_as_good
from crosstask.analysis.causes.units import Units
from tests.simulation.causes import World


def by_regression(units: Units, name: str) -> float:
    """Slope of gains on a feature beside indicators of all sources and targets."""
    gains = units.gains.to_numpy()
    row, column = np.nonzero(np.isfinite(gains))
    indicators = np.column_stack([np.eye(gains.shape[0])[row], np.eye(gains.shape[1])[column]])
    design = np.column_stack([indicators, units.features.pairs[name].to_numpy()[row, column]])
    return float(np.linalg.lstsq(design, gains[row, column], rcond=None)[0][-1])


@pytest.mark.parametrize("missing", [0.0, 0.2])
def test_the_slope_is_that_beside_indicators_of_sources_and_targets(missing: float):
    units = World(8, 7, missing).draw(np.random.default_rng(0))
    for test in pair_tests(units, units.orders(19, 0), 0.05):
        assert test.effect / test.sd == pytest.approx(by_regression(units, test.feature))
        assert test.units == units.gains.notna().to_numpy().sum()


def test_limits_are_where_the_same_test_begins_to_refuse():
    units = World().draw(np.random.default_rng(1))
    orders = units.orders(999, 0)
    found = next(pair_tests(units, orders, 0.05))
    feature = units.features.pairs["planted"]
    for limit, outside in ((found.low, -1), (found.high, 1)):
        slope = limit / found.sd
        for step, refused in ((-0.02, False), (0.02, True)):
            gains = units.gains - (slope + outside * step) * feature
            p = next(pair_tests(replace(units, gains=gains), orders, 0.05)).p
            assert (p <= 0.05) == refused


def test_a_feature_that_sources_and_targets_say_all_of_is_not_tested():
    units = World().draw(np.random.default_rng(2))
    ones = units.gains.fillna(0.0) * 0
    additive = ones.add(np.arange(10.0), axis=0) + 3 * np.arange(10.0)
    nothing = Features(units.features.sources, units.features.targets, {"additive": additive})
    (found,) = pair_tests(replace(units, features=nothing), units.orders(99, 0), 0.05)
    assert np.isnan([found.p, found.effect]).all()


def test_what_chance_offers_is_the_best_of_all_features():
    units = World(useless=(0, 0, 9), effect=0.0).draw(np.random.default_rng(3))
    tests = list(pair_tests(units, units.orders(499, 0), 0.05))
    useless = useless_as_good(tests)
    every = np.array([test.shares for test in tests])
    for place, test in enumerate(tests):
        assert useless[place] == pytest.approx((every.min(axis=0) <= test.p + 1e-12).mean())
    assert (useless >= [test.p for test in tests]).all()
    assert useless.min() > 3 * min(test.p for test in tests)
