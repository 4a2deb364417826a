"""Long tables from cells."""

import pandas as pd

from crosstask.analysis.matrix.score_table import metric_table, score_table
from crosstask.analysis.matrix.task_order import TaskOrder


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
