"""Matrices in which targets have nothing to do with each other, and all else is as in the data.

Rows of one source, such as its seeds, are no independent observations. If noise took them for such, any source that
differs from the others would look like a trait. So rows of a group stay as alike in noise as they are in the data.
"""

import numpy as np


def gaussian_noise(values: np.ndarray, groups: np.ndarray, draws: int, generator: np.random.Generator) -> np.ndarray:
    """Normal numbers with each column's variance between groups and within them.

    Parameters
    ----------
    values : array, shape (n_rows, n_columns)
        Centred columns.
    groups : array of int, shape (n_rows,)
        Number of each row's group, from 0; all different where each row is a source of its own.
    draws : int
        Matrices to make.
    generator : Generator
        Source of randomness.

    Returns
    -------
    array, shape (draws, n_rows, n_columns)
    """
    sizes = np.bincount(groups)
    means = _group_means(values, groups, sizes)
    drawn = generator.standard_normal((draws, *means.shape)) * means.std(axis=0, ddof=1)
    noise: np.ndarray = drawn[:, groups]
    free = len(groups) - len(sizes)
    if free:
        within = np.sqrt(np.sum((values - means[groups]) ** 2, axis=0) / free)
        single = generator.standard_normal((draws, *values.shape)) * within
        noise = noise + single - _group_means(single, groups, sizes)[:, groups]
    return noise


def permuted_residuals(
    values: np.ndarray, groups: np.ndarray, draws: int, generator: np.random.Generator
) -> np.ndarray:
    """Each column in an order of its own: groups of equal size change places, and so do the rows in each.

    Parameters and result are those of `gaussian_noise`.

    Examples
    --------
    >>> values = np.array([[1.0], [2.0], [8.0], [9.0]])
    >>> permuted_residuals(values, np.array([0, 0, 1, 1]), 1, np.random.default_rng(1)).ravel()
    array([1., 2., 9., 8.])
    """
    sizes = np.bincount(groups)
    noise = np.empty((draws, *values.shape))
    for size in np.unique(sizes):
        members = np.array([np.flatnonzero(groups == group) for group in np.flatnonzero(sizes == size)])
        blocks = np.broadcast_to(values[members], (draws, *members.shape, values.shape[1]))
        places = generator.random((draws, len(members), 1, values.shape[1])).argsort(axis=1)
        blocks = np.take_along_axis(blocks, places, axis=1)
        if size > 1:
            blocks = generator.permuted(blocks, axis=2)
        noise[:, members] = blocks
    return noise


def _group_means(values: np.ndarray, groups: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Mean of each group's rows; shape (..., n_groups, n_columns)."""
    shares = (np.arange(len(sizes))[:, None] == groups) / sizes[:, None]
    means: np.ndarray = shares @ values
    return means
