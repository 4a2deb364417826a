"""False discovery rates over cells, each of which has been searched for many features."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

CELL = ["row", "target", "outcome"]


def with_rates(tests: pd.DataFrame, alpha: float) -> pd.DataFrame:
    """Add false discovery rates, ``significant`` and ``verdict`` to tests.

    A cell is a source, a target and an outcome; its p value is the smallest of its features, which are corrected for
    each other. Over the m cells of a family (won and lost, home and away from home, are four) ::

        q of a p  =  min over the cells' p values p' >= p of  m p' / #{cells with a p value of at most p'}

    which is Benjamini and Hochberg's for the smallest p of a cell; the other features of a cell are held against the
    same limit (Benjamini and Bogomolov 2014, "Selective inference on multiple families of hypotheses",
    doi:10.1111/rssb.12028).

    Parameters
    ----------
    tests : DataFrame
        Columns ``row``, ``target``, ``outcome``, ``home``, ``p`` and ``odds_ratio``.
    alpha : float
        The false discovery rate.
    """
    q = pd.Series(np.nan, index=tests.index)
    for _, family in tests.groupby(["outcome", "home"], sort=False):
        known = family["p"].dropna()
        cells = family.groupby(CELL, sort=False)["p"].min().dropna().to_numpy()
        q[known.index] = _rates(known.to_numpy(), cells)
    significant = (q <= alpha).astype("boolean").mask(q.isna())
    more = tests["changed_with"] > tests["expected"]
    verdict = np.where(more, "more", "fewer")
    verdict = np.where(significant.fillna(False).to_numpy(bool), verdict, "cannot be told")
    return tests.assign(q=q, significant=significant, verdict=np.where(tests["p"].isna(), "not testable", verdict))


def _rates(p: NDArray[np.float64], cells: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the false discovery rate of each p value among the smallest p values of cells."""
    ordered = np.sort(cells)
    own = len(ordered) * p / np.maximum(1, np.searchsorted(ordered, p, side="right"))
    of_cells = len(ordered) * ordered / np.searchsorted(ordered, ordered, side="right")
    later = np.append(np.minimum.accumulate(of_cells[::-1])[::-1], np.inf)
    found: NDArray[np.float64] = np.minimum(1, np.minimum(own, later[np.searchsorted(ordered, p)]))
    return found
