"""Does training change how often each label is predicted? A paired test of marginal homogeneity."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components
from scipy.stats import chi2

from crosstask.analysis.statistics.variance_parts import Array

_FEW = 30
"""Categories up to which the tables of all runs are worked out at once."""


def homogeneity_tests(
    first: NDArray[np.intp], second: NDArray[np.intp], categories: int
) -> tuple[Array, NDArray[np.intp], Array]:
    """Stuart and Maxwell's test that two runs predict every category equally often on the same examples.

    With d[k] the number of examples that the first and not the second has in category k, less the reverse, and N[j, k]
    those that are j by the first and k by the second ::

        statistic  =  d' V^- d,      V[k, k]  =  N[k, .] + N[., k] - 2 N[k, k],      V[j, k]  =  -(N[j, k] + N[k, j])

    which without a difference is chi-square with as many degrees of freedom as V has rank (Stuart 1955, "A test for
    homogeneity of the marginal distributions in a two-way classification", doi:10.1093/biomet/42.3-4.412; Maxwell 1970,
    doi:10.1192/bjp.116.535.651). Categories that neither uses, or on which both always agree, do not count. Bhapkar's
    statistic (1966, doi:10.1080/01621459.1966.10502021) is this over 1 - statistic / n and finds too much in small
    samples. With two categories it is McNemar's test.

    Parameters
    ----------
    first, second : ndarray of int, shape (runs, n)
        Category of each answer, 0 to categories - 1.
    categories : int
        Their number.

    Returns
    -------
    statistic : ndarray, shape (runs,)
        >= 0.
    df : ndarray of int, shape (runs,)
        0 where the runs never differ.
    p : ndarray, shape (runs,)
        1 where they never differ.

    Examples
    --------
    >>> statistic, df, p = homogeneity_tests(np.array([[0] * 9 + [1]]), np.array([[1] * 9 + [0]]), 2)
    >>> round(float(statistic[0]), 4), int(df[0]), round(float(p[0]), 4)
    (6.4, 1, 0.0114)
    """
    if categories <= _FEW:
        return _tests(first, second, categories)
    found = np.array([_test_of_many(*pair) for pair in zip(first, second, strict=True)]).reshape(-1, 2)
    statistic, df = found[:, 0], found[:, 1].astype(np.intp)
    return statistic, df, np.where(df > 0, chi2.sf(statistic, np.maximum(df, 1)), 1.0)


def _test_of_many(first: NDArray[np.intp], second: NDArray[np.intp]) -> tuple[float, int]:
    """Statistic and degrees of freedom of one pair of runs, from the categories of examples on which they differ.

    V has no inverse, since its rows sum to 0, and those of each group of categories that examples connect do. d sums to
    0 in each as well, so that to add a constant within groups changes nothing but that there is an inverse.
    """
    differ = first != second
    if not differ.any():
        return 0.0, 0
    used, places = np.unique(np.stack([first[differ], second[differ]]), return_inverse=True)
    one, other = places.reshape(2, -1)
    table = np.zeros((len(used), len(used)))
    np.add.at(table, (one, other), 1)
    moved, both = table.sum(axis=1) - table.sum(axis=0), table + table.T
    groups, group = connected_components(both, directed=False)
    inverted = np.diag(both.sum(axis=1)) - both + (group[:, None] == group)
    return float(moved @ np.linalg.solve(inverted, moved)), len(used) - int(groups)


def _tests(first: NDArray[np.intp], second: NDArray[np.intp], categories: int) -> tuple[Array, NDArray[np.intp], Array]:
    """The test from arrays as large as their tables."""
    size = categories**2
    numbered = first * categories + second + size * np.arange(len(first))[:, None]
    tables = np.bincount(numbered.ravel(), minlength=size * len(first)).reshape(-1, categories, categories)
    moved = (tables.sum(axis=2) - tables.sum(axis=1)).astype(float)
    variance = -(tables + tables.swapaxes(1, 2)).astype(float)
    diagonal = np.arange(categories)
    variance[:, diagonal, diagonal] = 0
    variance[:, diagonal, diagonal] = -variance.sum(axis=2)
    statistic = np.einsum("rj,rjk,rk->r", moved, np.linalg.pinv(variance, hermitian=True), moved)
    df = np.linalg.matrix_rank(variance, hermitian=True)
    p = np.where(df > 0, chi2.sf(statistic, np.maximum(df, 1)), 1.0)
    return np.where(df > 0, statistic, 0.0), df, p
