"""Cells as lines for the reader, who is not shown hundreds of them."""

import pandas as pd

from crosstask.analysis.wording import counted, listed

_FEW = 10
"""Sources that have a line each."""


def cell_lines(cells: pd.DataFrame) -> list[str]:
    """One line per source with its targets, for a table of cells; one for all of more than ten sources.

    Examples
    --------
    >>> cell_lines(pd.DataFrame({"source": ["imdb", "imdb"], "target": ["goat", "pile"]}))
    ['imdb -> goat, pile']
    """
    cells = cells.drop_duplicates(["source", "target"])
    lines = [f"{source} -> {listed(list(of))}" for source, of in cells.groupby("source", sort=False)["target"]]
    if len(lines) <= _FEW:
        return lines
    return [f"{counted(len(cells), 'cell')} of {counted(len(lines), 'source')}, such as {lines[0]}"]


def missing_lines(matrix: pd.DataFrame, own: pd.DataFrame, missing: pd.DataFrame) -> list[str]:
    """One line per source on what it was not scored on; one for all where none was scored on its own task.

    Parameters
    ----------
    matrix : DataFrame, shape (n_sources, n_targets)
        Scores; NaN where there is none.
    own : DataFrame of bool, same shape
        Cells on a source's own task.
    missing : DataFrame
        Columns source and target: the cells that are named.
    """
    if not own.any(axis=None) or matrix.where(own).notna().any(axis=None):
        return _unscored(missing)
    return [
        "no source was scored on its own task (the diagonal), which gains and traits of residuals do not need;"
        " components of scores do: analysis.traits.missing=impute fills these cells",
        *_unscored(_off(missing, own)),
    ]


def _unscored(missing: pd.DataFrame) -> list[str]:
    """Lines on missing cells."""
    lines = cell_lines(missing)
    every = "; missing.csv has all" if missing["source"].nunique() > len(lines) else ""
    return [f"no score: {line}{every}" for line in lines]


def _off(cells: pd.DataFrame, own: pd.DataFrame) -> pd.DataFrame:
    """Cells that are on no source's own task."""
    return cells[[not own.at[source, target] for source, target in zip(cells["source"], cells["target"], strict=True)]]


def seed_lines(scores: pd.DataFrame) -> list[str]:
    """One line per source with the targets on which it lacks seeds that it has on others."""
    seeds = scores.groupby(["source", "target"], sort=False)["seed"].nunique()
    most = seeds.groupby(level="source").transform("max")
    return cell_lines(seeds[seeds < most].reset_index())
