"""Regressions of all folds at once, from their moments: one feature, the best few, or all of them shrunk."""

import numpy as np
from numpy.typing import NDArray

from crosstask.analysis.causes.fold_moments import Moments
from crosstask.analysis.statistics.variance_parts import Array

PER_FEATURE = 10
"""Units for each feature of a model by least squares."""
LARGEST_VIF = 5.0
"""Variance inflation by the features before it above which one is refused."""
PENALTIES = (np.inf, 10.0, 3.0, 1.0, 0.3, 0.1, 0.03)
"""Of ridge regression, in units of the sum of squares of a feature; infinite for no feature at all."""


def single(moments: Moments) -> Array:
    """Slopes of regressions on each feature by itself, (folds, features)."""
    own = np.einsum("fpp->fp", moments.gram)
    return np.divide(moments.cross, own, out=np.zeros(own.shape), where=own > 0)


def best(moments: Moments, units: int) -> Array:
    """Slopes of the best features by least squares, one for each ten units, chosen one after the other.

    The next is the one that explains most beside those before it, unless these say so much of it that its variance
    inflation factor 1 / (1 - R^2) is above `LARGEST_VIF`.

    Returns
    -------
    ndarray, shape (folds, features)
        0 for those that are not chosen.
    """
    chosen = np.zeros(moments.cross.shape, bool)
    gram, cross = moments.gram.copy(), moments.cross.copy()
    at_first = np.einsum("fpp->fp", gram).copy()
    folds = np.arange(len(gram))
    for _ in range(min(max(1, units // PER_FEATURE), cross.shape[1])):
        left = np.einsum("fpp->fp", gram)
        allowed = (left * LARGEST_VIF >= at_first) & (at_first > 0) & ~chosen
        explained = np.divide(cross**2, left, out=np.full(cross.shape, -1.0), where=allowed)
        place = explained.argmax(axis=1)
        possible = explained[folds, place] >= 0
        chosen[folds[possible], place[possible]] = True
        row, pivot = gram[folds, place], np.where(possible, left[folds, place], np.inf)
        cross = cross - row * (cross[folds, place] / pivot)[:, None]
        gram = gram - row[:, :, None] * row[:, None, :] / pivot[:, None, None]
    return _least_squares(moments, chosen)


def _least_squares(moments: Moments, chosen: NDArray[np.bool_]) -> Array:
    """Slopes with the chosen features alone, (folds, features)."""
    both = chosen[:, :, None] & chosen[:, None, :]
    gram = np.where(both, moments.gram, 0.0) + np.where(chosen, 0.0, 1.0)[:, :, None] * np.eye(chosen.shape[1])
    found = np.linalg.solve(gram, np.where(chosen, moments.cross, 0.0)[:, :, None])[:, :, 0]
    return np.asarray(found, float)


def ridge(moments: Moments) -> Array:
    """Slopes of ridge regression on all features, (folds, features), the penalty by generalized cross-validation ::

        slopes     =  (X'X + n penalty I)^-1 X'y
        criterion  =  |y - fit|^2  /  (n - 1 - degrees of freedom of the fit)^2

    (Golub, Heath and Wahba 1979, "Generalized cross-validation as a method for choosing a good ridge parameter",
    doi:10.1080/00401706.1979.10489751: leaving one out, whatever the coordinates).
    """
    values, vectors = np.linalg.eigh(moments.gram)
    values = np.maximum(values, 0.0)
    along = np.einsum("fpk,fp->fk", vectors, moments.cross)
    penalties = np.array(PENALTIES)[:, None, None] * moments.n[:, None]
    shrunk = 1 / (values + penalties)  # (penalties, folds, features)
    # y'y - 2 c'b + b'X'X b
    errors = moments.squares - (along**2 * shrunk * (2 - values * shrunk)).sum(axis=2)
    df = (values * shrunk).sum(axis=2)
    with np.errstate(divide="ignore", invalid="ignore"):
        criterion = np.maximum(errors, 0) / np.maximum(moments.n - 1 - df, 0) ** 2
    least = np.where(np.isfinite(criterion), criterion, np.inf).argmin(axis=0)
    kept = shrunk[least, np.arange(len(least))]
    found: Array = np.einsum("fpk,fk->fp", vectors, kept * along)
    return found
