"""Scores -> the transfer matrix, sources x targets, and the gains over the base model."""

import warnings
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crosstask.analysis.matrix.columns import MISSING
from crosstask.analysis.matrix.row_keys import row_index, row_sources
from crosstask.analysis.matrix.task_order import TaskOrder
from crosstask.analysis.schema import BASE, column_names, require_columns
from crosstask.errors import UserError


def transfer_matrix(
    scores: pd.DataFrame, order: TaskOrder | None = None, rows: tuple[str, ...] = ("source",)
) -> pd.DataFrame:
    """Mean score of each source-target pair over seeds.

    Parameters
    ----------
    scores : DataFrame
        Columns ``source``, ``target``, ``seed`` (<NA> for the base model) and ``score``; one row per source,
        target and seed. Rows that share all three are averaged first, with a warning.
    order : TaskOrder, optional
        Order of rows and columns; by name when left out. The base model is always the first row.
    rows : tuple of str
        Columns that make a row, the source first. With others besides, such as the seed, rows are finer than sources.
        Rows of a source go by these, numbers by size.

    Returns
    -------
    DataFrame, shape (n_rows, n_targets)
        In the unit of ``score``; NaN where a pair was never scored. Rows are as from `row_index`: sources, or a level
        for each key.

    Raises
    ------
    UserError
        If a column is absent.

    Examples
    --------
    >>> scores = pd.DataFrame(
    ...     [("base", "goat", None, 0.25), ("imdb", "goat", 0, 0.30), ("imdb", "goat", 1, 0.40)],
    ...     columns=["source", "target", "seed", "score"],
    ... )
    >>> transfer_matrix(scores).round(2)
    target  goat
    source
    base    0.25
    imdb    0.35
    >>> transfer_matrix(scores, rows=("source", "seed")).round(2)
    target       goat
    source seed
    base         0.25
    imdb   0     0.30
           1     0.40
    """
    require_columns(scores, ["source", "target", "seed", "score", *rows], "score table")
    order = order or TaskOrder()
    of_scores = row_index(scores, rows)
    index = _in_order(of_scores.unique(), order)
    placed = scores.assign(row=index.get_indexer(of_scores))
    _warn_of_duplicates(placed)
    matrix = _means_over_seeds(placed)
    return matrix.reindex(columns=order.targets(matrix.columns)).set_axis(index)


def seed_scores(scores: pd.DataFrame, rows: tuple[str, ...] = ("source",)) -> pd.DataFrame:
    """Scores of the single seeds that the rows of a transfer matrix are means over.

    Parameters
    ----------
    scores, rows
        As for `transfer_matrix`.

    Returns
    -------
    DataFrame, shape (n_runs, n_targets)
        The row of each run as its index, which so comes once for each seed, in their order; NaN where a run was not
        scored.

    Examples
    --------
    >>> columns = ["source", "target", "seed", "score"]
    >>> seed_scores(pd.DataFrame([("imdb", "goat", 0, 0.25), ("imdb", "goat", 1, 0.5)], columns=columns))
    target  goat
    source
    imdb    0.25
    imdb    0.50
    """
    of_scores = row_index(scores, rows)
    index = of_scores.unique()
    placed = scores.assign(row=index.get_indexer(of_scores))
    runs = placed.groupby(["row", "seed", "target"], dropna=False)["score"].mean().unstack("target")
    return runs.set_axis(index[runs.index.get_level_values("row")])


