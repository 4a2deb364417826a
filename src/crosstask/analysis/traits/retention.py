"""Rules for the number of components, side by side."""

import numpy as np
import pandas as pd

from crosstask.analysis.matrix.decomposed import Decomposed
from crosstask.analysis.schema import column_names
from crosstask.analysis.traits.columns import RULES
from crosstask.analysis.traits.noise_test import ComponentTests, NoiseTest
from crosstask.analysis.traits.observations import Observations

_NULLS = {"gaussian": "Gaussian", "permutation": "permutation", "sign_flip": "sign flips"}


def retention_rules(data: Decomposed, tests: ComponentTests) -> pd.DataFrame:
    """How many components each rule retains.

    Parameters
    ----------
    data : Decomposed
        Scores or residuals.
    tests : ComponentTests
        As from `component_tests` for the same data.

    Returns
    -------
    DataFrame
        Columns ``RULES``; the first row is the rule that decides: every null must be exceeded, and PC1 be no bend. The
        classic rules are for scores; residuals have fewer components than their size would tell, of which these know
        nothing.
    """
    named = [(f"parallel analysis, {_NULLS[name]}", test.retained) for name, test in tests.nulls.items()]
    rows = [("parallel analysis", tests.retained), *named]
    if isinstance(data, Observations):
        rows += _classic_rules(data, tests.nulls["gaussian"], tests.nulls["permutation"])
    return pd.DataFrame(rows, columns=column_names(RULES))


def _classic_rules(data: Observations, gaussian: NoiseTest, permutation: NoiseTest) -> list[tuple[str, int]]:
    """Rules that others use."""
    values = data.standardized
    variances = np.linalg.svd(values, compute_uv=False)[: data.rank] ** 2 / data.df  # beyond the rank is rounding
    return [
        ("Horn, Gaussian", gaussian.retained_at_once),
        ("Horn, permutation", permutation.retained_at_once),
        ("Kaiser", kaiser(variances, values.shape[1])),
        ("broken stick", broken_stick(variances)),
        ("MAP", minimum_average_partial(np.atleast_2d(np.corrcoef(values.T)))),
    ]


def kaiser(variances: np.ndarray, n_columns: int) -> int:
    """Count the eigenvalues above the mean variance of a column, which is 1 after z-scoring.

    With eigenvalues l of c columns ::

        #{l[k] > sum of l / c}

    (Kaiser 1960, "The application of electronic computers to factor analysis", doi:10.1177/001316446002000116).

    Examples
    --------
    >>> kaiser(np.array([2.0, 0.9, 0.1]), 3)
    1
    """
    return int(np.sum(variances > variances.sum() / n_columns))


def broken_stick(variances: np.ndarray) -> int:
    """Count the eigenvalues, from the first on, above the pieces of a stick broken at random.

    The share of the k-th eigenvalue must exceed the expected length of the k-th largest of p pieces, p the number of
    eigenvalues ::

        l[k] / sum of l  >  (1/k + 1/(k + 1) + ... + 1/p) / p

    (Frontier 1976, "Etude de la decroissance des valeurs propres dans une analyse en composantes principales",
    doi:10.1016/0022-0981(76)90076-9).

    Examples
    --------
    >>> broken_stick(np.array([3.0, 0.5, 0.5]))
    1
    """
    count = len(variances)
    pieces = np.cumsum(1 / np.arange(count, 0, -1))[::-1] / count  # sums from 1/p upwards, reversed: the largest first
    # The running product is 1 until the first that is not above its piece.
    return int(np.cumprod(variances / variances.sum() > pieces).sum())


def minimum_average_partial(correlations: np.ndarray) -> int:
    """Components to partial out so that the mean squared partial correlation is least (MAP).

    With the correlations R of p columns and the first m components A = V sqrt(L) of R = V L V' ::

        C     =  R - A A'
        f(m)  =  sum over i != j of  C[i, j]^2 / (C[i, i] C[j, j])  /  (p (p - 1))

    and m is where f is smallest (Velicer 1976, "Determining the number of components from the matrix of partial
    correlations", doi:10.1007/BF02293557).

    Parameters
    ----------
    correlations : array, shape (n_columns, n_columns)
        A correlation matrix; it may be singular.

    Returns
    -------
    int
        0 if the correlations themselves are smallest.

    Examples
    --------
    >>> minimum_average_partial(np.array([[1, 0.6, 0.6], [0.6, 1, 0.6], [0.6, 0.6, 1]]))
    1
    >>> minimum_average_partial(np.eye(4))
    0
    """
    values, vectors = np.linalg.eigh(correlations)
    weights = (vectors * np.sqrt(values.clip(min=0)))[:, ::-1]  # A, the largest component first
    means = []
    for count in range(len(values) - 1):  # after p - 1 a single one is left, and f is 1
        partial = correlations - weights[:, :count] @ weights[:, :count].T
        variances = np.diag(partial)
        if variances.min() <= 1e-9:  # a variable is used up: partial correlations are not defined
            break
        squares = partial**2 / np.outer(variances, variances)
        means.append((squares.sum() - len(squares)) / (squares.size - len(squares)))  # without the diagonal of ones
    return int(np.argmin(means))
