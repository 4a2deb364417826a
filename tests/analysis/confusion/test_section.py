"""The section on confusion: its tables, what it says, and what it does where there is nothing."""

from dataclasses import replace

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from crosstask.analysis.confusion.options import Options
from crosstask.analysis.confusion.section import Section
from crosstask.analysis.conventions import Conventions
from tests.support.closed_matrix import closed_matrix


@pytest.fixture(scope="module")
def transfer():
    return closed_matrix()


@pytest.fixture(scope="module")
def tables(transfer):
    return {table.schema.name: table.frame for table in Section(Options())(transfer).tables}


def test_counts_stand_beside_those_of_base_with_wilsons_intervals(transfer, tables):
    behavior = transfer.behavior("other")
    table = tables["confusion"]
    row = table[
        (table["source"] == "pos") & (table["target"] == "other") & (table["seed"] == 1) & (table["gold"] == "l0")
    ].set_index("predicted")
    place = behavior.rows.index(("pos", 1))
    counts = np.bincount(behavior.predicted[place][behavior.gold == 0], minlength=2)
    base = np.bincount(behavior.predicted[0][behavior.gold == 0], minlength=2)
    n = counts.sum()
    assert row["count"].tolist() == [*counts, 0]
    assert row.index.tolist() == ["l0", "l1", "invalid"]
    assert row["base_share"].tolist() == pytest.approx([*base / n, 0])
    expected = proportion_confint(counts[1], n, method="wilson")
    assert (row.loc["l1", "ci_low"], row.loc["l1", "ci_high"]) == pytest.approx(expected)
    assert table.loc[table["source"] == "base", ["base_share", "seed"]].isna().all(axis=None)


def test_of_many_labels_only_pairs_that_somebody_answered_are_written(transfer):
    generator, n, labels = np.random.default_rng(0), 150, 40
    gold = generator.integers(0, labels, n)

    def many(target):
        found = transfer.behavior(target)
        predicted = np.where(
            generator.random((len(found.rows), n)) < 0.5, gold, generator.integers(0, labels, (len(found.rows), n))
        )
        names = tuple(f"l{label}" for label in range(labels))
        return replace(found, labels=names, gold=gold, predicted=predicted, log_probabilities=None, decision=None)

    table = Section(Options())(replace(transfer, behavior=many)).tables[0].frame
    assert ((table["count"] > 0) | (table["base_share"] > 0)).all()
    sums = table.groupby(["source", "target", "seed"], dropna=False)["count"].sum()
    assert (sums == n).all()
    of_base = table.groupby(["source", "target", "seed", "gold"])["base_share"].sum()
    assert of_base.to_numpy() == pytest.approx(1)


def test_a_mean_over_seeds_follows_the_seeds(tables):
    table = tables["confusion_scores"]
    rows = table[(table["source"] == "neg") & (table["target"] == "pos") & (table["measure"] == "accuracy")]
    assert rows["seed"].tolist()[:2] == [0, 1]
    assert rows["seeds"].tolist() == [1, 1, 2]
    assert rows["value"].iloc[2] == pytest.approx(rows["value"].iloc[:2].mean())
    assert (rows["value"] - rows["base"]).to_numpy() == pytest.approx(rows["change"].to_numpy())


def test_cells_at_home_are_a_family_of_their_own_and_seeds_are_not_counted_twice(tables):
    table = tables["homogeneity"]
    counted = table[table["q"].notna()]
    assert (counted["seeds"] == 2).all()
    away = counted[~counted["home"]]
    assert away["q"].tolist() == pytest.approx(multipletests(away["p"], method="fdr_bh")[1])
    assert counted.loc[counted["home"], "source"].tolist() == ["pos"]


def test_the_findings_say_where_labels_moved_and_how_many_tests_there_were(transfer):
    found = Section(Options())(transfer)
    assert "of 7 closed cells off the diagonal" in found.lines[0]
    assert "7 tests" in found.lines[0]
    assert found.notes == ("confusion: 1 target without classes, or without answers, left out",)


def test_settings_are_columns_and_runs_are_held_against_base_of_their_own(transfer):
    behavior = transfer.behavior("other")
    two = replace(
        behavior,
        rows=tuple((*row, model) for model in ("a", "b") for row in behavior.rows),
        **{
            name: np.concatenate([getattr(behavior, name), np.roll(getattr(behavior, name), 1, axis=1)])
            for name in ("scores", "valid", "predicted", "log_probabilities", "decision")
        },
    )
    scores = transfer.scores[transfer.scores["target"] == "other"]
    scores = scores.assign(model="a")
    both = replace(
        transfer,
        scores=scores,
        conventions=Conventions(rows=("source", "model")),
        behavior=lambda target: two,
    )
    table = Section(Options())(both).tables[1].frame
    accuracy = table[table["measure"] == "accuracy"]
    base = accuracy[accuracy["source"] == "base"].set_index("model")["value"]
    for model in ("a", "b"):
        assert accuracy.loc[(accuracy["model"] == model) & (accuracy["source"] == "pos"), "base"].to_numpy() == (
            pytest.approx(base[model])
        )


def test_without_answers_nothing_is_said_and_without_closed_targets_or_base_it_is(transfer):
    assert Section(Options())(replace(transfer, behavior=None)) == type(Section(Options())(transfer))()
    nothing = Section(Options())(replace(transfer, behavior=lambda target: None))
    assert (nothing.tables, nothing.notes) == ((), ("confusion: no answers to a closed target are kept",))
    without = Section(Options())(closed_matrix(base=False))
    assert without.notes[0] == "confusion: no base model was scored on a closed target, so nothing is compared"
    assert without.tables[1].frame["change"].isna().all()


def test_a_label_that_base_always_and_an_adapter_never_answers_has_no_interval_in_the_finding(transfer):
    def one_each(target):
        found = transfer.behavior(target)
        if not found.is_closed:
            return found
        predicted = np.where(np.arange(len(found.rows))[:, None] > 0, 1, np.zeros_like(found.predicted))
        return replace(found, predicted=predicted)

    line = Section(Options())(replace(transfer, behavior=one_each)).lines[0]
    assert line.endswith("points")
    assert "nan" not in line
