"""Wide tables, and what options choose: columns, targets, a metric, the base model, units, the direction."""

import re

import pandas as pd
import pytest

from crosstask.analysis.matrix.score_unit import FRACTION, OTHER, PERCENT
from crosstask.config.analysis import Runs, RunsKind, TableColumns
from crosstask.errors import UserError
from crosstask.runs.score_tables.reading import ScoreTable, read_score_table

WIDE = ["Model,Params (B),Family,rte,copa,rte_stderr", "pythia,1.4,neox,52.1,55,1.1", "tuned,1.4,neox,58.3,N/A,-"]
METRICS = ["source,target,metric,score", "base,a,acc,0.3", "base,a,ppl,20", "x,a,acc,0.4", "x,a,ppl,18"]
SEVERAL = ["source,target,acc,f1,acc_stderr", "base,a,0.3,0.2,0.01", "x,a,0.4,0.1,0.02"]
LONG = ["source,target,score", "base,a,50", "x,a,60", "base,b,0.5", "x,b,0.6"]


def read(path, rows=("source",), columns=None, **options) -> ScoreTable:
    """What a file says."""
    named = TableColumns(**(columns or {}))
    return read_score_table(Runs(kind=RunsKind.table, path=str(path), columns=named, **options), rows)


def cells(table: ScoreTable) -> dict[tuple[str, str], float]:
    """Its scores."""
    return {(row["source"], row["target"]): row["score"] for row in table.scores.to_dict("records")}


def test_a_wide_table_has_a_row_per_source_and_a_column_per_target(csv_file):
    found = read(csv_file(*WIDE), base="pythia")
    assert cells(found) == {("base", "rte"): 52.1, ("base", "copa"): 55.0, ("tuned", "rte"): 58.3}
    assert found.scores["stderr"].tolist()[:1] == [1.1]
    assert found.scores["stderr"].isna().tolist() == [False, True, True]
    assert found.notes == (
        "a wide table: a row per 'Model', a column per target",
        "columns left out, as no scores: Params (B), Family; runs.targets=[...] chooses others",
        "1 score of 4 missing: tuned -> copa",
    )


def test_targets_of_a_wide_table_can_be_chosen(csv_file):
    found = read(csv_file(*WIDE), targets=["rte", "Params (B)"])
    assert set(found.scores["target"]) == {"rte", "Params (B)"}
    with pytest.raises(UserError, match=re.escape("no column 'rta' (did you mean 'rte'?)")):
        read(csv_file(*WIDE), targets=["rta"])


def test_an_index_without_a_name_holds_the_sources_unless_it_numbers_rows(csv_file):
    assert cells(read(csv_file(",a", "base,0.2", "x,0.3"))) == {("base", "a"): 0.2, ("x", "a"): 0.3}
    assert cells(read(csv_file("Unnamed: 0,name,a", "0,base,0.2", "1,x,0.3"))) == {("base", "a"): 0.2, ("x", "a"): 0.3}


def test_a_wide_table_can_have_seeds_and_further_keys(csv_file):
    found = read(csv_file("source,seed,model,a", "base,,s,1", "x,r1,s,2", "x,r2,s,3"), rows=("source", "model"))
    assert found.scores["seed"].tolist() == [pd.NA, 0, 1]
    assert found.scores["model"].tolist() == ["s"] * 3
    assert "seeds are numbered: r1 0, r2 1" in found.notes


def test_headers_are_named_or_proposed(csv_file):
    path = csv_file("model,task,acc,trials", "base,a,0.3,7", "x,a,0.4,7")
    proposal = "runs.columns={source: model, target: task, score: acc} names them"
    with pytest.raises(UserError, match=re.escape(proposal)):
        read(path)
    found = read(path, columns={"source": "model", "target": "task", "score": "acc", "n": "trials"})
    assert cells(found) == {("base", "a"): 0.3, ("x", "a"): 0.4}
    assert found.scores[["metric", "n"]].to_numpy().tolist() == [["acc", 7]] * 2
    with pytest.raises(
        UserError, match=re.escape("runs.columns.score=ac: ") + ".*" + re.escape("(did you mean 'acc'?)")
    ):
        read(path, columns={"source": "model", "target": "task", "score": "ac"})


