"""The keys of a matrix's rows: the source of each, and where rows are finer than sources the seed and settings as well.

Where rows are sources they are an index of these; where they are finer, an index with a level for each key, the source
first. Levels hold text, empty where a row has nothing to say: the base model was trained with no seed and no rank. What
a row is follows from its levels alone. They are joined to one text for whoever reads a table, by `row_labels`.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crosstask.analysis.schema import BASE
from crosstask.errors import UserError

Settings = tuple[str, ...]
"""What a row has besides source and seed, in the order of its levels; empty text where it has nothing to say."""


def further_keys(rows: tuple[str, ...]) -> list[str]:
    """The keys of a row besides source and seed: the settings that it distinguishes.

    Examples
    --------
    >>> further_keys(("source", "seed", "model"))
    ['model']
    """
    return [name for name in rows if name not in ("source", "seed")]


def row_index(table: pd.DataFrame, rows: tuple[str, ...]) -> pd.Index:
    """The row of the matrix that each line of a table belongs to.

    Parameters
    ----------
    table : DataFrame
        Columns of the keys.
    rows : tuple of str
        The keys, the source first.

    Returns
    -------
    Index, shape (n_lines,)
        Sources, or a level for each key.

    Examples
    --------
    >>> row_index(pd.DataFrame({"source": ["base", "goat"], "seed": [None, 0]}), ("source", "seed")).tolist()
    [('base', ''), ('goat', '0')]
    """
    keys = table[list(rows)].convert_dtypes()  # seeds that came as 0.0 are whole numbers
    levels = [keys[name].astype("string").fillna("").to_numpy(dtype=object) for name in rows]
    return pd.Index(levels[0], name=rows[0]) if len(rows) == 1 else pd.MultiIndex.from_arrays(levels, names=rows)


def row_sources(rows: pd.Index) -> pd.Index:
    """The source of each row."""
    return rows.get_level_values(0)


def base_rows(rows: pd.Index) -> NDArray[np.bool_]:
    """Which rows are a base model's.

    Examples
    --------
    >>> base_rows(pd.MultiIndex.from_tuples([("base", "small"), ("base/large", "")])).tolist()
    [True, False]
    """
    return np.asarray(row_sources(rows) == BASE, dtype=bool)


def row_settings(rows: pd.Index) -> list[Settings]:
    """The settings of each row; nothing where rows are sources, or sources and seeds.

    Examples
    --------
    >>> row_settings(pd.MultiIndex.from_tuples([("goat", "0", "small")], names=["source", "seed", "model"]))
    [('small',)]
    """
    levels = [rows.get_level_values(level) for level, name in enumerate(rows.names) if level > 0 and name != "seed"]
    return list(zip(*levels, strict=True)) if levels else [()] * len(rows)


def distinct_settings(rows: pd.Index) -> list[Settings]:
    """Every combination of settings that rows have; a base model adds one where no fine-tuned row agrees with it.

    Examples
    --------
    >>> rows = [("base", "small", ""), ("base", "large", ""), ("goat", "small", "4"), ("goat", "small", "8")]
    >>> distinct_settings(pd.MultiIndex.from_tuples(rows, names=["source", "model", "rank"]))
    [('small', '4'), ('small', '8'), ('large', '')]
    """
    settings = row_settings(rows)
    tuned = [own for own, is_base in zip(settings, base_rows(rows), strict=True) if not is_base]
    found = list(dict.fromkeys(tuned or settings))
    return found + list(dict.fromkeys(own for own in settings if not any(_agree(own, other) for other in found)))


def membership(rows: pd.Index, settings: Sequence[Settings]) -> NDArray[np.float64]:
    """Share of each row in each of some settings: rows that leave some open, as a base model does, have several.

    Returns
    -------
    ndarray, shape (n_rows, n_settings)
        Each row sums to 1; NaN for a row with which no settings agree.

    Examples
    --------
    >>> rows = pd.MultiIndex.from_tuples([("base", ""), ("goat", "4")], names=["source", "rank"])
    >>> membership(rows, [("4",), ("8",)]).tolist()
    [[0.5, 0.5], [1.0, 0.0]]
    """
    agreeing = [[_agree(own, other) for other in settings] for own in row_settings(rows)]
    matched = np.array(agreeing, dtype=float).reshape(len(rows), len(settings))
    with np.errstate(invalid="ignore"):  # 0 / 0 where nothing agrees
        shares: NDArray[np.float64] = matched / matched.sum(axis=1, keepdims=True)
    return shares


def own_base_rows(rows: pd.Index) -> NDArray[np.intp]:
    """Place of the row of each row's own base model: the one all of whose keys are the row's.

    Returns
    -------
    ndarray of int, shape (n_rows,)
        -1 where the row's base model has no row; a base model's row is its own.

    Raises
    ------
    UserError
        If the keys leave it open which of several base models it is.

    Examples
    --------
    >>> rows = [("base", "small", ""), ("goat", "small", "8"), ("goat", "large", "8")]
    >>> own_base_rows(pd.MultiIndex.from_tuples(rows)).tolist()
    [0, 0, -1]
    """
    keys = [key[1:] for key in rows] if rows.nlevels > 1 else [()] * len(rows)
    is_base = base_rows(rows)
    own = np.where(is_base, np.arange(len(rows)), -1)
    bases = np.flatnonzero(is_base)
    for row in np.flatnonzero(~is_base):
        agreeing = [base for base in bases if _agree(keys[base], keys[row])]
        if len(agreeing) > 1:
            labels = row_labels(rows)
            choices = " or ".join(labels[agreeing])
            raise UserError(f"analysis.rows: the base model of {labels[row]} could be {choices}")
        own[row] = agreeing[0] if agreeing else -1
    return own


def row_labels(rows: pd.Index) -> pd.Index:
    """What rows are called where people read them: ``imdb``, ``imdb/0``, ``imdb/small/8``, no two of them alike.

    Where slashes within the keys would make two rows look the same, these are written with the names of the keys.

    Raises
    ------
    UserError
        If two rows look the same even so.

    Examples
    --------
    >>> row_labels(pd.MultiIndex.from_tuples([("base", ""), ("goat", "0")], names=["source", "seed"])).tolist()
    ['base', 'goat/0']
    >>> rows = [("a/b", "c"), ("a", "b/c")]
    >>> row_labels(pd.MultiIndex.from_tuples(rows, names=["source", "model"])).tolist()
    ['source=a/b, model=c', 'source=a, model=b/c']
    """
    if rows.nlevels == 1:
        return rows.rename("source")
    labels = pd.Index(["/".join(part for part in key if part) for key in rows], dtype=object, name="source")
    named = [", ".join(f"{name}={part}" for name, part in zip(rows.names, key, strict=True) if part) for key in rows]
    labels = labels.where(~labels.duplicated(keep=False), pd.Index(named, dtype=object))
    if not labels.is_unique:
        again = labels[labels.duplicated()][0]
        raise UserError(f"analysis.rows: two rows would be called {again!r}; rename a source or a setting of theirs")
    return labels


def _agree(own: Settings, other: Settings) -> bool:
    """Whether all that the one says is what the other says."""
    return all(part in ("", there) for part, there in zip(own, other, strict=True))
