"""Declared abilities are found where they are planted, and only there: few draws here, many with ``-m simulation``.

The table is in docs/statistics/abilities.md.
"""

import pytest

from tests.simulation.abilities import PLANTED, SIZES, simulate
from tests.simulation.planted_gains import KINDS, PlantedGains

QUESTIONS = ["go together", "gain within"]


def test_names_that_mean_nothing_are_hardly_ever_found_and_abilities_mostly_are():
    assert simulate(PlantedGains(kind="uneven .7"), 60)["any"] <= 0.15
    assert simulate(PLANTED["10 x 10, communality .65"], 20)["go together"] >= 0.8


@pytest.mark.simulation
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", SIZES)
def test_the_size_is_the_nominal_one(size: tuple[int, int], kind: str):
    draws = 50
    margin = 2.576 * (0.05 * 0.95 / draws) ** 0.5  # 99 % of the draws
    rates = simulate(PlantedGains(*size, kind), draws, seed=1)
    assert (rates[[*QUESTIONS, "any"]] <= 0.065 + margin).all()


@pytest.mark.simulation
def test_one_of_the_questions_finds_abilities_in_ten_sources():
    assert simulate(PLANTED["10 x 10, communality .37"], 150, seed=1)["any"] >= 0.7 - 2.576 * (0.21 / 150) ** 0.5
