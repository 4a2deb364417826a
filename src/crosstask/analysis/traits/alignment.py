"""Two solutions side by side: brought into one orientation, and how similar they are."""

from typing import Literal, get_args

import numpy as np
from scipy.linalg import orthogonal_procrustes, subspace_angles
from scipy.optimize import linear_sum_assignment

from crosstask.errors import require_one_of

Alignment = Literal["axes", "rotation"]


def alignment(loadings: np.ndarray, reference: np.ndarray, allowed: Alignment = "axes") -> np.ndarray:
    """Orthogonal matrix that turns loadings towards those of a reference.

    With loadings L, reference L* and their congruences C (`congruences`) ::

        axes:      T = signed permutation with the largest  sum over k of  |C[pi(k), k]|
        rotation:  T = U V'                                 L' L* = U S V',  the least |L T - L*|^2

    (rotation: orthogonal Procrustes, Schoenemann 1966, "A generalized solution of the orthogonal Procrustes problem",
    doi:10.1007/BF02289451).

    Parameters
    ----------
    loadings, reference : array, shape (n_targets, n_components)
        Two solutions for the same targets.
    allowed : {"axes", "rotation"}
        Only change signs and order; or rotate within the space of the components. The second forgives components that
        exchange parts of each other, which happens where their eigenvalues are close; what it leaves is instability of
        the space itself.

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
    similar = congruences(loadings, reference)
    rows, columns = linear_sum_assignment(-np.abs(similar))  # it minimizes
    matrix = np.zeros(similar.shape)
    # Not np.sign: a component with congruence 0 must keep its length.
    matrix[rows, columns] = np.where(similar[rows, columns] < 0, -1.0, 1.0)
    return matrix


def congruences(loadings: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Tucker's congruence coefficient of each pair of components: the cosine between their loadings.

    For loadings a and b of two components ::

        phi  =  sum of a[i] b[i]  /  sqrt(sum of a[i]^2  sum of b[i]^2)

    (Tucker 1951, "A method for synthesis of factor analysis studies"). From about 0.95 on two components pass for
    equal, from 0.85 for fairly similar (Lorenzo-Seva and ten Berge 2006, "Tucker's congruence coefficient as a
    meaningful index of factor similarity", doi:10.1027/1614-2241.2.2.57).

    Returns
    -------
    array, shape (n_components of loadings, n_components of reference)
        -1 to 1; 0 for a component without any loading.

    Examples
    --------
    >>> congruences(np.array([[3.0], [4.0]]), np.array([[6.0], [8.0]])).round(3)
    array([[1.]])
    """
    lengths = np.outer(np.linalg.norm(loadings, axis=0), np.linalg.norm(reference, axis=0))
    cosines: np.ndarray = loadings.T @ reference / np.where(lengths > 0, lengths, 1)
    return cosines


def largest_angle(loadings: np.ndarray, reference: np.ndarray) -> float:
    """Largest principal angle between the spaces of two solutions, in degrees, 0 to 90.

    With orthonormal bases Q and Q* of both spaces ::

        angle  =  arccos of the smallest singular value of Q' Q*

    (Bjoerck and Golub 1973, "Numerical methods for computing angles between linear subspaces", Mathematics of
    Computation 27).

    Examples
    --------
    >>> round(largest_angle(np.array([[1.0], [0.0]]), np.array([[1.0], [1.0]])), 6)
    45.0
    """
    return float(np.degrees(subspace_angles(loadings, reference).max()))
