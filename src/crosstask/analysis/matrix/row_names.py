"""What rows of a matrix are called, and what their names say: the source, and the settings that tell more apart.

A row is called by its keys with slashes between them, the source first: ``imdb``, ``imdb/0``, ``imdb/small/8``.
"""

import pandas as pd

from crosstask.analysis.schema import BASE
from crosstask.errors import UserError


def further_keys(rows: tuple[str, ...]) -> list[str]:
    """The keys of a row besides source and seed: the settings that it tells apart.

    Examples
    --------
    >>> further_keys(("source", "seed", "model"))
    ['model']
    """
    return [name for name in rows if name not in ("source", "seed")]


def row_names(scores: pd.DataFrame, rows: tuple[str, ...]) -> pd.Series:
    """What each score's row is called: imdb, or imdb/0 where rows have several keys."""
    keys = scores[list(rows)].convert_dtypes()  # seeds that came as 0.0 are whole numbers
    names = ["/".join(str(part) for part in key if not pd.isna(part)) for key in keys.itertuples(index=False)]
    return pd.Series(names, index=scores.index, dtype=object)


def source_names(rows: pd.Index) -> list[str]:
    """The source of each row: the part of its name before the first slash."""
    return [str(name).split("/")[0] for name in rows]


def base_rows(matrix: pd.DataFrame) -> pd.Series:
    """Which rows of a matrix are a base model's: ``base``, or ``base/...`` where rows are finer than sources.

    Examples
    --------
    >>> base_rows(pd.DataFrame(index=["base", "goat/0", "base/small"])).tolist()
    [True, False, True]
    """
    return pd.Series([name == BASE for name in source_names(matrix.index)], index=matrix.index, dtype=bool)


def own_base_rows(matrix: pd.DataFrame) -> pd.Series:
    """The row of each row's own base model: the one whose settings are all among the row's, in the same order.

    Returns
    -------
    Series of str
        None where the row's base model has no row; a base model's row is its own.

    Raises
    ------
    UserError
        If the names leave it open which of several base models it is.

    Examples
    --------
    >>> own_base_rows(pd.DataFrame(index=["base/small", "goat/small/8", "goat/large/8"])).tolist()
    ['base/small', 'base/small', None]
    """
    settings = {name: str(name).split("/")[1:] for name in matrix.index}
    bases = [name for name, is_base in base_rows(matrix).items() if is_base]
    own: dict[object, object] = {name: name for name in bases}
    for row in matrix.index.difference(bases, sort=False):
        fitting = [base for base in bases if _in_order(settings[base], settings[row])]
        if len(fitting) > 1:
            raise UserError(f"analysis.rows: the base model of {row} could be {' or '.join(map(str, fitting))}")
        own[row] = fitting[0] if fitting else None
    return pd.Series([own[row] for row in matrix.index], index=matrix.index, dtype=object)


def _in_order(parts: list[str], whole: list[str]) -> bool:
    """Whether all parts occur in the whole, in their order."""
    rest = iter(whole)
    return all(part in rest for part in parts)
