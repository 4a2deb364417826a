"""Coverage and size of the models of the gain: a fast version always, the claim of the manual on demand."""

import pytest

from crosstask.analysis.causes.features import LEVELS
from tests.simulation.causes import WORLDS, World, models_reported, nothing, reported, simulate
from tests.simulation.test_linguistic import reaches


@pytest.mark.parametrize("name", ["10 x 10, 0% missing", "10 x 10, uneven"])
def test_few_draws_are_not_far_off(name: str):
    found = simulate(WORLDS[name], 25, seed=1, relabelings=199)
    assert min(found.covered.values()) >= 0.76
    assert max(found.size.values()) <= 0.28


def test_a_large_effect_is_found_at_its_own_level():
    units = {level: simulate(World(effect=12.0), 4, relabelings=99).size[level] for level in LEVELS}
    assert max(units.values()) <= 0.75  # of the useless features beside it, not all


@pytest.mark.simulation
@pytest.mark.parametrize("name", WORLDS)
def test_intervals_cover_and_tests_have_their_size(name: str):
    found = simulate(WORLDS[name], 500)
    for level in LEVELS:
        assert reaches(found.covered[level], 500, 0.93, 0.97), level
        assert reaches(found.size[level], 500, 0.035, 0.065), level


@pytest.mark.simulation
@pytest.mark.parametrize("name", ["10 x 10, 0% missing", "22 x 22, 30% missing"])
def test_of_twenty_useless_features_none_is_reported(name: str):
    assert reaches(reported(nothing(WORLDS[name]), 500), 500, 0.0, 0.05)


@pytest.mark.simulation
def test_models_of_useless_features_beat_nothing():
    assert reaches(models_reported(nothing(World()), 200)[0], 200, 0.0, 0.05)
