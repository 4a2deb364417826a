"""Scores -> the transfer matrix, sources x targets, and the gains over the base model."""

import warnings
from typing import Literal

import pandas as pd

from crosstask.analysis.matrix.columns import MISSING
from crosstask.analysis.matrix.row_names import row_names
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
        Columns that make a row, the source first. With others besides, such as the seed, rows are finer than sources
        and are called by all of them, e.g. ``imdb/0``; what is empty, as the base model's seed, is left out. Rows of
        a source go by these, numbers by size.

    Returns
    -------
    DataFrame, shape (n_sources, n_targets)
        In the unit of ``score``; NaN where a pair was never scored.

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
    target  goat
    source
    base    0.25
    imdb/0  0.30
    imdb/1  0.40
    """
    require_columns(scores, ["source", "target", "seed", "score", *rows], "score table")
    order = order or TaskOrder()
    named = scores.assign(row=row_names(scores, rows))
    _warn_of_duplicates(named)
    matrix = _means_over_seeds(named)
    return matrix.reindex(index=_rows_in_order(named, order, rows), columns=order.targets(matrix.columns))


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


def home_cells(matrix: pd.DataFrame, order: TaskOrder, sources: pd.Series | None = None) -> pd.DataFrame:
    """Which cells score a source on its own task.

    Parameters
    ----------
    matrix : DataFrame, shape (n_sources, n_targets)
        Scores or gains; only the names are read.
    order : TaskOrder
        Knows each source's home.
    sources : Series, optional
        The source of each row, under its name; rows are sources themselves when left out.

    Returns
    -------
    DataFrame of bool, shape (n_sources, n_targets)
        True in at most one cell of each row.
    """
    named = zip(matrix.index, matrix.index if sources is None else sources.loc[matrix.index], strict=True)
    rows = {row: [order.home(source) == target for target in matrix.columns] for row, source in named}
    homes = pd.DataFrame.from_dict(rows, orient="index", columns=matrix.columns, dtype=bool)
    return homes.rename_axis(index=matrix.index.name)


def _means_over_seeds(named: pd.DataFrame) -> pd.DataFrame:
    """Means, rows x targets; what shares row, target and seed is averaged first."""
    # Grouping sorts the seeds: a mean depends on the order of its sum, and that of the rows must not show.
    per_seed = named.groupby(["row", "target", "seed"], dropna=False)["score"].mean()
    return per_seed.groupby(level=["row", "target"]).mean().unstack("target")


def _rows_in_order(named: pd.DataFrame, order: TaskOrder, rows: tuple[str, ...]) -> pd.Index:
    """Names of the rows: sources in order, then settings by size where they are numbers, else by name."""
    places = {source: place for place, source in enumerate(order.sources(named["source"].unique()))}
    keys = named.groupby("row")[list(rows)].first()
    keys = keys.assign(source=keys["source"].map(places)).apply(_sizes)
    return keys.sort_values(list(rows), kind="stable").index.rename("source")


def _sizes(values: pd.Series) -> pd.Series:
    """Values to sort by: themselves where all are numbers, in whatever type, else their places by name."""
    numbers = pd.to_numeric(values, errors="coerce")
    if numbers.isna().equals(values.isna()):
        return numbers
    return pd.Series(pd.factorize(values.astype("string"), sort=True)[0], values.index)


def _warn_of_duplicates(named: pd.DataFrame) -> None:
    """Warn of scores that share row, target and seed."""
    again = named[named.duplicated(["row", "target", "seed"])]
    if not again.empty:
        first = again.iloc[0]
        warnings.warn(
            f"{len(again)} score rows repeat a source, target and seed and are averaged, "
            f"the first {first['source']} -> {first['target']}, seed {first['seed']}",
            stacklevel=3,
        )
