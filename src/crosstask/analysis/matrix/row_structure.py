"""What is known of a matrix's rows besides their scores: their sources, their settings, the runs behind them."""

from dataclasses import dataclass

import pandas as pd

from crosstask.analysis.matrix.row_names import further_keys, row_names


@dataclass(frozen=True, kw_only=True)
class RowStructure:
    """Sources, settings and runs of the rows; nothing where rows are only known by name."""

    sources: pd.Series | None = None
    """The source of each row, under the name of the row."""
    settings: pd.DataFrame | None = None
    """Rows x settings, text, missing where a base model has nothing to say."""
    runs: pd.DataFrame | None = None
    """Scores of single seeds by row and seed, targets as columns; NaN where a seed was not scored."""


def row_structure(scores: pd.DataFrame, rows: tuple[str, ...]) -> RowStructure:
    """Find out from the scores what rows there are.

    Parameters
    ----------
    scores, rows
        As for `transfer_matrix`.

    Examples
    --------
    >>> columns = ["source", "target", "seed", "score", "model"]
    >>> scores = pd.DataFrame([("imdb", "goat", 0, 0.25, "small"), ("imdb", "goat", 1, 0.5, "small")], columns=columns)
    >>> found = row_structure(scores, ("source", "model"))
    >>> found.settings.to_dict("index")
    {'imdb/small': {'model': 'small'}}
    >>> found.runs.index.tolist()
    [('imdb/small', 0), ('imdb/small', 1)]
    """
    names, keys = row_names(scores, rows), further_keys(rows)
    first = ~names.duplicated()
    about = scores.loc[first, ["source", *keys]].set_axis(names[first])
    runs = scores.assign(row=names).groupby(["row", "seed", "target"], dropna=False, sort=False)["score"].mean()
    settings = about[keys].astype("string") if keys else None
    return RowStructure(sources=about["source"].astype(object), settings=settings, runs=runs.unstack("target"))
