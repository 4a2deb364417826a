"""Long tables from cells and from anybody's CSV file."""

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
    with pytest.raises(UserError, match="line 3: base -> goat, no seed is on line 2 already"):
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
        ([HEADER, "a,b,0,1,,", "a,b,1,1,,", "a,b,0,2,,"], "line 4: a -> b, seed 0 is on line 2 already"),
        ([HEADER, "a,b,,1,,", "a,b,,1,,"], "line 3: a -> b, no seed is on line 2 already"),
        ([HEADER, "a,b,0,1,f1,", "c,b,0,1,em,"], "target 'b' has scores of several metrics: em, f1"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(csv_file, lines, message):
    path = csv_file(*lines)
    with pytest.raises(UserError) as caught:
        read_score_table(path)
    assert str(caught.value).startswith(str(path))
    assert message in str(caught.value)