def test_letters_of_headers_may_be_large(csv_file):
    assert cells(read(csv_file("Source, Target, SCORE", "base, a, 0.3"))) == {("base", "a"): 0.3}


def test_one_column_is_not_two_things(csv_file):
    message = "runs.columns: 'score' is named for score and for stderr; a column is one thing"
    with pytest.raises(UserError, match=re.escape(message)):
        read(csv_file("source,target,score", "base,a,0.3"), columns={"score": "score", "stderr": "score"})


def test_a_metric_is_chosen_from_a_column_of_metrics(csv_file):
    with pytest.raises(UserError, match=r"several metrics: acc, ppl; runs\.metric=NAME chooses one"):
        read(csv_file(*METRICS))
    assert cells(read(csv_file(*METRICS), metric="ppl")) == {("base", "a"): 20.0, ("x", "a"): 18.0}
    with pytest.raises(UserError, match=re.escape("has no such metric (did you mean 'acc'?); there are acc, ppl")):
        read(csv_file(*METRICS), metric="ac")


def test_scores_without_a_metric_where_others_of_their_target_have_one_are_named(csv_file):
    rows = ["source,target,metric,score", "base,a,acc,0.3", "x,a,,0.4", "y,a,,0.5", "base,b,,0.2", "x,b,,0.1"]
    found = read(csv_file(*rows))
    (note,) = found.notes
    assert re.fullmatch(
        "2 scores of target 'a' taken for acc, as others of it are: metric is empty in .*, line 3 and others", note
    )
    assert len(found.scores) == 5
    found = read(csv_file(*rows), metric="acc")
    (note,) = found.notes
    assert re.fullmatch("runs.metric=acc: 4 scores of no metric left out, the first in .*, line 3", note)
    assert len(found.scores) == 1


def test_beside_a_column_of_metrics_the_score_is_named_by_a_column(csv_file):
    path = csv_file("source,target,metric,value,Value (%)", "base,a,acc,0.3,30", "x,a,acc,0.4,40")
    for options in ({}, {"metric": "value"}):
        with pytest.raises(UserError, match=re.escape("; runs.columns={score: NAME} takes one of value, 'Value (%)'")):
            read(path, **options)
    assert list(cells(read(path, columns={"score": "value"}, metric="acc")).values()) == [0.3, 0.4]


def test_a_metric_is_chosen_from_columns_of_scores_with_its_errors(csv_file):
    with pytest.raises(UserError, match="takes one of acc, f1, acc_stderr for the score"):
        read(csv_file(*SEVERAL))
    found = read(csv_file(*SEVERAL), metric="acc")
    assert found.scores["stderr"].tolist() == [0.01, 0.02]
    assert set(found.scores["metric"]) == {"acc"}
    assert read(csv_file(*SEVERAL), metric="f1").scores["stderr"].isna().all()


def test_the_base_model_is_named(csv_file):
    with pytest.raises(UserError, match=re.escape("runs.base=bas: no such source (did you mean 'base'?)")):
        read(csv_file(*LONG), base="bas")
    with pytest.raises(UserError, match=r"runs\.base=x: the table has a source 'base' as well"):
        read(csv_file(*LONG), base="x")


def test_only_chosen_targets_are_read(csv_file):
    assert set(read(csv_file(*LONG), targets=["b"]).scores["target"]) == {"b"}
    with pytest.raises(UserError, match=re.escape("runs.targets: no target c; there are a, b")):
        read(csv_file(*LONG), targets=["c"])


