"""Cells as lines for the reader."""

import pandas as pd


def cell_lines(cells: pd.DataFrame) -> list[str]:
    """One line per source with its targets, for a table of cells.

    Examples
    --------
    >>> cell_lines(pd.DataFrame({"source": ["imdb", "imdb"], "target": ["goat", "pile"]}))
    ['imdb -> goat, pile']
    """
    groups = cells.drop_duplicates(["source", "target"]).groupby("source", sort=False)["target"]
    return [f"{source} -> {', '.join(targets)}" for source, targets in groups]
