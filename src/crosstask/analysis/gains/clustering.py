"""Hierarchical clustering of sources with similar effects, and of targets with similar reactions."""

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import squareform

from crosstask.analysis.gains.structure_columns import CLUSTERS
from crosstask.analysis.matrix.pairwise import too_many
from crosstask.analysis.schema import column_names

_COMMON = 3
"""Cells that two profiles must have in common for a correlation."""

REPLICATES = 200
"""Bootstrap replicates that are clustered, at most: a share to two digits."""

Merge = tuple[frozenset[int], float, int, int]
"""Members, height and the two clusters of a merge."""


def clusters(gains: pd.DataFrame, home: pd.DataFrame, replicates: np.ndarray | None) -> pd.DataFrame:
    """Average linkage by 1 - Pearson correlation, of sources over targets and of targets over sources.

    The two clusters with the smallest mean distance between their members merge, step by step (UPGMA; Sokal and
    Michener 1958, "A statistical method for evaluating systematic relationships") ::

        height(A, B)  =  mean over a in A, b in B of  1 - correlation(a, b)

    The support of a merge is the share of the replicates in which exactly the same members form a cluster, whatever the
    order and the heights (Felsenstein 1985, "Confidence limits on phylogenies: an approach using the bootstrap",
    doi:10.1111/j.1558-5646.1985.tb00420.x).

    Cells on a source's own task are left out of every correlation: they are large for reasons of their own. Missing
    cells are left out pair by pair; a side on which some pair has fewer than three cells in common, or a profile that
    does not vary, is not clustered, nor are more than 2,000 sources or targets (`pairwise`).

    Parameters
    ----------
    gains : DataFrame, shape (n_sources, n_targets)
        NaN where missing.
    home : DataFrame of bool, same shape
        Cells on a source's own task.
    replicates : ndarray, shape (draws, n_sources, n_targets), optional
        As from `GainEvidence.draws`, of which the first 200 count.

    Returns
    -------
    DataFrame
        Columns ``CLUSTERS``; empty where nothing can be clustered.
    """
    values = gains.mask(home).to_numpy()
    several = np.empty((0, *gains.shape)) if replicates is None else replicates[:REPLICATES]
    drawn = np.where(home.to_numpy(), np.nan, several)
    sides = [("source", gains.index, values, drawn), ("target", gains.columns, values.T, drawn.swapaxes(1, 2))]
    rows = [row for side in sides for row in _side(*side)]
    return pd.DataFrame(rows, columns=column_names(CLUSTERS))


def _side(side: str, names: pd.Index, profiles: np.ndarray, drawn: np.ndarray) -> list[tuple[object, ...]]:
    """The merges of one side."""
    merges = _merges(profiles)
    # Clusters of each replicate as sets of members, so that one is found again whatever step it was made in.
    clustered = [found for found in map(_merges, drawn) if found]
    met = [{members for members, *_ in found} for found in clustered]
    rows = []
    for step, (members, height, left, right) in enumerate(merges, start=1):
        support = float(np.mean([members in found for found in met])) if met else float("nan")
        # As SciPy numbers clusters: first the single ones, then those of the merges, step by step.
        pair = [str(names[place]) if place < len(names) else f"#{place - len(names) + 1}" for place in (left, right)]
        rows.append((side, step, *pair, height, len(members), support))
    return rows


def _merges(profiles: np.ndarray) -> list[Merge]:
    """Hierarchical clustering of the rows; nothing where a distance is not defined."""
    count = len(profiles)
    if count < 3 or too_many(count):  # two make one merge, which always has all members and full support
        return []
    distances = _distances(profiles)
    if np.isnan(distances).any():
        return []
    members = [frozenset([place]) for place in range(count)]
    merges = []
    for left, right, height, _ in linkage(squareform(distances, checks=False), "average"):
        members.append(members[int(left)] | members[int(right)])
        merges.append((members[-1], float(height), int(left), int(right)))
    return merges


def _distances(profiles: np.ndarray) -> np.ndarray:
    """1 - Pearson correlation of each pair of rows over the columns that both have; NaN where there is none.

    With sums over the n columns that rows x and y have in common ::

        correlation  =  (Sxy - Sx Sy / n)  /  sqrt((Sxx - Sx^2 / n) (Syy - Sy^2 / n))

    Products of matrices give all sums: with gaps as 0 and an indicator of what is there, entry [x, y] of each is about
    row x over the columns of row y, so that the transpose is about row y over those of row x.
    """
    present = ~np.isnan(profiles)
    filled = np.where(present, profiles, 0.0).astype(float)  # replicates are float32, too coarse for the differences
    weights = present.astype(float)
    n = weights @ weights.T
    sums = filled @ weights.T  # of the row over the columns that the other has
    products = filled @ filled.T
    squares = (filled**2) @ weights.T
    with np.errstate(divide="ignore", invalid="ignore"):
        covariance = products - sums * sums.T / n
        variance = squares - sums**2 / n
        # A profile that does not vary over these columns: what is left of its squares is rounding.
        variance[variance <= 1e-12 * np.maximum(squares, 1e-300)] = np.nan
        correlation = covariance / np.sqrt(variance * variance.T)
    distances: np.ndarray = np.where(n >= _COMMON, 1 - np.clip(correlation, -1, 1), np.nan)
    np.fill_diagonal(distances, 0)
    return distances
