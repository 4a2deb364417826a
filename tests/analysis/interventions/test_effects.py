"""Effects of changed runs beside the placebo, family by family."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.multitest import multipletests

from crosstask.analysis.interventions.effects import _with_placebo, effects, placebo_of
from crosstask.analysis.interventions.paired_runs import PairedRuns
from crosstask.analysis.interventions.reading import paired_runs
from crosstask.analysis.matrix.task_order import TaskOrder
from tests.support.interventions import changed_transfer

CHANGES = {
    ("wrong_labels", "wrong_labels", None): -0.3,
    ("share_wrong 0.5", "share_wrong", 0.5): 0.0,
    ("other_rows seed=1", "other_rows", None): -0.02,
    ("other_rows seed=2", "other_rows", None): 0.05,
    ("random_update", "random_update", None): -0.2,
}


@pytest.fixture(scope="module")
def transfer():
    return changed_transfer(CHANGES)


@pytest.fixture(scope="module")
def table(transfer) -> pd.DataFrame:
    runs = list(paired_runs(transfer, transfer.interventions))
    return effects(runs, transfer.order, 0.05, 0.02).table


def cell(table: pd.DataFrame, source: str, variant: str, target: str) -> pd.Series:
    """The mean over seeds of a cell."""
    rows = table[(table["source"] == source) & (table["variant"] == variant) & (table["target"] == target)]
    return rows[rows["seed"].isna()].iloc[0]


def test_effects_are_of_the_same_seeds_and_rows(transfer, table):
    found, pairs = transfer.interventions.scores("c"), transfer.interventions.pairs
    rows = np.flatnonzero((pairs["source"] == "b") & (pairs["variant"] == "wrong_labels"))
    expected = found.changed[rows].mean(axis=1) - found.original[rows].mean(axis=1)
    here = table[(table["source"] == "b") & (table["variant"] == "wrong_labels") & (table["target"] == "c")]
    assert here["effect"].tolist() == pytest.approx([*expected, expected.mean()])
    assert here["seeds"].tolist() == [1, 1, 2]
    assert here["q"].notna().tolist() == [False, False, True]
    assert here["home"].tolist() == [False] * 3


def test_the_placebo_is_the_mean_of_its_draws_and_the_difference_that_of_two_runs(transfer, table):
    found, pairs = transfer.interventions.scores("c"), transfer.interventions.pairs
    of = {
        variant: found.changed[np.flatnonzero((pairs["source"] == "a") & (pairs["variant"] == variant))].mean()
        for variant in pairs["variant"].unique()
    }
    row = cell(table, "a", "wrong_labels", "c")
    placebo = (of["other_rows seed=1"] + of["other_rows seed=2"]) / 2
    assert row["difference"] == pytest.approx(of["wrong_labels"] - placebo, abs=1e-6)
    assert row["effect"] - row["placebo"] == pytest.approx(row["difference"])
    assert row["exceeds_placebo"]
    assert not cell(table, "a", "share_wrong 0.5", "c")["exceeds_placebo"]
    assert table.loc[table["kind"] == "other_rows", ["placebo", "difference", "exceeds_placebo"]].isna().all(axis=None)


def test_an_effect_smaller_than_its_placebo_does_not_exceed_it_whatever_their_difference():
    generator = np.random.default_rng(2)
    original = generator.normal(0.5, 0.1, (2, 100))
    pairs = pd.DataFrame(
        [("a", "v", "balanced", np.nan, 0), ("a", "o", "other_rows", np.nan, 0)],
        columns=["source", "variant", "kind", "dose", "seed"],
    )
    changed = original + np.array([[0.1], [-0.3]]) + generator.normal(0, 0.01, (2, 100))
    runs = [PairedRuns("x", pairs, changed, original, None, False)]
    row = effects(runs, TaskOrder(), 0.05, 0.02).table.set_index("variant").loc["v"]
    assert row["difference_low"] > 0.3
    assert not row["exceeds_placebo"]
    opposite = [replace(runs[0], changed=original + np.array([[0.3], [-0.1]]) + 0.01 * generator.normal(size=(2, 100)))]
    assert effects(opposite, TaskOrder(), 0.05, 0.02).table.set_index("variant").loc["v", "exceeds_placebo"]


def test_properties_own_tasks_placebo_and_random_update_are_families_of_their_own(table):
    whole = table[table["q"].notna()]
    assert len(whole) == 5 * 4
    kinds = whole["kind"].where(whole["kind"].isin(["other_rows", "random_update"]), "property")
    sizes = whole.groupby([kinds, "home"]).size().to_dict()
    assert sizes[("property", False)] == 6
    assert sizes[("property", True)] == 2
    for _, family in whole.groupby([kinds, "home"]):
        assert family["q"].tolist() == pytest.approx(multipletests(family["p"], method="fdr_bh")[1])
        equivalent = multipletests(family["equivalence_p"], method="fdr_bh")[1]
        assert family["equivalence_q"].tolist() == pytest.approx(equivalent)


def test_without_a_placebo_nothing_is_said_of_one():
    transfer = changed_transfer({("wrong_labels", "wrong_labels", None): -0.3})
    found = effects(list(paired_runs(transfer, transfer.interventions)), transfer.order, 0.05, 0.02).table
    assert found[["placebo", "difference", "difference_low", "exceeds_placebo"]].isna().all(axis=None)


def test_runs_that_only_settings_tell_apart_count_by_their_mean():
    transfer = changed_transfer({("wrong_labels", "wrong_labels", None): -0.3}, seeds=2)
    known = transfer.interventions
    once = list(paired_runs(transfer, known))
    again = replace(known, pairs=known.pairs.assign(seed=pd.array([0] * len(known.pairs), "Int64")))
    both = list(paired_runs(transfer, again))
    assert len(both[0].pairs) == len(once[0].pairs) / 2
    assert both[0].effects[0] == pytest.approx(once[0].effects[:2].mean(axis=0))


def test_where_no_answer_changes_the_effect_and_the_placebo_together_are_less_certain_than_apart():
    answers = np.zeros((2, 40))
    pairs = pd.DataFrame(
        [("b", "wrong_labels", "wrong_labels", np.nan, 0), ("b", "other_rows", "other_rows", np.nan, 0)],
        columns=["source", "variant", "kind", "dose", "seed"],
    )
    runs = PairedRuns("c", pairs, answers, answers, answers[0], True)
    placebos = placebo_of(runs)
    apart, together = (_with_placebo(runs, placebos, sign)[0].step for sign in (-1, 1))
    assert (apart, together) == (1, 2)  # v - w, and v + w - 2 o
