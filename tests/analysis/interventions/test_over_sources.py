"""Means over sources and targets, and exact sign flips."""

import numpy as np
import pytest
from scipy.stats import permutation_test, t

from crosstask.analysis.interventions.contrasts import Replicates, contrasts
from crosstask.analysis.interventions.over_sources import cells_of, means
from crosstask.analysis.matrix.task_order import TaskOrder
from crosstask.analysis.statistics.sign_flips import sign_flips


@pytest.mark.parametrize("count", [3, 6, 9])
def test_flips_are_those_of_a_permutation_test(count: int):
    effects = np.random.default_rng(count).normal(0.5, 1, count)
    expected = permutation_test((effects,), np.mean, permutation_type="samples", n_resamples=np.inf)
    assert sign_flips(effects) == pytest.approx(expected.pvalue)


def test_the_random_ways_are_drawn_once_for_all_tests_of_as_many_sources(monkeypatch):
    effects = np.random.default_rng(0).normal(size=23)
    first = sign_flips(effects)
    monkeypatch.setattr(np.random, "default_rng", None)  # drawing again would fail
    assert sign_flips(-effects) == first


def test_many_sources_are_flipped_at_random():
    effects = np.random.default_rng(0).normal(0.3, 1, 25)
    both = permutation_test((effects,), np.mean, permutation_type="samples", n_resamples=99_999, rng=1)
    assert sign_flips(effects) == pytest.approx(both.pvalue, abs=0.01)


@pytest.fixture(scope="module")
def lots():
    generator = np.random.default_rng(3)
    return {
        target: [
            Replicates((f"s{source}", "v"), (0, 1), 0.1 * source + generator.normal(0, 0.3, (2, n)))
            for source in range(4)
        ]
        for target, n in (("s0", 30), ("x", 50))
    }


@pytest.fixture(scope="module")
def table(lots):
    order = TaskOrder()
    return means(cells_of(lots, contrasts(lots, ("source", "variant")), order), 0.05, 0.02)


def interaction(y):
    """Mean square of what is left of a two-way table without the means of its rows and columns."""
    left = y - y.mean(axis=1, keepdims=True) - y.mean(axis=0) + y.mean()
    return (left**2).sum() / ((y.shape[0] - 1) * (y.shape[1] - 1))


def row(table, source, target):
    """One mean off the diagonal."""
    same = [
        table[name].isna() if value is None else table[name] == value
        for name, value in (("source", source), ("target", target))
    ]
    return table[same[0] & same[1] & ~table["home"]].iloc[0]


def test_on_a_target_sources_are_crossed_with_rows_and_the_own_task_is_left_out(lots, table):
    found = row(table, None, "s0")
    y = np.array([one.values.mean(axis=0) for one in lots["s0"][1:]])
    assert found["sources"] == 3
    assert found["value"] == pytest.approx(y.mean())
    between, rows = y.mean(axis=1).var(ddof=1) / 3, y.mean(axis=0).var(ddof=1) / 30 - interaction(y) / 90
    half = (t.ppf(0.975, 2) ** 2 * between + t.ppf(0.975, 29) ** 2 * max(rows, 0)) ** 0.5
    assert (found["ci_low"], found["ci_high"]) == pytest.approx((y.mean() - half, y.mean() + half))
    assert found["flip_p"] == pytest.approx(sign_flips(y.mean(axis=1)))
    assert found["these_high"] - found["these_low"] < 2 * half


def test_over_targets_each_source_counts_alike_and_so_does_each_of_its_targets(lots, table):
    found = row(table, None, None)
    y = {target: np.array([one.values.mean(axis=0) for one in lot]) for target, lot in lots.items()}
    of_sources = np.append(y["x"][0].mean(), (y["x"][1:].mean(axis=1) + y["s0"][1:].mean(axis=1)) / 2)
    assert found["value"] == pytest.approx(of_sources.mean())
    weights = np.array([1, 0.5, 0.5, 0.5]) / 4
    rows = [(weights @ y["x"]).var(ddof=1) / 50, (weights[1:] @ y["s0"][1:]).var(ddof=1) / 30]
    df = sum(rows) ** 2 / (rows[0] ** 2 / 49 + rows[1] ** 2 / 29)
    both = (weights**2).sum() * interaction(y["x"]) / 50 + (weights[1:] ** 2).sum() * interaction(y["s0"][1:]) / 30
    left = max(sum(rows) - both, 0)
    half = (t.ppf(0.975, 3) ** 2 * of_sources.var(ddof=1) / 4 + t.ppf(0.975, df) ** 2 * left) ** 0.5
    assert found["ci_high"] - found["ci_low"] == pytest.approx(2 * half)


def test_a_source_by_itself_has_no_interval_over_sources(lots, table):
    found = row(table, "s2", None)
    seeds = np.mean([lots[target][2].values.mean(axis=1) for target in lots], axis=0)
    rows = [lots[target][2].values.mean(axis=0).var(ddof=1) / n / 4 for target, n in (("s0", 30), ("x", 50))]
    df = sum(rows) ** 2 / (rows[0] ** 2 / 29 + rows[1] ** 2 / 49)
    half = (t.ppf(0.975, 1) ** 2 * seeds.var(ddof=1) / 2 + t.ppf(0.975, df) ** 2 * sum(rows)) ** 0.5
    assert np.isnan(found["ci_low"])
    assert found["these_high"] - found["these_low"] == pytest.approx(2 * half)
    assert "s0" not in set(table["source"].dropna())  # on one target off the diagonal there is nothing to average
