"""Intervals hold what they promise: few draws here, many with ``-m simulation``; the table is in docs/statistics.md."""

import pytest

from tests.simulation.matrix import SCENARIOS, affinity_coverage, simulate

COVERED = ["scores", "gains", "donors", "recipients", "asymmetry"]


def check(name: str, draws: int, margin: float) -> None:
    values = simulate(SCENARIOS[name], draws)
    for column in COVERED:
        assert 0.93 - margin <= values[column] <= 0.97 + margin, (column, values[column])
    assert values["null"] <= 0.05 + 0.01 + margin
    assert values["fdr"] <= 0.05 + margin / 2


@pytest.mark.parametrize("name", ["10 x 10, 1 seed", "10 x 10, 3 seeds"])
def test_a_few_draws_have_the_coverage_promised(name):
    check(name, 25, margin=0.02)


@pytest.mark.simulation
@pytest.mark.parametrize("name", [name for name in SCENARIOS if "60 x 40" not in name and "no gain, " not in name])
def test_many_draws_have_the_coverage_promised(name):
    check(name, 200, margin=0.006)


@pytest.mark.simulation
def test_affinities_have_the_coverage_promised():
    assert affinity_coverage(100) == pytest.approx(0.95, abs=0.02)
