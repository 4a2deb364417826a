"""The leading eigenvectors of symmetric matrices, without the others where these would take most of the time."""

import numpy as np
from scipy.linalg import eigh

from crosstask.analysis.statistics.variance_parts import Array

LARGE = 100
"""Rows from which on the other eigenvectors take several times as long as the leading ones."""


def leading_vectors(squares: Array, count: int) -> Array:
    """Eigenvectors of unit length of the largest eigenvalues, ascending.

    Parameters
    ----------
    squares : array, shape (..., n, n)
        Symmetric matrices.
    count : int
        Eigenvectors of each, 1 to n.

    Returns
    -------
    array, shape (..., n, count)

    Examples
    --------
    >>> np.abs(leading_vectors(np.diag([1.0, 3.0, 2.0]), 2)).tolist()
    [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0]]
    """
    size = squares.shape[-1]
    if size < LARGE:
        every: Array = np.linalg.eigh(squares)[1][..., size - count :]
        return every
    found = np.empty((*squares.shape[:-1], count))
    for place in np.ndindex(squares.shape[:-2]):
        found[place] = eigh(squares[place], subset_by_index=(size - count, size - 1), check_finite=False)[1]
    return found
