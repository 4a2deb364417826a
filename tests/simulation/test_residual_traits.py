"""Components of residuals are found where they are planted, and only there: few draws here, many as simulations.

The tables are in docs/statistics/traits.md.
"""

import numpy as np
import pytest

from tests.simulation.limits import REPLICATED, WORLDS
from tests.simulation.limits import retained as component_tests_of
from tests.simulation.planted_gains import FRESH, KINDS, PlantedGains
from tests.simulation.replication import Models, outcome, outcomes
from tests.simulation.residual_traits import PLANTED, SIZES, retained
from tests.simulation.twins import WORLDS as TWINS


def test_of_nothing_hardly_anything_is_retained_and_two_traits_are_found():
    assert (retained(PlantedGains(kind="uneven .7"), 40, null_draws=99) > 0).mean() <= 0.15
    assert (retained(PLANTED["20 x 10, 2 traits of communality .65"], 10, null_draws=99) == 1).mean() >= 0.8


@pytest.mark.simulation
@pytest.mark.parametrize("kind", [kind for kind in (*KINDS, *FRESH) if kind != "twins"])
@pytest.mark.parametrize("size", SIZES)
def test_without_a_trait_hardly_anything_is_retained(size: tuple[int, int], kind: str):
    draws = 25
    margin = 2.576 * (0.05 * 0.95 / draws) ** 0.5  # 99 % of the draws
    assert (retained(PlantedGains(*size, kind), draws, seed=1, null_draws=99) > 0).mean() <= 0.07 + margin


@pytest.mark.simulation
def test_twenty_sources_show_that_there_is_something():
    found = retained(PLANTED["20 x 10, 3 traits of communality .65"], 60, seed=1, null_draws=99)
    assert (found > 0).mean() >= 0.95 - 2.576 * (0.95 * 0.05 / 60) ** 0.5
    assert (found > 2).mean() <= 0.07


@pytest.mark.simulation
@pytest.mark.parametrize("models", [5, 9])
def test_what_comes_back_over_models_is_counted(models: int):
    none, one = (outcomes(Models(models, traits), 60, seed=1)[:, 1] for traits in (0, 1))
    margin = 2.576 * (0.065 * 0.935 / 60) ** 0.5
    assert (none > 0).mean() <= 0.065 + margin
    assert (one >= 1).mean() >= 0.9
    assert (one > 1).mean() <= 0.07 + margin


CEILINGS = ("20 x 10, the same", "20 x 20, the same", "20 x 10, the same, spread .3", "20 x 20, donors end at .97")


@pytest.mark.simulation
@pytest.mark.parametrize("world", CEILINGS)
def test_donors_near_a_ceiling_are_no_trait(world: str):
    found = [tests.retained > 0 for tests in component_tests_of(WORLDS[world], 30, seed=1)]
    assert np.mean(found) <= 0.07 + 2.576 * (0.07 * 0.93 / 30) ** 0.5


@pytest.mark.simulation
@pytest.mark.parametrize("world", ["20 x 20, donors of 2 on log odds", "20 x 20, thresholds of discrimination 2"])
def test_of_steep_responses_two_turns_leave_a_few_where_one_left_most(world: str):
    found = component_tests_of(WORLDS[world], 30, seed=1)
    assert np.mean([tests.before_bends > 0 for tests in found]) >= 0.9
    assert np.mean([tests.retained > 0 for tests in found]) <= 0.15 + 2.576 * (0.15 * 0.85 / 30) ** 0.5


@pytest.mark.simulation
@pytest.mark.parametrize("size", ["20 x 10", "20 x 20"])
def test_behind_a_trait_a_ceiling_is_no_second_one(size: str):
    found = component_tests_of(WORLDS[f"{size}, one trait, and donors take shares"], 30, seed=1)
    assert np.mean([tests.retained > 0 for tests in found]) >= 0.9
    assert np.mean([tests.before_bends > 1 for tests in found]) >= 0.5
    assert np.mean([tests.retained > 1 for tests in found]) <= 0.07 + 2.576 * (0.07 * 0.93 / 30) ** 0.5


@pytest.mark.simulation
def test_a_trait_of_one_model_that_moves_more_is_none_of_all():
    draw = REPLICATED["3 models, 20 x 10, a trait of one that moves 3 times as much"]
    found = np.array([outcome(draw(np.random.default_rng([1, number])), number) for number in range(25)])
    assert (found[:, 1] > 0).mean() >= 0.8
    assert found[:, 2].mean() <= 0.07 + 2.576 * (0.07 * 0.93 / 25) ** 0.5


@pytest.mark.simulation
@pytest.mark.parametrize("world", ["half of what pairs do the same", "three pairs that break"])
def test_what_pairs_do_comes_back_and_is_called_no_trait(world: str):
    found = np.array([outcome(REPLICATED[world](np.random.default_rng([1, draw])), draw) for draw in range(25)])
    assert (found[:, 1] > 0).mean() >= 0.8
    assert found[:, 2].mean() <= 0.07 + 2.576 * (0.07 * 0.93 / 25) ** 0.5


@pytest.mark.simulation
def test_twins_are_told_from_sources_of_one_kind():
    def found(name: str) -> list[dict[str, str]]:
        return [TWINS[name].found(np.random.default_rng([1, draw])) for draw in range(40)]

    assert np.mean([twins == {"t1": "t0"} for twins in found("twins, three seeds")]) >= 0.8
    assert not any(found("the same, of one trait half of the answers in common"))
