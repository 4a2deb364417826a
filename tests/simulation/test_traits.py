"""Small parts of the simulation of latent traits; the long parts are marked simulation.

A share of draws is allowed to miss its nominal value by as much as 1 % of such simulations would.
"""

import numpy as np
import pytest
from scipy.stats import binom

from tests.simulation import home_cells, model_levels, rules, shared_seeds
from tests.simulation.measured_traits import SingleAnswers
from tests.simulation.planted_traits import Planted
from tests.simulation.retention import congruence, heavy_tailed, retained, seeds_of_sources
from tests.simulation.trait_names import false_names


def at_most(nominal: float, draws: int) -> float:
    """Largest share of draws that a probability of the nominal size gives, but for 1 %."""
    return float(binom.ppf(0.99, draws, nominal)) / draws


@pytest.mark.parametrize(("size", "draws"), [((10, 10), 150), pytest.param((22, 22), 60, marks=pytest.mark.slow)])
def test_of_noise_hardly_anything_is_retained(size, draws):
    ours = retained(Planted(size, 0), draws)["parallel analysis"]
    assert (ours > 0).mean() <= at_most(0.05, draws)


@pytest.mark.slow
def test_of_scores_far_from_normal_hardly_anything_is_retained():
    table = heavy_tailed((22, 22), 60)
    assert (table["parallel analysis"] > 0).mean() <= at_most(0.05, 60)


def test_seeds_of_one_source_do_not_pass_for_a_trait():
    """Taken for independent rows they do so in nearly every matrix."""
    ours = seeds_of_sources(10, 3, 100, apart=False)["parallel analysis"]
    assert (ours > 0).mean() <= at_most(0.05, 100)
    assert (seeds_of_sources(10, 3, 20)["parallel analysis"] > 0).mean() > 0.8


@pytest.mark.slow
def test_seeds_that_are_better_altogether_do_not_pass_for_a_trait():
    """Of scores that are taken to be exact they do so in most matrices."""
    found = shared_seeds.retained(SingleAnswers(Planted((10, 10), 0, 0.5), 3, between_seeds=0.5), 60)
    assert (found["measured"] > 0).mean() <= at_most(0.05, 60)
    assert (found["seeds not known"] > 0).mean() > 0.5


@pytest.mark.slow
@pytest.mark.parametrize("better_runs", [False, True])
@pytest.mark.parametrize("scale", ["zscore", "headroom"])
def test_base_models_that_differ_in_level_do_not_pass_for_a_trait(scale, better_runs):
    found = model_levels.retained(model_levels.Models(0.2, better_runs=better_runs), scale, 60)
    assert (found["known"] > 0).mean() <= at_most(0.05, 60)


def test_a_trait_is_found_over_base_models_that_differ_only_if_their_levels_are_taken_off():
    found = model_levels.retained(model_levels.Models(levels=0.2, traits=1), "zscore", 40)
    assert (found["known"] == 1).mean() >= 0.8
    assert (found["not known"] == 1).mean() < 0.2


@pytest.mark.parametrize("traits", [1, 2, 3])
def test_planted_traits_are_counted_rightly(traits):
    table = retained(Planted((22, 22), traits, 0.25), 30)["parallel analysis"]
    assert (table == traits).mean() >= 0.85
    assert (table > traits).mean() <= at_most(0.05, 30)
    assert congruence(Planted((22, 22), traits, 0.25), 30) > 0.95


def test_on_ten_tasks_horns_rule_misses_traits_that_are_found_here():
    table = retained(Planted((10, 10), 3, 0.25, simple=True), 40)
    assert (table["parallel analysis"] == 3).mean() > (table["Horn, Gaussian"] == 3).mean() + 0.3


def test_abilities_are_not_found_where_there_are_none():
    assert false_names(22, 5, 150) <= at_most(0.05, 150)


@pytest.mark.simulation
@pytest.mark.parametrize("size", [(10, 10), (22, 22), (60, 40)])
@pytest.mark.parametrize("traits", [0, 1, 2, 3])
def test_number_retained_over_hundreds_of_draws(size, traits):
    draws = 100 if size[0] < 60 else 20
    table = retained(Planted(size, traits, 0.25, simple=True), draws)["parallel analysis"]
    assert (table > traits).mean() <= at_most(0.05, draws)
    assert (table == traits).mean() >= 0.8


@pytest.mark.simulation
@pytest.mark.parametrize(("size", "traits"), [((10, 10), 1), ((22, 22), 0), ((22, 22), 1)])
@pytest.mark.parametrize("apart", [0.2, 0.5])
def test_no_more_is_retained_over_seeds_than_is_planted(size, traits, apart):
    found = shared_seeds.retained(SingleAnswers(Planted(size, traits, 0.5), 3, between_seeds=apart), 40)
    assert (found["measured"] > traits).mean() <= at_most(0.06, 40)


@pytest.mark.simulation
def test_of_the_rules_tried_the_chosen_one_is_best():
    chosen, left = (list(rules.RULES)[place] for place in (2, 4))
    three = {
        name: np.mean([rule(rules.THREE, number) == 3 for number in range(100)]) for name, rule in rules.RULES.items()
    }
    too_many = {
        name: np.mean([rule(rules.ONE, number) > 1 for number in range(100)]) for name, rule in rules.RULES.items()
    }
    assert three[chosen] > three["Horn, Gaussian"] + 0.3
    assert too_many[chosen] <= at_most(0.05, 100) < too_many[left]


@pytest.mark.simulation
def test_home_cells_drown_a_trait_unless_they_are_taken_for_missing():
    trait = home_cells.KINDS["one trait, noise 0.5"]
    assert (home_cells.retained(trait, home_cells.HOME_GAIN, False, 50) > 0).mean() < 0.1
    assert (home_cells.retained(trait, home_cells.HOME_GAIN, True, 50) > 0).mean() > 0.8
