"""False discovery rates of families of tests."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.stats import false_discovery_control


def false_discovery_rates(p: ArrayLike) -> NDArray[np.float64]:
    """Benjamini-Hochberg q values: the smallest false discovery rate at which each test is a discovery.

    With the m p values in ascending order ::

        q(i)  =  min over j >= i of  min(1, m p(j) / j)

    (Benjamini and Hochberg 1995, "Controlling the false discovery rate: a practical and powerful approach to multiple
    testing", doi:10.1111/j.2517-6161.1995.tb02031.x).

    Parameters
    ----------
    p : array_like
        p values; NaN where nothing was tested.

    Returns
    -------
    ndarray
        q values of the same shape; NaN where p is, and those do not count among the m tests.
    """
    p = np.asarray(p, float)
    q = np.full(p.shape, np.nan)
    tested = ~np.isnan(p)
    if tested.any():
        q[tested] = false_discovery_control(p[tested])
    return q


def with_discoveries(table: pd.DataFrame, family: pd.Series, alpha: float) -> pd.DataFrame:
    """Add ``q``, corrected within each family of tests, and ``significant``, to a table with ``p``."""
    q = table.groupby(family)["p"].transform(lambda p: pd.Series(false_discovery_rates(p), p.index))
    return table.assign(q=q, significant=at_most(q, alpha))


def at_most(q: pd.Series, alpha: float) -> pd.Series:
    """Whether false discovery rates are at most alpha; missing where they are."""
    return (q <= alpha).astype("boolean").mask(q.isna())


def holm(p: pd.Series) -> pd.Series:
    """P values such that the probability of any false discovery is at most the level (Holm 1979).

    With the m p values in ascending order ::

        adjusted(i)  =  max over j <= i of  min(1, (m - j + 1) p(j))

    (Holm, "A simple sequentially rejective multiple test procedure", doi:10.2307/4615733). NaN where p is; those do
    not count.

    Examples
    --------
    >>> holm(pd.Series([0.04, 0.01, np.nan])).tolist()
    [0.04, 0.02, nan]
    """
    ordered = p.dropna().sort_values()
    steps = ordered * np.arange(len(ordered), 0, -1)
    return steps.cummax().clip(upper=1).reindex(p.index)
