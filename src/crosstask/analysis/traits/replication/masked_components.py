"""Components of a matrix some of whose cells take no part, beside effects of its rows and columns."""

import numpy as np
from numpy.typing import NDArray

from crosstask.analysis.matrix.additive_model import AdditiveModel
from crosstask.analysis.statistics.variance_parts import Array

_ITERATIONS, _TOLERANCE = 200, 1e-6  # of the fit; change of a filled cell, in spreads of the matrix


def masked_components(values: Array, used: NDArray[np.bool_], count: int) -> tuple[Array, Array]:
    """Leading components u v' of what effects of rows and columns leave, fitted to some of the cells by least squares.

    The other cells are filled with what the fit says of them until it changes no more (Kiers 1997, "Weighted least
    squares fitting using ordinary least squares algorithms", doi:10.1007/BF02295279): a component of which zeros stood
    on the diagonal would be several.

    Returns
    -------
    rows, columns : array, shape (n_rows, count) and (n_columns, count)
        Orthonormal columns each, the largest component first.
    """
    filled = np.where(used, values, 0.0)
    spread = np.sqrt((filled**2).sum() / max(used.sum(), 1)) or 1.0
    for _ in range(_ITERATIONS):
        effects = filled.mean(axis=1, keepdims=True) + filled.mean(axis=0, keepdims=True) - filled.mean()
        left, singular, right = np.linalg.svd(filled - effects, full_matrices=False)
        fit = effects + (left[:, :count] * singular[:count]) @ right[:count]
        change = np.abs(np.where(used, 0.0, fit - filled)).max()
        filled = np.where(used, values, fit)
        if change <= _TOLERANCE * spread:
            break
    return left[:, :count], right[:count].T


def left_by_components(values: Array, model: AdditiveModel, components: tuple[Array, Array]) -> Array:
    """What effects of rows and columns and components leave of matrices (..., n_rows, n_columns), each with strengths
    of its own; 0 in cells that are not used.
    """
    rows, columns = components
    of_components = model.left(np.einsum("ik,jk->kij", rows, columns))
    rest = model.left(values)
    basis = np.linalg.qr(of_components.reshape(len(of_components), -1).T)[0]
    flat = rest.reshape(-1, rest.shape[-2] * rest.shape[-1])
    found: Array = (flat - (flat @ basis) @ basis.T).reshape(rest.shape)
    return found
