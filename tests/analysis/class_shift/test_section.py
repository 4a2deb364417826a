"""The section on class shifts: its tables, what it says, and what it does where there is nothing."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from crosstask.analysis.class_shift.findings import carry_over_line
from crosstask.analysis.class_shift.options import Options
from crosstask.analysis.class_shift.section import Section
from tests.support.closed_matrix import SOURCES, closed_matrix


@pytest.fixture(scope="module")
def transfer():
    return closed_matrix()


@pytest.fixture(scope="module")
def findings(transfer):
    return Section(Options(swaps=199, relabelings=100))(transfer)


@pytest.fixture(scope="module")
def tables(findings):
    return {table.schema.name: table.frame for table in findings.tables}


def test_shifts_stand_beside_the_training_shares(tables):
    table = tables["class_shift"]
    row = table[(table["source"] == "pos") & (table["target"] == "other") & (table["label"] == "l1")]
    assert row["seeds"].tolist() == [1, 1, 2]
    assert row["train_share"].tolist() == pytest.approx([SOURCES["pos"]] * 3, abs=1e-3)
    assert row["value"].iloc[2] == pytest.approx(0.69, abs=0.2)  # half the log odds of .8
    assert (row["ci_low"] > 0).all()


def test_carry_over_is_found_where_it_was_planted(tables, findings):
    of_all = tables["carry_over"].iloc[0]
    assert of_all["slope"] == pytest.approx(1.0, abs=0.15)
    assert of_all["relabelings"] == 24
    assert of_all["p"] <= 2 / 24  # the shares the other way round lie nearly as far from 0
    assert "Per nat of its training share" in findings.lines[-1]
    assert tables["carry_over"]["target"].iloc[1:].tolist() == ["other", "pos"]
    without = Section(Options(swaps=100))(closed_matrix(leans=0.0))
    assert abs(without.tables[2].frame["slope"].iloc[0]) < 0.2


def test_the_finding_says_what_cannot_be_told():
    columns = ["target", "slope", "ci_low", "ci_high", "p", "sources", "relabelings"]

    def line(*values):
        return carry_over_line(pd.DataFrame([(None, *values)], columns=columns), 0.05)[0]

    assert line(0.9, 0.4, 1.2, 0.02, 6, 720).endswith("(+0.40 to +1.20; p = 0.02, 6 sources, 720 relabelings)")
    assert line(0.9, np.nan, 1.2, 0.2, 6, 720).endswith(
        "(no lower limit to +1.20; p = 0.2, 6 sources, 720 relabelings): whether they do cannot be told from this"
    )
    few = line(1.6, np.nan, np.nan, 0.17, 5, 12)
    assert "(no interval can be told; p = 0.17, 5 sources, 12 relabelings)" in few
    assert few.endswith("with so few relabelings no p is below 0.05, so whether they do cannot be told")


def test_a_gain_is_what_remains_and_what_the_shift_made(tables):
    table = tables["class_shift_cells"]
    assert (table["remaining"] + table["by_shift"]).to_numpy() == pytest.approx(table["gain"].to_numpy())
    assert table["rescaled_remaining"].notna().all()
    assert table["sharpness"].between(0.8, 1.25).all()
    of_pos = table[(table["source"] == "pos") & (table["seeds"] == 2)]
    assert (of_pos["total_variation"] > of_pos["null_high"]).all()
    assert table.loc[table["q"].notna(), "seeds"].eq(2).all()


def test_a_blunter_adapter_leans_only_as_far_as_base_does(transfer):
    def blunt(target):
        found = transfer.behavior(target)
        if not found.is_closed:
            return found
        base = found.log_probabilities[:1] + np.array([1.0, -1.0], np.float32)
        factors = np.array([1.0, *[0.5] * (len(found.rows) - 1)], np.float32)
        values = factors[:, None, None] * base
        noise = 1e-3 * np.random.default_rng(0).normal(size=values.shape).astype(np.float32)
        values[1:] += noise[1:]
        chosen = np.repeat(base.argmax(axis=2), len(found.rows), axis=0)
        return replace(found, log_probabilities=values, decision=values, predicted=chosen)

    found = Section(Options(swaps=100))(replace(transfer, behavior=blunt))
    cells = found.tables[1].frame
    assert cells["q"].dropna().max() < 0.001
    assert cells["sharpness"].to_numpy() == pytest.approx(0.5, abs=0.01)
    assert cells["rescaled_remaining"].abs().max() < 0.01
    assert "in 0 of them by more than being sharper or blunter than base explains" in found.lines[0]


def test_class_shares_are_told_only_where_they_can_be(tables, transfer):
    assert tables["class_shares"]["identified"].all()
    assert tables["class_shares"][["bbse", "saerens"]].notna().all(axis=None)
    strict = Section(Options(swaps=100, condition=1.0))(transfer)
    table = strict.tables[3].frame
    assert not table["identified"].any()
    assert table[["bbse", "saerens", "base_saerens"]].isna().all(axis=None)
    assert table["reason"].str.startswith("condition number").all()
    assert "not identified on 2 of 2 closed targets" in strict.notes[0]


def test_the_map_has_closed_targets_and_adapters(findings):
    (chart,) = findings.figures
    assert set(chart.shares.index) == set(SOURCES)
    assert sorted(chart.shares.columns) == ["other", "pos"]
    assert chart.shares.notna().all(axis=None)


def test_a_label_with_a_single_row_takes_the_tests_and_is_named(transfer):
    def single(target):
        found = transfer.behavior(target)
        return replace(found, gold=(np.arange(len(found.gold)) == 3).astype(int)) if target == "other" else found

    found = Section(Options(swaps=100))(replace(transfer, behavior=single))
    cells = found.tables[1].frame
    assert cells.loc[cells["target"] == "other", "p"].isna().all()
    assert cells.loc[cells["target"] == "other", "shift"].notna().all()
    assert found.notes[0].endswith("on 1 target with a label that is right for a single test row, e.g. other")


def test_generated_answers_have_predicted_shares_alone(transfer):
    def generated(target):
        found = transfer.behavior(target)
        return replace(found, log_probabilities=None, decision=None)

    found = Section(Options(swaps=100))(replace(transfer, behavior=generated))
    tables = {table.schema.name: table.frame for table in found.tables}
    assert tables["class_shift"].empty
    cells = tables["class_shift_cells"]
    assert cells["total_variation"].notna().all()
    assert cells[["shift", "p", "gain", "remaining"]].isna().all(axis=None)
    assert "2 closed targets with generated answers" in found.notes[0]


def test_without_answers_or_base_there_are_no_tables(transfer):
    assert not Section(Options())(replace(transfer, behavior=None)).notes
    found = Section(Options())(closed_matrix(base=False))
    assert (found.tables, found.notes) == (
        (),
        ("class_shift: no answers of base and an adapter to a closed target are kept",),
    )
