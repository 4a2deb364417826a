"""What is known of a matrix's rows besides their scores: the settings they are of, and the runs they are means over."""

from dataclasses import dataclass

import pandas as pd

from crosstask.analysis.row_names import further_keys, row_names
from crosstask.analysis.task_order import TaskOrder
from crosstask.analysis.transfer_matrix import transfer_matrix


@dataclass(frozen=True)
class RowStructure:
    """Settings and runs of the rows; neither where nothing is known."""

    settings: pd.DataFrame | None = None
    """Rows x settings, text, missing where a base model has nothing to say."""
    runs: pd.DataFrame | None = None
    """The matrix with a row for each seed, called by source, settings and seed."""


def row_structure(scores: pd.DataFrame, order: TaskOrder | None, rows: tuple[str, ...]) -> RowStructure:
    """Find out from the scores what rows there are.

    Parameters
    ----------
    scores, order, rows
        As for `transfer_matrix`.

    Examples
    --------
    >>> columns = ["source", "target", "seed", "score", "model"]
    >>> scores = pd.DataFrame([("imdb", "goat", 0, 0.25, "small"), ("imdb", "goat", 1, 0.5, "small")], columns=columns)
    >>> found = row_structure(scores, None, ("source", "model"))
    >>> found.settings.to_dict("index")
    {'imdb/small': {'model': 'small'}}
    >>> found.runs.index.tolist()
    ['imdb/small/0', 'imdb/small/1']
    """
    keys = further_keys(rows)
    settings = scores[keys].set_axis(row_names(scores, rows)) if keys else None
    if settings is not None:
        settings = settings[~settings.index.duplicated()].astype("string")
    runs = None if "seed" in rows else transfer_matrix(scores, order, (*rows, "seed"))
    return RowStructure(settings, runs)
