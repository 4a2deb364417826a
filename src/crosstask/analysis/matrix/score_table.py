"""Cells of the run store -> the two long tables, one of scores and one of all metrics."""

import pandas as pd

from crosstask.analysis.matrix.columns import CELLS, METRICS, SCORES
from crosstask.analysis.matrix.row_keys import further_keys
from crosstask.analysis.matrix.task_order import TaskOrder
from crosstask.analysis.schema import column_names, require_columns


def score_table(
    cells: pd.DataFrame, order: TaskOrder | None = None, rows: tuple[str, ...] = ("source",)
) -> pd.DataFrame:
    """One row per source, target and seed, with the target's main metric.

    Parameters
    ----------
    cells : DataFrame
        Columns ``CELLS``, or at least those of ``SCORES``.
    order : TaskOrder, optional
        Order of the rows; by name when left out.
    rows : tuple of str
        Columns that make a row of the decomposition, as for `transfer_matrix`.

    Returns
    -------
    DataFrame
        Columns ``SCORES`` and those of the rows, sorted by source, target and seed.

    Raises
    ------
    UserError
        If a column is absent.
    """
    require_columns(cells, [*SCORES, *rows], "score table")
    table = cells[[*column_names(SCORES), *further_keys(rows)]].astype({"seed": "Int64", "n": "Int64"})
    return sorted_by(table, order or TaskOrder())


def metric_table(
    cells: pd.DataFrame, order: TaskOrder | None = None, rows: tuple[str, ...] = ("source",)
) -> pd.DataFrame:
    """One row per source, target, seed and metric, for every metric of every cell.

    Parameters
    ----------
    cells : DataFrame
        Columns ``CELLS`` and those of the rows.
    order : TaskOrder, optional
        Order of the rows; by name when left out. Metrics of one cell go by name.
    rows : tuple of str
        As for `score_table`.

    Returns
    -------
    DataFrame
        Columns ``METRICS`` and those of the rows; ``value`` is NaN where a metric is not defined.

    Raises
    ------
    UserError
        If a column is absent.
    """
    require_columns(cells, [*CELLS, *rows], "cell table")
    further = further_keys(rows)
    of_cells = cells[["source", "target", "seed", "metrics", *further]].itertuples(index=False, name=None)
    values = [
        (source, target, seed, name, value, *of_run)
        for source, target, seed, metrics, *of_run in of_cells
        if isinstance(metrics, dict)
        for name, value in sorted(metrics.items())
    ]
    long = pd.DataFrame(values, columns=[*column_names(METRICS), *further])
    return sorted_by(long.astype({"seed": "Int64", "value": "float64"}), order or TaskOrder())


def sorted_by(frame: pd.DataFrame, order: TaskOrder) -> pd.DataFrame:
    """Return rows by source, target, seed and metric; equal keys by what else they hold, so input order is lost."""
    frame = frame.reset_index(drop=True)
    sources = {name: place for place, name in enumerate(order.sources(frame["source"].unique()))}
    targets = {name: place for place, name in enumerate(order.targets(frame["target"].unique()))}
    places = frame.assign(source=frame["source"].map(sources), target=frame["target"].map(targets))
    keys = ["source", "target", "seed", "metric"]
    keys += [name for name in frame.columns if name not in keys]
    return frame.loc[places.sort_values(keys).index].reset_index(drop=True)
