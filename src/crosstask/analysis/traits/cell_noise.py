"""Null models of residuals whose cells do not all take part: what no trait would leave in their place.

Three, because each protects against what the others do not: normal numbers against chance in general, each target's
residuals in random order against the shape of its distribution, random signs against rows and cells that are larger
than others, which stay where they are (Hong, Sheng and Dobriban 2020, "Selecting the number of components in PCA via
random signflips", arXiv:2012.02985).
"""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from crosstask.analysis.statistics.variance_parts import Array

CellNoise = Callable[[Array, NDArray[np.bool_], int, int, np.random.Generator], Array]
"""Residuals (n_rows, n_columns), cells that take part, components already taken off, draws, generator -> as many
matrices of the same shape, whose cells that take no part do not matter."""


def gaussian_cells(
    left: Array, used: NDArray[np.bool_], kept: int, draws: int, generator: np.random.Generator
) -> Array:
    """Normal numbers with the spread of each column; each component that was taken off took one of its cells."""
    spreads = np.sqrt((left**2).sum(axis=0) / np.maximum(used.sum(axis=0) - kept, 1))
    return generator.standard_normal((draws, *left.shape)) * spreads


def permuted_cells(
    left: Array, used: NDArray[np.bool_], kept: int, draws: int, generator: np.random.Generator
) -> Array:
    """The cells of each column in an order of its own."""
    del kept
    drawn = np.zeros((draws, *left.shape))
    for column in range(left.shape[1]):
        rows = np.flatnonzero(used[:, column])
        drawn[:, rows, column] = generator.permuted(np.broadcast_to(left[rows, column], (draws, len(rows))), axis=1)
    return drawn


def flipped_cells(left: Array, used: NDArray[np.bool_], kept: int, draws: int, generator: np.random.Generator) -> Array:
    """Each cell with a random sign."""
    del used, kept
    signs = generator.integers(0, 2, (draws, *left.shape), dtype=np.int8)
    return left * (2.0 * signs - 1)


CELL_NOISE: Mapping[str, CellNoise] = {
    "gaussian": gaussian_cells,
    "permutation": permuted_cells,
    "sign_flip": flipped_cells,
}
"""By the name of the test."""
