"""The section on calibration: its table, what it says, and what it does where there is nothing."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from crosstask.analysis.calibration.losses import log_softmax
from crosstask.analysis.calibration.options import Options
from crosstask.analysis.calibration.section import Section
from tests.support.closed_matrix import closed_matrix


@pytest.fixture(scope="module")
def transfer():
    return closed_matrix(seeds=1)


@pytest.fixture(scope="module")
def table(transfer):
    return Section(Options())(transfer).tables[0].frame


def test_losses_are_held_against_base_row_by_row(transfer, table):
    behavior = transfer.behavior("other")
    values = log_softmax(behavior.log_probabilities)[:, np.arange(150), behavior.gold]
    place = behavior.rows.index(("neg", 0))
    expected = stats.ttest_rel(-values[place], -values[0])
    rows = table[(table["target"] == "other") & (table["source"] == "neg")].set_index("measure")
    row = rows.loc["log_loss"]
    assert (row["change"], row["p"]) == pytest.approx(((values[0] - values[place]).mean(), expected.pvalue))
    assert [row["change_low"], row["change_high"]] == pytest.approx(list(expected.confidence_interval()))
    away = table[table["q"].notna() & ~table["home"]]
    assert set(away["measure"]) == {"brier", "log_loss"}
    assert away["q"].tolist() == pytest.approx(multipletests(away["p"], method="fdr_bh")[1])


def test_expected_errors_stand_beside_their_null_and_nothing_else_does(table):
    errors = table[table["measure"] == "ece"]
    assert errors[["value", "null_mean", "null_high"]].notna().all(axis=None)
    assert errors["ci_low"].isna().all()
    assert table.loc[table["measure"] != "ece", ["null_mean", "null_high"]].isna().all(axis=None)


def test_intercepts_have_labels_and_sum_to_zero(table):
    intercepts = table[table["measure"] == "intercept"]
    sums = intercepts.groupby(["source", "target"])["value"].sum()
    assert sums.to_numpy() == pytest.approx(0, abs=1e-9)
    assert sorted(intercepts["label"].unique()) == ["l0", "l1"]
    assert table.loc[table["measure"] != "intercept", "label"].isna().all()
    lean = intercepts[(intercepts["source"] == "pos") & (intercepts["label"] == "l1")]
    assert (lean["ci_high"] < 0).all()  # leans to l1, of which recalibration would take off


def test_what_decides_is_what_is_calibrated(transfer):
    def halved(target):
        found = transfer.behavior(target)
        return replace(found, decision=None if found.decision is None else found.decision / 2)

    of_half = Section(Options())(replace(transfer, behavior=halved)).tables[0].frame
    plain = Section(Options())(transfer).tables[0].frame
    slopes = [of["value"][of["measure"] == "slope"].to_numpy() for of in (of_half, plain)]
    assert slopes[0] == pytest.approx(2 * slopes[1], rel=1e-4)


def test_few_rows_have_no_bins_but_losses():
    few = Section(Options())(closed_matrix(seeds=2, n=40)).tables[0].frame
    assert set(few["measure"]) == {"brier", "log_loss", "slope", "intercept"}
    with_bins = Section(Options(bins=4))(closed_matrix(seeds=2, n=40)).tables[0].frame
    errors = with_bins[with_bins["measure"] == "ece"]
    assert errors.loc[errors["seeds"] == 2, "null_high"].isna().all()
    assert errors.loc[errors["seeds"] == 2, "null_mean"].notna().all()


def test_findings_say_how_many_tests_and_what_cannot_be_told(transfer):
    found = Section(Options())(transfer)
    assert "14 tests, with those of the Brier score" in found.lines[0]
    assert "it cannot be told" in found.lines[1]
    assert found.notes == ("calibration: 1 target without log-probabilities of labels, left out",)


def test_without_probabilities_there_is_a_note(transfer):
    assert not Section(Options())(replace(transfer, behavior=None)).notes
    bare = Section(Options())(replace(transfer, behavior=lambda target: None))
    assert bare.notes == ("calibration: no log-probabilities of labels of a closed target are kept",)
    assert not bare.tables
