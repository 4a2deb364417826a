"""Anybody's long tables: what is read of them, and what is refused with its line."""

import re

import pandas as pd
import pytest

from crosstask.analysis.matrix.score_table import score_table
from crosstask.config.analysis import Runs, RunsKind
from crosstask.errors import UserError
from crosstask.runs.score_tables.reading import read_score_table


def read(path, rows=("source",), **options) -> pd.DataFrame:
    """The scores in a file."""
    return read_score_table(Runs(kind=RunsKind.table, path=str(path), **options), rows).scores


def test_three_columns_are_enough_and_scores_are_not_rescaled(csv_file):
    table = read(csv_file("target,source,score", "goat,base,12.5", "goat,imdb,80"))
    assert table["score"].tolist() == [12.5, 80.0]
    assert table[["seed", "metric", "stderr", "n"]].isna().all(axis=None)


def test_optional_columns_are_read_and_others_ignored(csv_file):
    header = "source,target,score,seed,metric,stderr,n,remark"
    table = read(csv_file(header, "imdb,goat,0.5,3,f1,0.01,200,fine", "base,goat,0.4,,f1,,200,"))
    assert table.loc[0].tolist() == ["imdb", "goat", 3, "f1", 0.5, 0.01, 200]
    assert pd.isna(table.loc[1, "seed"])
    assert pd.isna(table.loc[1, "stderr"])


def test_columns_that_make_rows_are_kept_and_tell_rows_apart(csv_file):
    path = csv_file("source,target,score,model", "base,goat,0.1,small", "base,goat,0.2,large", "imdb,goat,0.3,large")
    table = read(path, ("source", "model"))
    assert table["model"].tolist() == ["small", "large", "large"]
    kept = score_table(table, rows=("source", "model"))
    assert list(kept)[-1] == "model"
    again = "line 3: base -> goat, no seed is on line 2 already; the two differ in model: "
    with pytest.raises(UserError, match=re.escape(f"{again}analysis.rows=[source,model] keeps them apart")):
        read(path)
    with pytest.raises(UserError, match="no column 'method'"):
        read(path, ("source", "method"))


def test_a_byte_order_mark_is_no_part_of_the_header(csv_file):
    assert len(read(csv_file("source,target,score", "base,goat,1", encoding="utf-8-sig"))) == 1


def test_no_file(tmp_path):
    with pytest.raises(UserError, match=r"none\.csv: no such file; a table has the columns source,target,score$"):
        read(tmp_path / "none.csv")


def test_a_folder_is_not_a_file(tmp_path):
    with pytest.raises(UserError, match="not a readable file"):
        read(tmp_path)


def test_a_table_without_fields_is_not_one_with_other_separators(csv_file):
    with pytest.raises(UserError, match="no column of names"):
        read(csv_file("12.5", "13"))


