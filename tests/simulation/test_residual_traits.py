"""Components of residuals are found where they are planted, and only there: few draws here, many as simulations.

The tables are in docs/statistics/traits.md.
"""

import pytest

from tests.simulation.planted_gains import FRESH, KINDS, PlantedGains
from tests.simulation.replication import Models
from tests.simulation.replication import retained as come_back
from tests.simulation.residual_traits import PLANTED, SIZES, retained


def test_of_nothing_hardly_anything_is_retained_and_two_traits_are_found():
    assert (retained(PlantedGains(kind="uneven .7"), 40, null_draws=99) > 0).mean() <= 0.15
    assert (retained(PLANTED["20 x 10, 2 traits of communality .65"], 10, null_draws=99) == 1).mean() >= 0.8


@pytest.mark.simulation
@pytest.mark.parametrize("kind", [kind for kind in (*KINDS, *FRESH) if kind != "twins"])
@pytest.mark.parametrize("size", SIZES)
def test_without_a_trait_hardly_anything_is_retained(size: tuple[int, int], kind: str):
    draws = 60
    margin = 2.576 * (0.05 * 0.95 / draws) ** 0.5  # 99 % of the draws
    assert (retained(PlantedGains(*size, kind), draws, seed=1, null_draws=99) > 0).mean() <= 0.07 + margin


@pytest.mark.simulation
def test_twenty_sources_show_that_there_is_something():
    found = retained(PLANTED["20 x 10, 3 traits of communality .65"], 100, seed=1, null_draws=99)
    assert (found > 0).mean() >= 0.95 - 2.576 * (0.95 * 0.05 / 100) ** 0.5
    assert (found > 2).mean() <= 0.07


@pytest.mark.simulation
@pytest.mark.parametrize("models", [5, 9])
def test_what_comes_back_over_models_is_counted(models: int):
    none, one = (come_back(Models(models, traits), 60, seed=1) for traits in (0, 1))
    margin = 2.576 * (0.065 * 0.935 / 60) ** 0.5
    assert (none > 0).mean() <= 0.065 + margin
    assert (one >= 1).mean() >= 0.9
    assert (one > 1).mean() <= 0.07 + margin
