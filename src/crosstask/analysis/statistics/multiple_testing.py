"""False discovery rates of a table of tests."""

import pandas as pd

from crosstask.analysis.statistics.proportions import false_discovery_rates


def with_discoveries(table: pd.DataFrame, family: pd.Series, alpha: float) -> pd.DataFrame:
    """Add ``q``, corrected within each family of tests, and ``significant``, to a table with ``p``."""
    q = table.groupby(family)["p"].transform(lambda p: pd.Series(false_discovery_rates(p), p.index))
    return table.assign(q=q, significant=at_most(q, alpha))


def at_most(q: pd.Series, alpha: float) -> pd.Series:
    """Whether false discovery rates are at most alpha; missing where they are."""
    return (q <= alpha).astype("boolean").mask(q.isna())
