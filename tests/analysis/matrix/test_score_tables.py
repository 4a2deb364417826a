"""Long tables from cells and from anybody's CSV file."""

import re

import pandas as pd
import pytest

from crosstask.analysis.matrix.score_table import metric_table, score_table
from crosstask.analysis.matrix.task_order import TaskOrder
from crosstask.errors import UserError
from crosstask.runs.published_table import read_score_table


@pytest.fixture
def csv_file(tmp_path):
    """A function that writes lines to a file and gives its path."""

    def write(*lines: str, encoding: str = "utf-8"):
        path = tmp_path / "published.csv"
        path.write_text("\n".join(lines) + "\n", encoding=encoding)
        return path

    return write


def test_scores_are_sorted_by_order_and_seed(cell_table):
    cells = cell_table({"source": "imdb", "seed": 1}, {"source": "imdb"}, {"source": "base"}, {"source": "pile"})
    table = score_table(cells, TaskOrder(("pile", "imdb")))
    assert list(table.columns) == ["source", "target", "seed", "metric", "score", "stderr", "n"]
    assert table["source"].tolist() == ["base", "pile", "imdb", "imdb"]
    assert table["seed"].tolist() == [pd.NA, 0, 0, 1]


def test_seeds_and_rows_are_whole_numbers_whatever_the_type_they_come_in(cell_table):
    cells = cell_table({"source": "imdb"}, {"source": "base"}).astype({"seed": "float64", "n": "object"})
    table = score_table(cells)
    assert table[["seed", "n"]].dtypes.tolist() == ["Int64", "Int64"]


def test_every_metric_of_a_cell_has_a_row(cell_table):
    cells = cell_table(
        {"source": "imdb", "metrics": {"kappa": 0.1, "accuracy": 0.5}}, {"source": "base", "metrics": None}
    )
    rows = metric_table(cells).to_numpy().tolist()
    assert rows == [["imdb", "goat", 0, "accuracy", 0.5], ["imdb", "goat", 0, "kappa", 0.1]]


def test_no_metrics_is_an_empty_table(cell_table):
    table = metric_table(cell_table({"source": "base", "metrics": None}))
    assert table.empty
    assert list(table.columns) == ["source", "target", "seed", "metric", "value"]


def test_three_columns_are_enough_and_scores_are_not_rescaled(csv_file):
    table = read_score_table(csv_file("target,source,score", "goat,base,12.5", "goat,imdb,80"))
    assert table["score"].tolist() == [12.5, 80.0]
    assert table[["seed", "metric", "stderr", "n"]].isna().all(axis=None)


def test_optional_columns_are_read_and_others_ignored(csv_file):
    header = "source,target,score,seed,metric,stderr,n,remark"
    table = read_score_table(csv_file(header, "imdb,goat,0.5,3,f1,0.01,200,fine", "base,goat,0.4,,f1,,200,"))
    assert table.loc[0].tolist() == ["imdb", "goat", 3, "f1", 0.5, 0.01, 200]
    assert pd.isna(table.loc[1, "seed"])
    assert pd.isna(table.loc[1, "stderr"])


def test_columns_that_make_rows_are_kept_and_tell_rows_apart(csv_file):
    path = csv_file("source,target,score,model", "base,goat,0.1,small", "base,goat,0.2,large", "imdb,goat,0.3,large")
    table = read_score_table(path, ("source", "model"))
    assert table["model"].tolist() == ["small", "large", "large"]
    kept = score_table(table, rows=("source", "model"))
    assert list(kept)[-1] == "model"
    again = "line 3: base -> goat, no seed is on line 2 already; the two differ in model: "
    with pytest.raises(UserError, match=re.escape(f"{again}analysis.rows=[source,model] keeps them apart")):
        read_score_table(path)
    with pytest.raises(UserError, match="no column 'method'"):
        read_score_table(path, ("source", "method"))


def test_a_byte_order_mark_is_no_part_of_the_header(csv_file):
    assert len(read_score_table(csv_file("source,target,score", "base,goat,1", encoding="utf-8-sig"))) == 1


def test_no_file(tmp_path):
    with pytest.raises(UserError, match=r"none\.csv: no such file; a table has the columns source,target,score$"):
        read_score_table(tmp_path / "none.csv")


def test_a_folder_is_not_a_file(tmp_path):
    with pytest.raises(UserError, match="not a readable UTF-8 text file"):
        read_score_table(tmp_path)


def test_other_encodings_are_refused(csv_file):
    path = csv_file("source,target,score", "caffè,goat,1", encoding="latin-1")
    with pytest.raises(UserError, match="not a readable UTF-8 text file"):
        read_score_table(path)


HEADER = "source,target,seed,score,metric,n"
ERRORS = "source,target,score,stderr"
MODELS = "source,target,seed,score,model,remark"


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (
            ["source;target;score"],
            "no columns 'source', 'target', 'score'; the columns are 'source;target;score'",
        ),
        (["source,target,mark"], "no column 'score'; the columns are 'source', 'target', 'mark'"),
        ([HEADER], "no rows below the header"),
        ([HEADER, "a,b,0,1,,", "", "a,c,0,n/a,,"], "line 4: score 'n/a' is not a number"),
        ([HEADER, "a,b,0,nan,,"], "line 2: score 'nan' is not a number"),
        ([HEADER, "a,b,0,,,"], "line 2: score is empty; leave the whole row out where a score is missing"),
        ([HEADER, ",b,0,1,,"], "line 2: source is empty"),
        ([HEADER, "a,b,first,1,,"], "line 2: seed 'first' is not a number"),
        ([HEADER, "a,b,0.5,1,,"], "line 2: seed '0.5' is not a whole number"),
        ([HEADER, "a,b,0,1,,1e-3"], "line 2: n '1e-3' is not a whole number"),
        (
            [HEADER, "a,b,0,1,,", "a,b,-1,1,,"],
            "line 3: seed -1 is below 0; number seeds from 0, or leave all of them empty",
        ),
        (
            [HEADER, "base,b,,1,,", "a,b,0,1,,", "a,c,,1,,"],
            "line 4: seed of a is empty, and 0 on line 3; give every line of a source a seed, or none",
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
        ([HEADER, "a,b,0,1,f1,", "c,b,0,1,em,"], "target 'b' has scores of several metrics: em, f1"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(csv_file, lines, message):
    path = csv_file(*lines)
    with pytest.raises(UserError) as caught:
        read_score_table(path)
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
    assert len(read_score_table(csv_file(*lines))) == len(lines) - 1


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
    assert len(read_score_table(path, rows)) == 2
