"""Marks around numbers are read over; what else keeps a column from being one of scores is named with its place."""

import re

import pytest

from crosstask.config.analysis import Runs, RunsKind, TableColumns
from crosstask.errors import UserError
from crosstask.runs.score_tables.reading import ScoreTable, read_score_table


def read(path, columns=None, **options) -> ScoreTable:
    """What a file says."""
    named = TableColumns(**(columns or {}))
    return read_score_table(Runs(kind=RunsKind.table, path=str(path), columns=named, **options), ("source",))


def test_a_table_in_markdown_is_read(csv_file):
    lines = ["| Model | rte | copa |", "|:---|---:|:---:|", "| base | 52.1 | - |", "| x | **58.3** | __54.2__ |"]
    found = read(csv_file(*lines))
    assert found.scores[["source", "target", "score"]].to_numpy().tolist() == [
        ["base", "rte", 52.1],
        ["x", "rte", 58.3],
        ["x", "copa", 54.2],
    ]


def test_only_the_line_below_the_header_can_be_a_rule(csv_file):
    with pytest.raises(UserError, match="line 4: score '---' is not a number"):
        read(csv_file("source|target|score", "base|rte|1", "x|rte|2", "---|---|---"))


@pytest.mark.parametrize(
    ("cell", "rest"), [("58.3 (+6.2)", "'(+6.2)'"), ("58.3\u2020", "'\u2020'"), ("58.3*", "'*'"), ("58.3 [1]", "'[1]'")]
)
def test_the_cell_that_keeps_a_table_from_being_a_wide_one_is_named(csv_file, cell: str, rest: str):
    message = f"line 3, column 'rte': {cell!r} is not a number; leave out what stands behind the number, {rest}"
    with pytest.raises(UserError, match=re.escape(message)):
        read(csv_file("model,rte", "base,52.1", f"x,{cell}"))
    message = f"line 3: score {cell!r} is not a number; leave out what stands behind the number, {rest}"
    with pytest.raises(UserError, match=re.escape(message)):
        read(csv_file("model,rte", "base,52.1", f"x,{cell}"), targets=["rte"])


def test_differences_from_base_are_not_read_as_scores(csv_file):
    header, base, deltas = "model,rte,copa", "base,52.1,**55.0**", "x,-1.2,**+6.2**"
    message = (
        "line 3: score '**+6.2**' has a plus sign, but '**55.0**' (line 2) of target 'copa' has none; write scores, not"
    )
    with pytest.raises(UserError, match=re.escape(message)):
        read(csv_file(header, base, deltas))
    found = read(csv_file(header, "base,0,0.0", deltas, "y,-,+0.4"))  # all of them, as correlations may be written
    assert found.scores["score"].tolist() == [0.0, 0.0, -1.2, 6.2, 0.4]
    apart = read(csv_file("model,rte,corr", "base,52.1,+0.1", "x,53.0,+0.2"))  # another target, another way to write
    assert apart.scores["score"].tolist() == [52.1, 0.1, 53.0, 0.2]


@pytest.mark.parametrize("word", ["mean", "Avg", "std"])
def test_a_line_that_sums_up_seeds_is_none_of_them(csv_file, word: str):
    lines = ["source,target,seed,score", "base,rte,0,50", "base,rte,1,54", f"base,rte,{word},52", f"x,rte,{word},60"]
    with pytest.raises(UserError, match=f"line 4: seed '{word}' is none, but sums up other lines; leave lines with it"):
        read(csv_file(*lines))
    alone = read(csv_file(lines[0], *lines[3:]))  # published means of seeds
    assert alone.scores[["seed", "score"]].to_numpy().tolist() == [[0, 52.0], [0, 60.0]]


def test_a_line_of_units_is_named(csv_file):
    with pytest.raises(
        UserError, match=re.escape("line 2, column 'rte': '(acc)' is not a number; a score is a number,")
    ):
        read(csv_file("model,rte,copa", ",(acc),(em)", "base,52.1,50", "x,58.3,60"))


def test_of_a_column_that_is_left_out_the_first_cell_without_a_number_is_named(csv_file):
    found = read(csv_file("model,size,rte,copa", "base,7B,52.1,50", "x,7B,58.3\u2020,60", "y,7B,58.5\u2020,61"))
    (note,) = [note for note in found.notes if note.startswith("columns left out")]
    assert "no scores: size, rte (line 3: '58.3\u2020' is not a number); runs.targets=[...] chooses" in note


def test_columns_of_counts_are_the_n_of_their_target(csv_file):
    lines = ["model,rte,rte_stderr,rte_n,copa,copa_n", 'base,52.1,1.1,"1,400",50,', "x,58.3,1.0,1400,60,100"]
    found = read(csv_file(*lines))
    assert found.scores["target"].tolist() == ["rte", "copa"] * 2
    assert found.scores["n"].fillna(0).tolist() == [1400, 0, 1400, 100]
    assert "columns that are taken for the numbers of rows scored: rte_n, copa_n" in found.notes
    assert set(read(csv_file(*lines), targets=["rte", "rte_n"]).scores["target"]) == {"rte", "rte_n"}
    shares = read(csv_file("model,acc,acc_n", "base,0.5,0.6", "x,0.7,0.8"))
    assert set(shares.scores["target"]) == {"acc", "acc_n"}
    long = read(csv_file("source,target,acc,acc_n", "base,rte,0.5,90", "x,rte,0.6,80"), metric="acc")
    assert long.scores["n"].tolist() == [90, 80]


def test_a_table_with_a_row_per_target_is_to_be_transposed(csv_file):
    lines = ["Task,llama,alpaca", "rte,52.1,58.3", "copa,50,60"]
    told = (
        "a table with a row per target is to be transposed, and of one with a row per source"
        " runs.columns={source: Task} says so"
    )
    with pytest.raises(UserError, match=re.escape(told)):
        read(csv_file(*lines))
    found = read(csv_file(*lines), {"source": "Task"})
    assert set(found.scores["target"]) == {"llama", "alpaca"}
    assert found.notes[0].endswith("a column per target; if 'Task' names targets, transpose the table")


def test_a_proposal_quotes_names_that_need_it_and_names_no_column_twice(csv_file):
    path = csv_file("Mod\u00e8le,Task,Score (%)", "base,rte,50", "x,rte,60")
    proposal = "no column 'score'; the columns are 'Mod\u00e8le', 'Task', 'Score (%)'"
    with pytest.raises(UserError, match=re.escape(proposal)):
        read(path, {"source": "Mod\u00e8le", "target": "Task"})
    proposal = "runs.columns={source: 'Mod\u00e8le', target: ..., score: ...} names them"
    with pytest.raises(UserError, match=re.escape(proposal)):
        read(csv_file("Mod\u00e8le,x y", "base,rte", "x,rte"), {"source": "Mod\u00e8le"})
