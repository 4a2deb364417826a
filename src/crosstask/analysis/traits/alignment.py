"""Two solutions side by side: brought into one orientation, and how similar they are."""

from typing import Literal, get_args

import numpy as np
from scipy.linalg import orthogonal_procrustes, subspace_angles
from scipy.optimize import linear_sum_assignment

from crosstask.errors import require_one_of

Alignment = Literal["axes", "rotation"]


def alignment(loadings: np.ndarray, reference: np.ndarray, allowed: Alignment = "axes") -> np.ndarray:
    """Orthogonal matrix that turns loadings towards those of a reference.

    Parameters
    ----------
    loadings, reference : array, shape (n_targets, n_components)
        Two solutions for the same targets.
    allowed : {"axes", "rotation"}
        Only change signs and order, so that the total of the absolute congruences is largest; or rotate within the
        space of the components to the least sum of squared differences (orthogonal Procrustes, Schoenemann 1966).
        The second forgives components that exchange parts of each other, which happens where their eigenvalues are
        close; what it leaves is instability of the space itself.

    Returns
    -------
    array, shape (n_components, n_components)
        To multiply with from the right: loadings, and traits as well.

    Examples
    --------
    >>> one = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
    >>> one[:, ::-1] * [1, -1] @ alignment(one[:, ::-1] * [1, -1], one)
    array([[1., 0.],
           [0., 1.],
           [0., 1.]])
    """
    require_one_of("alignment", allowed, get_args(Alignment))
    if allowed == "rotation":
        rotation: np.ndarray = orthogonal_procrustes(loadings, reference)[0]
        return rotation
    alike = congruences(loadings, reference)
    rows, columns = linear_sum_assignment(-np.abs(alike))
    matrix = np.zeros(alike.shape)
    matrix[rows, columns] = np.where(alike[rows, columns] < 0, -1.0, 1.0)
    return matrix


def congruences(loadings: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Tucker's congruence coefficient of each pair of components: the cosine between their loadings (Tucker 1951).

    From about 0.95 on two components pass for equal, from 0.85 for fairly alike (Lorenzo-Seva & ten Berge 2006).

    Returns
    -------
    array, shape (n_components of loadings, n_components of reference)
        -1 to 1.

    Examples
    --------
    >>> congruences(np.array([[3.0], [4.0]]), np.array([[6.0], [8.0]])).round(3)
    array([[1.]])
    """
    lengths = np.outer(np.linalg.norm(loadings, axis=0), np.linalg.norm(reference, axis=0))
    cosines: np.ndarray = loadings.T @ reference / np.where(lengths > 0, lengths, 1)
    return cosines


def largest_angle(loadings: np.ndarray, reference: np.ndarray) -> float:
    """Largest principal angle between the spaces of two solutions, in degrees, 0 to 90 (Bjoerck & Golub 1973).

    Examples
    --------
    >>> round(largest_angle(np.array([[1.0], [0.0]]), np.array([[1.0], [1.0]])), 6)
    45.0
    """
    return float(np.degrees(subspace_angles(loadings, reference).max()))
