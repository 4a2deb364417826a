"""Intervals hold what they promise: few draws here, many with ``-m simulation``.

The table is in docs/statistics/uncertainty.md.
"""

import pytest

from crosstask.analysis.matrix.score_means import ScoreMeans
from tests.simulation.matrix import SCENARIOS, affinity_coverage, simulate
from tests.simulation.moderation import OneLot

COVERED = ["scores", "gains", "donors", "recipients", "residuals", "asymmetry"]


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
    check(name, 67, margin=0.006 * 3**0.5)  # 0.006 with three times the draws


@pytest.mark.simulation
def test_affinities_have_the_coverage_promised():
    assert affinity_coverage(60) == pytest.approx(0.95, abs=0.02)


@pytest.mark.simulation
def test_adapters_whose_seeds_differ_much_keep_their_intervals_and_have_few_false_discoveries():
    some, none = (f"10 x 10, 3 seeds, {gains}very unevenly apart" for gains in ("", "no gain, "))
    assert simulate(SCENARIOS[some], 100)["asymmetry"] >= 0.94
    source_by_source, one_lot = (simulate(SCENARIOS[none], 100, kind=kind) for kind in (ScoreMeans, OneLot))
    assert source_by_source["asymmetry"] >= 0.94 > one_lot["asymmetry"]
    assert source_by_source["fdr"] <= 0.7 * one_lot["fdr"]
