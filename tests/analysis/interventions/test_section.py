"""The section on interventions: its tables, what it says, and that without any it says nothing."""

from dataclasses import replace

import pandas as pd
import pytest
from matplotlib.figure import Figure

from crosstask.analysis.conventions import Conventions
from crosstask.analysis.interventions.options import Options
from crosstask.analysis.interventions.section import Section
from crosstask.analysis.schema import column_names
from crosstask.analysis.section import Findings
from crosstask.report.figures.drawing import draw
from tests.support.interventions import changed_transfer

CHANGES = {
    ("wrong_labels", "wrong_labels", None): -0.3,
    ("share_wrong 0.25", "share_wrong", 0.25): 0.0,
    ("share_wrong 0.5", "share_wrong", 0.5): 0.0,
    ("other_rows seed=1", "other_rows", None): 0.0,
    ("random_update", "random_update", None): -0.2,
}


@pytest.fixture(scope="module")
def transfer():
    return changed_transfer(CHANGES, sources=("a", "b", "d"), targets=("a", "c", "e"))


@pytest.fixture(scope="module")
def found(transfer) -> Findings:
    return Section(Options())(transfer)


@pytest.fixture(scope="module")
def tables(found) -> dict[str, pd.DataFrame]:
    return {table.schema.name: table.frame for table in found.tables}


def test_every_table_has_the_columns_that_are_declared(found):
    assert [table.schema for table in found.tables] == list(Section.tables)
    for table in found.tables:
        assert list(table.frame.columns) == column_names(table.schema.columns)
        required = [column.name for column in table.schema.columns if column.missing == "never missing"]
        assert table.frame[required].notna().all(axis=None), table.schema.name


def test_the_findings_say_what_moved_beside_the_placebo_and_how_many_tests_there_were(found):
    assert len(found.lines) <= 4
    assert "of 24 cells off the diagonal (q <= 0.05; 24 tests), most" in found.lines[0]
    assert "exceed what other rows of the same data do, which move 0 of 8" in found.lines[0]
    assert "within 2 points" in found.lines[0]
    assert "wrong_labels takes off no more than 2 points in 0, more in" in found.lines[1]
    assert "for these sources, not for others" in found.lines[2]
    assert "24 tests off the diagonal are one family, 3 on own tasks, 9 tests of other_rows" in found.notes[0]
    assert "9 tests of random_update others" in found.notes[0]


def test_fewer_than_six_sources_hold_for_these_alone(tables):
    means = tables["intervention_means"]
    wrong = means[(means["variant"] == "wrong_labels") & means["source"].isna() & means["target"].isna()].iloc[0]
    assert "random_update" not in set(means["kind"])  # the same directions for all sources
    assert wrong["flip_p"] == 2 / 2**3
    assert wrong["holds_for"] == "these sources"
    many = changed_transfer({("wrong_labels", "wrong_labels", None): -0.3}, sources=tuple("abdfgh"), targets=("c",))
    means = {table.schema.name: table.frame for table in Section(Options())(many).tables}["intervention_means"]
    assert means.loc[means["target"] == "c", "holds_for"].tolist() == ["sources"]


def test_the_check_says_what_was_changed_and_what_became_of_the_own_task(tables):
    checks = tables["intervention_checks"]
    rows = checks[(checks["source"] == "a") & (checks["variant"] == "wrong_labels")].set_index("property")
    assert rows.loc["share of label x", ["original", "changed"]].tolist() == [0.5, 0.9]
    assert rows.loc["share of label x", "difference"] == pytest.approx(0.4)
    assert rows.loc["words of an answer", "changed"] == 1
    assert rows["rows_changed"].unique().tolist() == [0.5]
    assert rows.loc["score on a", "difference"] < -0.2
    assert rows.loc["score on a", "ci_low"] < rows.loc["score on a", "difference"] < rows.loc["score on a", "ci_high"]
    random = checks[checks["kind"] == "random_update"]
    assert set(random["property"]) == {"score on a"}  # it is trained on no rows


def test_the_figure_has_a_panel_for_each_source_without_placebo_and_random_update(found):
    (request,) = found.figures
    assert set(request.effects["kind"]) == {"wrong_labels", "share_wrong"}
    figure = draw(request)
    assert isinstance(figure, Figure)
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["a", "b", "d"]
    names = [label.get_text() for label in figure.axes[1].get_yticklabels()]
    assert len(names) == 9
    assert names[-1].startswith("wrong_labels")


def test_without_interventions_nothing_is_said(transfer):
    assert Section(Options())(replace(transfer, interventions=None)) == Findings()


def test_what_cannot_be_compared_is_a_note(transfer):
    known = replace(transfer.interventions, scores=lambda target: None, notes=("2 runs are left out",))
    nothing = Section(Options())(replace(transfer, interventions=known))
    assert not nothing.tables
    assert nothing.notes == (
        "interventions: 2 runs are left out",
        "interventions: no answers of changed runs and their originals to compare",
    )


def test_over_another_base_gains_that_are_left_are_not_told(transfer):
    other = replace(transfer, conventions=Conventions(reference="few_shot"))
    found = Section(Options())(other)
    assert "intervention_gains" not in {table.schema.name for table in found.tables}
    assert "nothing is said of gains" in found.notes[-1]


def test_a_wider_margin_makes_more_equivalent(transfer):
    wide = Section(Options(margin=0.5))(transfer)
    assert wide.tables[0].frame["equivalent"].sum() > 9
    assert "within 50 points" in wide.lines[0]


def test_a_label_that_one_seed_does_not_have_is_none_of_its_rows(transfer):
    known = transfer.interventions
    rare = [("source", run, "label", "rare", share) for run, share in (("a 0", 0.2), ("a wrong_labels 1", 0.6))]
    profiles = pd.concat([known.profiles, pd.DataFrame(rare, columns=known.profiles.columns)])
    found = Section(Options())(replace(transfer, interventions=replace(known, profiles=profiles)))
    checks = next(table.frame for table in found.tables if table.schema.name == "intervention_checks")
    of_label = checks[(checks["source"] == "a") & (checks["property"] == "share of label rare")]
    row = of_label[of_label["variant"] == "wrong_labels"].iloc[0]
    assert (row["original"], row["changed"]) == pytest.approx((0.1, 0.3))  # of two seeds one has it


def test_of_fewer_rows_what_the_fewest_leave_is_said_and_that_own_tasks_are_among_the_gains():
    changes = {("fewer_rows 0.1", "fewer_rows", 0.1): -0.1, ("fewer_rows 0.9", "fewer_rows", 0.9): 0.0}
    found = Section(Options())(changed_transfer(changes))
    assert "over base that stand (own tasks among them), fewer_rows 0.1 takes off" in found.lines[1]
