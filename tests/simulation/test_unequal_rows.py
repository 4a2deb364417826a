"""Targets with few and with many test rows: few draws here, many with ``-m simulation``.

The table is in docs/statistics/uncertainty.md.
"""

import pytest

from tests.simulation.unequal_rows import COVERED, SCENARIOS, simulate


def test_targets_with_many_rows_have_no_more_false_discoveries_than_those_with_few():
    rates = simulate(SCENARIOS["3 seeds"], 40)[["gain p", "residual p"]]
    assert (rates.loc[1000:].mean() < 0.08).all()  # 0.12 and 0.13 where variances are relative to that of a mean
    assert (rates.loc[:50].mean() < 0.08).all()
    assert (rates.loc[100:].mean() > 0.03).all()


@pytest.mark.simulation
@pytest.mark.parametrize("name", SCENARIOS)
def test_intervals_hold_at_every_number_of_rows(name):
    draws = 70
    found = simulate(SCENARIOS[name], draws)
    # The base model's error is common to a whole column, so a draw counts as little more than one: 99 % of the draws.
    margin = 2.576 * (0.05 * 0.95 / draws) ** 0.5
    rates = found[["gain p", "residual p"]].dropna(axis=1)
    assert (rates <= 0.065 + margin).all(axis=None)
    assert (rates.loc[100:] >= 0.035 - margin).all(axis=None)
    assert (found.loc[100:, COVERED] >= 0.93 - margin).all(axis=None)
    assert (found.loc[100:, COVERED] <= 0.97 + margin).all(axis=None)