def test_lower_names_targets_or_metrics(csv_file):
    assert read(csv_file(*LONG), lower=["b"]).lower == ("b",)
    assert read(csv_file(*METRICS), metric="ppl", lower=["ppl"]).lower == ("a",)
    with pytest.raises(UserError, match=re.escape("runs.lower: no target or metric d; there are a, b")):
        read(csv_file(*LONG), lower=["d"])


def test_units_are_stated_by_options_or_percent_signs(csv_file):
    assert read(csv_file(*LONG), units={"b": "fraction"}).units == {"b": FRACTION}
    assert read(csv_file(*LONG), units={"b": "number", "a": "percent"}).units == {"b": OTHER, "a": PERCENT}
    assert read(csv_file("source,target,score", "base,a,0.5%", "x,a,0.7 %")).units == {"a": PERCENT}
    names = read(csv_file("source,MATH (%),acc %,growth (%)", "base,0.5,0.2,50", "x,0.7,0.1,120"))
    assert names.units == {"MATH (%)": PERCENT, "acc %": PERCENT}
    assert read(csv_file("source,acc %", "base,0.5", "x,0.7"), units={"acc %": "fraction"}).units == {"acc %": FRACTION}
    with pytest.raises(UserError, match="line 3: score '0.7' has no percent sign, unlike others of target 'a'"):
        read(csv_file("source,target,score", "base,a,0.5%", "x,a,0.7"))
    with pytest.raises(UserError, match="not one of fraction, percent, number"):
        read(csv_file(*LONG), units={"b": "share"})
    with pytest.raises(UserError, match="target a has scores from 50 to 60, which are no fractions"):
        read(csv_file(*LONG), units={"a": "fraction"})


def test_an_error_stands_behind_the_score_or_in_a_column_not_both(csv_file):
    found = read(csv_file("source,target,score", "base,a,71.2 ± 0.3", "x,a,72"))
    assert found.scores["stderr"].tolist()[0] == 0.3
    assert found.notes == ("what stands behind +- is taken for the standard error of the score",)
    with pytest.raises(UserError, match="line 2: two standard errors, '71.2 ± 0.3' and stderr '0.2'"):
        read(csv_file("source,target,score,stderr", "base,a,71.2 ± 0.3,0.2"))


def test_a_run_without_any_score_is_named(csv_file):
    found = read(csv_file("source,target,seed,score", "x,a,0,1", "x,a,1,nan", "x,b,1,NA", "y,a,0,1", "y,b,0,"))
    assert found.notes == (
        "3 scores of 5 missing: x -> a, x -> b, y -> b",
        "without any score, perhaps failed: x (seed 1)",
    )


def test_standard_errors_are_held_against_the_unit_of_their_target(csv_file):
    lines = ["source,target,score,stderr", "base,a,50,0.5", "base,b,130,80", "base,c,0.5,0.9"]
    with pytest.raises(UserError, match="line 4: stderr 0.9 of a score of 0.5; scores between 0 and 1 have"):
        read(csv_file(*lines))


def test_columns_that_nothing_reads_are_listed_with_a_guess_at_what_they_are(csv_file):
    found = read(csv_file("source,target,score,std err,Seeds,Comment", "base,a,0.5,0.1,,x", "x,a,0.6,0.1,0,y"))
    assert found.notes == (
        "columns that are not read: std err (did you mean stderr? runs.columns={stderr: std err}), "
        "Seeds (did you mean seed? runs.columns={seed: Seeds}), Comment",
    )
    found = read(csv_file("source,target,score,stderr,N,model", "base,a,0.5,0.1,9,m", "x,a,0.6,0.1,9,m"))
    assert found.notes == ()
    assert read(csv_file(*SEVERAL), metric="acc").notes == ("columns that are not read: f1",)


def test_a_column_that_a_wide_table_has_for_a_target_may_be_another_thing(csv_file):
    found = read(csv_file("source,seeds,rte", "base,0,0.5", "x,1,0.6"))
    assert found.notes[1] == (
        "columns that are taken for targets: seeds (did you mean seed? runs.columns={seed: seeds})"
    )
