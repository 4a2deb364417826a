"""Missing cells filled by iterative PCA."""

from collections.abc import Callable

import numpy as np

from crosstask.analysis.traits.leading import leading_vectors

_RANK = 1  # as in arXiv:2405.10938; more components would be fitted to the noise of so small matrices
_ITERATIONS = 500
_TOLERANCE = 1e-4  # of a column's standard deviation


Center = Callable[[np.ndarray], np.ndarray]
"""Matrices -> what is subtracted from them before they are decomposed, of the same shape or one that broadcasts."""


def column_means(values: np.ndarray) -> np.ndarray:
    """Mean of each column, shape (..., 1, n_columns)."""
    means: np.ndarray = values.mean(axis=-2, keepdims=True)
    return means


def iterative_pca(values: np.ndarray, gaps: np.ndarray, center: Center = column_means, rank: int = _RANK) -> np.ndarray:
    """Fill gaps with what the leading components of the standardized matrix predict, until nothing changes.

    Gaps begin at the mean of what is known of their column. Then, with means m, standard deviations d and the r leading
    eigenvectors V of the standardized matrix Z, each step sets ::

        Z    =  (X - m) / d
        X^   =  Z V V' d + m
        X    =  X^ in the gaps, as it is elsewhere

    The iterative PCA that "Observational Scaling Laws" (arXiv:2405.10938) uses for missing benchmark scores. But for
    the scaling, which each step does anew, it is least squares over the known cells, by EM (Kiers 1997, "Weighted least
    squares fitting using ordinary least squares algorithms", doi:10.1007/BF02295279; Josse and Husson 2012, "Handling
    missing values in exploratory multivariate data analysis methods").

    The filled cells lie on the components by construction, which makes the first components look larger than they
    are. `ParallelAnalysis` therefore cuts the same gaps into its noise and fills them in the same way.

    Parameters
    ----------
    values : array, shape (..., n_rows, n_columns)
        Any number of matrices; what stands in the gaps is not read.
    gaps : array of bool, shape (n_rows, n_columns)
        True where a value is missing, the same for all matrices; no column may be all gaps.
    center : callable
        What is subtracted from the columns; settings of rows may have an effect of their own
        (`SettingsEffects.fitted`).
    rank : int
        Components to rebuild from; fewer than the smaller side of the matrix.

    Returns
    -------
    array, shape (..., n_rows, n_columns)
        A copy in which only the gaps differ.

    Examples
    --------
    >>> line = np.array([[1.0, 2.0], [2.0, 4.0], [3.0, 6.0], [4.0, 0.0]])
    >>> gaps = np.zeros(line.shape, dtype=bool)
    >>> gaps[3, 1] = True
    >>> iterative_pca(line, gaps)[3, 1].round(1)
    np.float64(8.0)
    """
    known = np.where(gaps, np.nan, values)
    filled = np.where(gaps, np.nanmean(known, axis=-2, keepdims=True), values)
    flat = filled.reshape(-1, *gaps.shape)  # a view: what is done to it is done to the result
    moving = np.arange(len(flat))
    for _ in range(_ITERATIONS):
        if not len(moving):
            break
        before = flat[moving]
        means = center(before)
        # The same divisor whatever is subtracted: only the columns' relation counts, a common factor cancels.
        deviations = np.sqrt(((before - means) ** 2).sum(axis=1, keepdims=True) / (before.shape[1] - 1))
        deviations = np.where(deviations > 0, deviations, 1)
        rebuilt = _low_rank((before - means) / deviations, rank) * deviations + means
        flat[moving] = np.where(gaps, rebuilt, before)
        change = np.abs(np.where(gaps, rebuilt - before, 0) / deviations).max(axis=(1, 2))
        moving = moving[change > _TOLERANCE]  # each matrix stops by itself, so its company does not matter
    return filled


def _low_rank(values: np.ndarray, rank: int) -> np.ndarray:
    """Matrices rebuilt from their leading components; shape (n, n_rows, n_columns)."""
    across = np.swapaxes(values, 1, 2)
    # Z V V' = U U' Z: the eigenvectors of the smaller of Z Z' and Z' Z are enough, eigenvalues ascending.
    if values.shape[1] < values.shape[2]:
        left = leading_vectors(values @ across, rank)
        return left @ (np.swapaxes(left, 1, 2) @ values)
    right = leading_vectors(across @ values, rank)
    return (values @ right) @ np.swapaxes(right, 1, 2)
