"""The null model of what comes back: sources relabeled in each replicate by itself.

Rows stay whole, with all that targets have to do with each other, but say nothing of the same source any more. A cell
on a source's own task, which takes no part, moves along: its column and that of the source whose place it takes are
exchanged. Other cells that take no part, since a score is missing in one of the replicates, move with their rows: they
lie in one place in the data, but not when relabeled, where products of fewer pairs of cells are then added up. The
more there are the further their sum is from 0 by chance, as the square root of their number, so it is taken as ::

    r  =  sum over pairs of replicates of their products  /  (n* n)^(1/2)

with n the pairs of cells in the data and n* those of the relabeled replicates, products being on the scale on which a
replicate with itself gives its number of cells. Where nothing is missing but cells at home n* = n and r is the mean
correlation over pairs.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crosstask.analysis.statistics.variance_parts import Array

_CHUNK = 4_000_000  # numbers in memory at a time


def mean_correlation(total: Array, left: Array) -> Array:
    """Mean over pairs of what replicates have in common, from their sum (..., sources, targets)."""
    count, squares = len(left), (left**2).sum()
    # |sum|^2 is the sum over all pairs and, of each with itself, the squares; these are on average squares / count.
    common: Array = ((total**2).sum(axis=(-2, -1)) - squares) / ((count - 1) * squares)
    return common


def relabeled_correlations(
    left: Array, used: NDArray[np.bool_], home: pd.DataFrame, draws: int, generator: np.random.Generator
) -> Array:
    """Mean correlations of relabeled replicates.

    Parameters
    ----------
    left : array, shape (n_replicates, n_sources, n_targets)
        Residuals of each, or what components leave of them; 0 in cells that take no part.
    used : array of bool, shape (n_sources, n_targets)
        Cells that take part.
    home : DataFrame of bool, shape (n_sources, n_targets)
        A source's own task.
    draws : int
        Relabelings.
    generator : Generator
        Source of randomness.

    Returns
    -------
    array, shape (draws,)
    """
    places, found = _home_places(home), []
    for total, counts in _relabeled_sums(left, used, places, draws, generator):
        # Ordered pairs of replicates in a cell; without gaps as many as in the data, and the share is 1.
        pairs = (counts * (counts - 1)).sum(axis=(-2, -1)) / (len(left) * (len(left) - 1) * used.sum())
        found.append(mean_correlation(total, left) / np.sqrt(np.where(pairs > 0, pairs, 1)))
    return np.concatenate(found)


def _relabeled_sums(
    left: Array, used: NDArray[np.bool_], home: NDArray[np.int_], draws: int, generator: np.random.Generator
) -> Iterator[tuple[Array, NDArray[np.int_]]]:
    """Sums over replicates with the sources of each relabeled, and how many take part, (any, sources, targets)."""
    _, sources, targets = left.shape
    most = max(1, _CHUNK // (sources * targets))
    columns = np.arange(targets)
    for start in range(0, draws, most):
        size = min(most, draws - start)
        total, counts = np.zeros((size, sources, targets)), np.zeros((size, sources, targets), int)
        for matrix in left:
            order = generator.permuted(np.broadcast_to(np.arange(sources), (size, sources)), axis=1)
            own, taken = home[None, :, None], home[order][:, :, None]
            both = (own >= 0) & (taken >= 0)
            exchanged = np.where(both & (columns == own), taken, np.where(both & (columns == taken), own, columns))
            total += matrix[order[:, :, None], exchanged]
            counts += used[order[:, :, None], exchanged]
        yield total, counts


def _home_places(home: pd.DataFrame) -> NDArray[np.int_]:
    """Place of each source's own task among the targets; -1 where it is none of them."""
    cells = home.to_numpy()
    return np.where(cells.any(axis=1), cells.argmax(axis=1), -1)