HEADER = "source,target,seed,score,metric,n"
ERRORS = "source,target,score,stderr"
MODELS = "source,target,seed,score,model,remark"


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["source:target:score", "a:b:1"], "no columns 'target', 'score'; the columns are 'source:target:score'"),
        (["source,target,mark", "a,b,c"], "no column 'score'; the columns are 'source', 'target', 'mark'"),
        (["source,target,mark", "a,b,1"], "; runs.metric=NAME takes one of mark for the score"),
        ([HEADER], "no rows below the header"),
        ([HEADER, "a,b,0,1,,", "", "a,c,0,good,,"], "line 4: score 'good' is not a number"),
        ([HEADER, "a,b,0,inf,,"], "line 2: score 'inf' is not a number"),
        ([HEADER, "a,b,0,1_0,,"], "line 2: score '1_0' is not a number"),
        ([HEADER, "a,b,0,,,", "c,b,0,NA,,"], "every score is missing"),
        ([HEADER, ",b,0,1,,"], "line 2: source is empty"),
        ([HEADER, "a,b,0.5,1,,"], "line 2: seed '0.5' is not a whole number"),
        ([HEADER, "a,b,0,1,,1e-3"], "line 2: n '1e-3' is not a whole number"),
        (
            [HEADER, "a,b,0,1,,", "a,b,-1,1,,"],
            "line 3: seed -1 is below 0; number seeds from 0, or leave all of them empty",
        ),
        (
            [HEADER, "base,b,,1,,", "a,b,0,1,,", "a,c,,1,,"],
            "line 4: seed of a is empty, and 0 elsewhere; give every line of a source a seed, or none",
        ),
        ([HEADER, "a,b,0,1,,", "a,b,1,1,,", "a,b,0,2,,"], "line 4: a -> b, seed 0 is on line 2 already"),
        ([HEADER, "a,b,,1,,", "a,b,,1,,"], "line 3: a -> b, no seed is on line 2 already"),
        ([HEADER, "a,b,0,1,,0"], "line 2: n '0' is below 1; leave it empty where it is not known"),
        ([HEADER, "a,b,0,1,,-5"], "line 2: n '-5' is below 1"),
        ([HEADER, "a,b,0,1,,1e300"], "line 2: n '1e300' is not a whole number of this size"),
        ([ERRORS, "a,b,0.5,0.1", "c,b,0.5,-0.1"], "line 3: stderr '-0.1' is below 0"),
        ([ERRORS, "a,b,0.5,inf"], "line 2: stderr 'inf' is not a number"),
        (
            [ERRORS, "a,b,0.5,0.1", "c,b,0.4,2.2"],
            "line 3: stderr 2.2 of a score of 0.4; scores between 0 and 1 have standard errors of at most 0.5: both"
            " must be fractions, or both percentages",
        ),
        ([ERRORS, "a,b,50,0.1", "c,b,40,51"], "line 3: stderr 51 of a score of 40; scores between 0 and 100 have"),
        (
            [ERRORS, "a,b,1,0", "c,b,0.4,0", "d,b,0.2,"],
            "line 3: stderr 0 of a score of 0.4, and 0 on every other line; leave it empty where it is not known",
        ),
        ([ERRORS, "a,b,-1,0", "c,b,5,0"], "line 2: stderr 0 of a score of -1"),
        (
            [MODELS, "base,b,,1,s,r", "a,b,0,1,s,r", "a,b,1,1,m,q"],
            "column 'model' has 2 values: s, m; they would be averaged like seeds: analysis.rows=[source,model] keeps"
            " them apart, or leave all but one out",
        ),
        (
            [MODELS.replace("remark", "lora.rank"), "base,b,,1,s,", "a,b,0,1,s,8", "c,b,0,1,s,16"],
            "column 'lora.rank' has 2 values: 8, 16; they would be averaged like seeds: analysis.rows=[source,"
            "lora.rank]",
        ),
        (
            [MODELS.replace("remark", "base"), "a,b,0,1,s,x", "c,b,0,1,m,y"],
            "analysis.rows=[source,model] keeps them apart",
        ),
        (
            [MODELS, "a,b,0,1,s,r", "a,b,0,1,s,q"],
            "line 3: a -> b, seed 0 is on line 2 already; the two differ in remark: analysis.rows=[source,"
            "remark] keeps",
        ),
        (
            [HEADER, "a,b,0,1,f1,", "c,b,0,1,em,"],
            "target 'b' has scores of several metrics: em, f1; runs.metric=NAME chooses one",
        ),
        ([HEADER, "a,b,0,1,,,x"], "line 2: 7 fields under a header of 6; a field with a comma in it"),
        ([HEADER + ",n", "a,b,0,1,,,"], "column 'n' stands 2 times in the header; each needs a name of its own"),
        ([HEADER, 'a,b,0,"1,,'], "line 2: unexpected end of data; is a quotation mark not closed?"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(csv_file, lines, message):
    path = csv_file(*lines)
    with pytest.raises(UserError) as caught:
        read(path)
    assert str(caught.value).startswith(str(path))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "lines",
    [
        [MODELS, "base,b,,1,s,r", "a,b,0,1,s,r", "c,b,0,1,s,q"],  # one model; a remark is nothing that runs differ in
        [MODELS, "base,b,,1,s,", "a,b,0,1,s,", "c,b,0,1,,"],  # where nothing is said, nothing differs
        [MODELS.replace("model", "settings"), "base,b,,1,none,", "a,b,0,1,x,"],  # a base model is trained with none
        [ERRORS, "a,b,0,0", "c,b,1,0"],  # all right or all wrong
        [ERRORS, "a,b,0.5,0.5", "c,b,0.5,0"],
        [ERRORS, "a,b,0.5,1.5", "c,b,-3,2"],  # no unit, no limit
    ],
)
def test_what_may_be_in_a_table_is_read(csv_file, lines):
    assert len(read(csv_file(*lines))) == len(lines) - 1


@pytest.mark.parametrize(
    ("column", "rows"),
    [
        ("model", ("source", "model")),
        ("model", ("source", "base")),
        ("lora.rank", ("source", "lora.rank")),
        ("lora.rank", ("source", "settings")),
    ],
)
def test_runs_that_rows_tell_apart_may_differ(csv_file, column, rows):
    other = rows[1] if rows[1] != column else "remark"
    path = csv_file(f"source,target,score,{column},{other}", "a,b,1,s,x", "c,b,1,m,y")
    assert len(read(path, rows)) == 2