def gains(matrix: pd.DataFrame, over: Literal["base", "mean"] = "base") -> pd.DataFrame:
    """What each source adds to each target.

    Parameters
    ----------
    matrix : DataFrame, shape (n_sources, n_targets)
        As from `transfer_matrix`.
    over : {"base", "mean"}
        Subtract the base model's row, which is then left out; or each target's mean over all sources that
        have a score, for tables without a base model.

    Returns
    -------
    DataFrame, shape (n_sources - 1, n_targets), or (n_sources, n_targets) over the mean
        In the unit of the scores, -1 to 1 for fractions; NaN where either score is missing.

    Raises
    ------
    UserError
        If the base model's row is asked for and absent.

    Examples
    --------
    >>> matrix = pd.DataFrame({"goat": [0.25, 0.35]}, index=["base", "imdb"])
    >>> gains(matrix).round(2)
          goat
    imdb   0.1
    """
    if over == "mean":
        return matrix - matrix.mean()
    if BASE not in matrix.index:
        there = ", ".join(map(str, matrix.index))
        raise UserError(f"no row {BASE!r} to take gains over; the sources are {there}")
    return matrix.drop(index=BASE) - matrix.loc[BASE]


def missing_cells(matrix: pd.DataFrame) -> pd.DataFrame:
    """Source-target pairs without a score.

    Parameters
    ----------
    matrix : DataFrame, shape (n_sources, n_targets)
        As from `transfer_matrix`.

    Returns
    -------
    DataFrame
        Columns ``source`` and ``target``, row by row of the matrix; empty when nothing is missing.

    Examples
    --------
    >>> matrix = pd.DataFrame({"goat": [0.25, None], "imdb": [0.5, 0.6]}, index=["base", "imdb"])
    >>> missing_cells(matrix)
      source target
    0   imdb   goat
    """
    pairs = [(source, target) for source, row in matrix.isna().iterrows() for target in row.index[row]]
    return pd.DataFrame(pairs, columns=column_names(MISSING))


def home_cells(matrix: pd.DataFrame, order: TaskOrder) -> pd.DataFrame:
    """Which cells score a source on its own task, or a mixture on that of one of its parts.

    Parameters
    ----------
    matrix : DataFrame, shape (n_rows, n_targets)
        Scores or gains; only the keys of the rows and the names of the targets are read.
    order : TaskOrder
        Knows each source's home.

    Returns
    -------
    DataFrame of bool, shape (n_rows, n_targets)
        True in at most one cell of a row that is no mixture.
    """
    cells, places = np.zeros(matrix.shape, bool), {target: place for place, target in enumerate(matrix.columns)}
    for row, source in enumerate(row_sources(matrix.index)):
        cells[row, [places[task] for task in order.own_tasks(source) if task in places]] = True
    return pd.DataFrame(cells, matrix.index, matrix.columns, dtype=bool)


def _means_over_seeds(placed: pd.DataFrame) -> pd.DataFrame:
    """Means, rows x targets; what shares row, target and seed is averaged first."""
    # Grouping sorts the seeds: a mean depends on the order of its sum, and that of the rows must not show.
    per_seed = placed.groupby(["row", "target", "seed"], dropna=False)["score"].mean()
    return per_seed.groupby(level=["row", "target"]).mean().unstack("target")


def _in_order(rows: pd.Index, order: TaskOrder) -> pd.Index:
    """Rows by source, then by what else they have: by size where these are numbers, else by name."""
    sources = row_sources(rows)
    places = {source: place for place, source in enumerate(order.sources(sources))}
    sizes = {level: _sizes(rows.get_level_values(level)) for level in range(1, rows.nlevels)}
    keys = pd.DataFrame({0: sources.map(places), **sizes})
    return rows[keys.sort_values(list(keys), kind="stable").index]


def _sizes(values: pd.Index) -> NDArray[np.float64]:
    """Values to sort by: themselves where all are numbers, those that say nothing last; else their places by name."""
    numbers = pd.to_numeric(values, errors="coerce").to_numpy(float)
    if (np.isnan(numbers) == (values == "")).all():
        return numbers
    return np.unique(values, return_inverse=True)[1].astype(float)


def _warn_of_duplicates(placed: pd.DataFrame) -> None:
    """Warn of scores that share row, target and seed."""
    again = placed[placed.duplicated(["row", "target", "seed"])]
    if not again.empty:
        first = again.iloc[0]
        warnings.warn(
            f"{len(again)} score rows repeat a source, target and seed and are averaged, "
            f"the first {first['source']} -> {first['target']}, seed {first['seed']}",
            stacklevel=3,
        )
