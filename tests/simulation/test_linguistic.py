"""Coverage and size of the tests of features: a fast version always, the claim of the manual on demand."""

import pytest
from scipy.stats import binom

from tests.simulation.linguistic import KINDS, OVERLOOKED, simulate


def reaches(share: float, draws: int, low: float, high: float) -> bool:
    """Whether a share of draws is one that a true share within the range gives in 99 % of all simulations."""
    count = round(share * draws)
    return binom.cdf(count, draws, low) >= 0.005 and binom.sf(count - 1, draws, high) >= 0.005


@pytest.mark.parametrize("kind", ["40 wins among 100", "40 wins, clusters of 4"])
def test_few_draws_are_not_far_off(kind: str):
    found = simulate(KINDS[kind], 40, permutations=199, seed=1)
    assert found["covered"] >= 0.85
    assert found["any"] <= 0.2


@pytest.mark.simulation
@pytest.mark.parametrize("kind", KINDS)
def test_intervals_cover_and_tests_have_their_size(kind: str):
    found = simulate(KINDS[kind], 500)
    assert reaches(found["covered"], 500, 0.93, 0.97)
    assert reaches(found["any"], 500, 0.035, 0.065)


@pytest.mark.simulation
def test_clusters_that_are_overlooked_show():
    (planted,) = OVERLOOKED.values()
    assert simulate(planted, 200, overlooks=True)["any"] > 0.2
