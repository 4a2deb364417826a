"""Which lines of a large table a figure shows, so that it can be read; the files beside it have all of them."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

MOST = 120
"""Lines with a name and an interval each."""
MOST_OF_MAP = 300
"""Rows, or columns, of a heat map."""
MOST_COMPONENTS = 30
"""Components: those after them are less than what single targets vary."""


def ends(rows: pd.DataFrame, most: int = MOST) -> pd.DataFrame:
    """The rows, or the first and the last where there are too many to read.

    Examples
    --------
    >>> ends(pd.DataFrame({"gain": [9, 5, 2, 1]}), most=2)["gain"].tolist()
    [9, 1]
    """
    return rows if len(rows) <= most else pd.concat([rows.head(most // 2), rows.tail(most // 2)])


def highest_and_lowest(values: pd.Series, most: int = MOST_OF_MAP) -> NDArray[np.bool_]:
    """Which are shown: the highest half and the lowest half of so many, in whatever order; all of fewer.

    Examples
    --------
    >>> highest_and_lowest(pd.Series([1.0, 9.0, 5.0, -2.0, 3.0]), most=2).tolist()
    [False, True, False, True, False]
    """
    rank = values.rank(method="first", na_option="top").to_numpy()
    return np.asarray((rank <= most // 2) | (rank > len(values) - most // 2) | (len(values) <= most))


def largest(values: pd.Series, most: int = MOST) -> pd.Index:
    """The labels of those of largest magnitude, in the order of the values.

    Examples
    --------
    >>> largest(pd.Series({"a": 0.1, "b": -0.8, "c": 0.5}), most=2).tolist()
    ['b', 'c']
    """
    return values.index[values.index.isin(values.abs().nlargest(most).index)]


def shown_of(shown: int, count: int, what: str, which: str) -> str:
    """What is shown of how many; nothing where all are.

    Examples
    --------
    >>> shown_of(300, 7000, "sources", "the highest and the lowest on average")
    '300 of 7,000 sources, the highest and the lowest on average'
    """
    return f"{shown} of {count:,} {what}, {which}" if shown < count else ""
