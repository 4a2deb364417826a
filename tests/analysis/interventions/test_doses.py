"""Linear contrasts over doses."""

import numpy as np
import pytest

from crosstask.analysis.interventions.doses import doses
from crosstask.analysis.interventions.reading import paired_runs
from tests.support.interventions import changed_transfer

CHANGES = {
    ("share_wrong 0.25", "share_wrong", 0.25): -0.1,
    ("share_wrong 0.5", "share_wrong", 0.5): -0.2,
    ("wrong_labels", "wrong_labels", None): -0.4,
    ("fewer_rows 0.5", "fewer_rows", 0.5): 0.0,
}


@pytest.fixture(scope="module")
def transfer():
    return changed_transfer(CHANGES)


def test_slopes_are_those_of_a_line_through_the_scores_of_each_seed(transfer):
    runs = list(paired_runs(transfer, transfer.interventions))
    table = doses(runs, transfer.order, 0.05, 0.02)
    found, pairs = transfer.interventions.scores("c"), transfer.interventions.pairs
    slopes = []
    for seed in (0, 1):
        rows = [
            np.flatnonzero((pairs["source"] == "a") & (pairs["variant"] == variant) & (pairs["seed"] == seed))[0]
            for variant in ("share_wrong 0.25", "share_wrong 0.5", "wrong_labels")
        ]
        scores = [found.original[rows[0]].mean(), *found.changed[rows].mean(axis=1)]
        slopes.append(np.polyfit([0, 0.25, 0.5, 1], scores, 1)[0])
    row = table[(table["source"] == "a") & (table["target"] == "c")].iloc[0]
    assert row["slope"] == pytest.approx(np.mean(slopes), abs=1e-6)
    assert row["doses"] == "0, 0.25, 0.5, 1"
    assert row["ci_low"] < row["slope"] < row["ci_high"] < 0
    assert set(table["kind"]) == {"share_wrong"}  # one dose besides the original makes no line


def test_means_over_sources_and_targets_follow(transfer):
    table = doses(list(paired_runs(transfer, transfer.interventions)), transfer.order, 0.05, 0.02)
    away = table[table["seeds"].notna() & ~table["home"]]
    over = table[table["source"].isna() & (table["target"] == "c")].iloc[0]
    assert over["sources"] == 2
    assert over["slope"] == pytest.approx(away.loc[away["target"] == "c", "slope"].mean())


def test_without_doses_there_is_no_table():
    transfer = changed_transfer({("balanced", "balanced", None): 0.0})
    assert doses(list(paired_runs(transfer, transfer.interventions)), transfer.order, 0.05, 0.02).empty
