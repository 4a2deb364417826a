"""Cells of the run store -> the two long tables, one of scores and one of all metrics."""

import pandas as pd

from crosstask.analysis.columns import CELLS, METRICS, SCORES, column_names, require_columns
from crosstask.analysis.task_order import TaskOrder


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
    names = column_names(SCORES)
    table = cells[[*names, *(name for name in rows if name not in names)]].astype({"seed": "Int64", "n": "Int64"})
    return _sorted(table, order or TaskOrder())


def one_score_per_run(scores: pd.DataFrame) -> pd.DataFrame:
    """Scores averaged where rows tell more apart than source, target and seed, such as models.

    Parameters
    ----------
    scores : DataFrame
        Columns ``SCORES`` and perhaps others.

    Returns
    -------
    DataFrame
        Columns ``SCORES``. The standard error of a mean is at most the mean of the standard errors, whatever the scores
        have in common; that is taken, with the smallest n. It is not known where one of them is not.

    Examples
    --------
    >>> columns = ["source", "target", "seed", "metric", "score", "stderr", "n", "model"]
    >>> rows = [("goat", "imdb", 0, "f1", 0.25, 0.01, 90, "a"), ("goat", "imdb", 0, "f1", 0.75, 0.03, 80, "b")]
    >>> one_score_per_run(pd.DataFrame(rows, columns=columns)).to_numpy().tolist()
    [['goat', 'imdb', 0, 'f1', 0.5, 0.02, 80]]
    """
    names = column_names(SCORES)
    groups = scores.groupby(["source", "target", "seed"], dropna=False, sort=False)
    means = (
        groups["score"]
        .mean()
        .to_frame()
        .assign(metric=groups["metric"].first(), stderr=groups["stderr"].mean(skipna=False), n=groups["n"].min())
    )
    return means.reset_index()[names]


def metric_table(cells: pd.DataFrame, order: TaskOrder | None = None) -> pd.DataFrame:
    """One row per source, target, seed and metric, for every metric of every cell.

    Parameters
    ----------
    cells : DataFrame
        Columns ``CELLS``.
    order : TaskOrder, optional
        Order of the rows; by name when left out. Metrics of one cell go by name.

    Returns
    -------
    DataFrame
        Columns ``METRICS``; ``value`` is NaN where a metric is not defined.

    Raises
    ------
    UserError
        If a column is absent.
    """
    require_columns(cells, CELLS, "cell table")
    rows = [
        (cell.source, cell.target, cell.seed, name, value)
        for cell in cells.itertuples()
        if isinstance(cell.metrics, dict)
        for name, value in sorted(cell.metrics.items())
    ]
    long = pd.DataFrame(rows, columns=column_names(METRICS))
    return _sorted(long.astype({"seed": "Int64", "value": "float64"}), order or TaskOrder())


def _sorted(frame: pd.DataFrame, order: TaskOrder) -> pd.DataFrame:
    """Rows by source, target, seed and metric; equal keys by what else they hold, so input order is lost."""
    frame = frame.reset_index(drop=True)
    sources = {name: place for place, name in enumerate(order.sources(frame["source"]))}
    targets = {name: place for place, name in enumerate(order.targets(frame["target"]))}
    places = frame.assign(source=frame["source"].map(sources), target=frame["target"].map(targets))
    keys = ["source", "target", "seed", "metric"]
    keys += [name for name in frame.columns if name not in keys]
    return frame.loc[places.sort_values(keys).index].reset_index(drop=True)
