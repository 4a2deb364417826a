"""Principal components of the transfer matrix, tasks as variables."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from crosstask.analysis.matrix.decomposed import Decomposed, component_names
from crosstask.analysis.traits.leading import LARGE, leading_vectors
from crosstask.errors import UserError

_ZERO = 1e-9  # of the largest singular value: a smaller one is rounding, and its vectors mean nothing


@dataclass(frozen=True)
class Components:
    """Principal components of a matrix."""

    variance: pd.DataFrame
    """``component``, ``eigenvalue``, ``explained_variance_ratio`` (0 to 1)."""
    loadings: pd.DataFrame
    """Unit-length eigenvectors V, targets x components, -1 to 1."""
    traits: pd.DataFrame
    """Unit-length left singular vectors U, rows x components, -1 to 1, of which each column sums to 0; then rows that
    are projected, on the same scale, where there are such. By the labels of the rows, in the order of the matrix."""
    observations: Decomposed
    """What was decomposed."""

    def first(self, count: int) -> "Components":
        """The same with loadings and traits of so many components only."""
        return replace(self, loadings=self.loadings.iloc[:, :count], traits=self.traits.iloc[:, :count])


def principal_components(data: Decomposed, count: int | None = None) -> Components:
    """Principal component analysis with targets as variables and rows as observations.

    The standardized values Z, with df degrees of freedom in each column (rows less settings, n - 1 where there is one
    setting), are decomposed as ::

        Z                           =  U S V'
        eigenvalue[k]               =  S[k]^2 / df
        explained variance ratio[k] =  S[k]^2 / sum over j of S[j]^2
        traits of a projected row z =  z V / S

    Eigenvalues are those of the correlation matrix after z-scoring, else of the covariance matrix. By NumPy's SVD,
    which gives the unit-length U that "Latent Traits and Cross-Task Transfer" (arXiv:2509.13624) prints, where
    scikit-learn's PCA gives U S and a sign convention of its own. The entry of largest magnitude of each eigenvector is
    positive.

    Parameters
    ----------
    data : Decomposed
        What is decomposed, on which scale.
    count : int, optional
        Components in loadings and traits; all of them when left out. The table of variances always has all.

    Raises
    ------
    UserError
        If no component is asked for.

    Examples
    --------
    >>> from crosstask.analysis.traits.preparation import observations
    >>> matrix = pd.DataFrame({"goat": [1.0, 2.0, 3.0], "imdb": [2.0, 4.0, 6.0]}, index=list("abc"))
    >>> principal_components(observations(matrix)).variance.round(3)
      component  eigenvalue  explained_variance_ratio
    0       PC1         2.0                       1.0
    """
    if count is not None and count < 1:
        raise UserError(f"count={count}: at least 1 component")
    loadings, traits, singular = decompose(data, data.values.to_numpy(float), data.projected.to_numpy(float))
    rank = min(int(np.sum(singular > _ZERO * singular[0])), data.rank)
    kept = slice(0, min(rank, count or rank))
    present = data.labels[data.labels.index.isin(data.keys)]
    return Components(
        variance=_variance_table(singular[:rank], data.df),
        loadings=_table(loadings[:, kept], data.values.columns, "target"),
        traits=_table(traits[:, kept], data.names, "source").loc[present],
        observations=data,
    )


def decompose(
    data: Decomposed, values: np.ndarray, projected: np.ndarray, count: int | None = None
) -> tuple[np.ndarray, ...]:
    """Principal components of values treated as the observations are; without names, for thousands of matrices.

    Parameters
    ----------
    data : Decomposed
        How values are treated.
    values, projected : array, shape (n_rows, n_targets) and (n_projected, n_targets)
        In the unit of the observations, as from ``data.redrawn``.
    count : int, optional
        Components that are needed: of large matrices no others are computed.

    Returns
    -------
    loadings : array, shape (n_targets, n_components)
        Unit-length eigenvectors.
    traits : array, shape (n_rows + n_projected, n_components)
        Unit-length left singular vectors, and projected rows below them.
    singular : array, shape (n_components,)
        Singular values, falling.
    """
    standardized, others = data.standardize_with_projected(values, projected)
    if count is None or min(standardized.shape) < LARGE:
        left, singular, right = np.linalg.svd(standardized, full_matrices=False)
    else:
        left, singular, right = _leading(standardized, count)
    signs = _signs(right)
    loadings = right.T * signs
    below = others @ loadings / np.maximum(singular, _ZERO * singular[0])  # no 0, which as many targets as rows give
    return loadings, np.concatenate([left * signs, below]), singular


def _leading(values: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The first of what ``np.linalg.svd`` gives, from the smaller of Z Z' and Z' Z.

    Squaring costs half of the digits of the smallest singular values, and none that count of the first.
    """
    if values.shape[0] < values.shape[1]:
        right, singular, left = _leading(values.T, count)
        return left.T, singular, right.T
    right = leading_vectors(values.T @ values, count)[:, ::-1]
    left = values @ right
    singular = np.linalg.norm(left, axis=0)
    return left / np.maximum(singular, _ZERO * singular[0]), singular, right.T


def _table(values: np.ndarray, names: pd.Index, kind: str) -> pd.DataFrame:
    """One column per component, with the names of the rows."""
    return pd.DataFrame(values, names, component_names(values.shape[1])).rename_axis(kind)


def _signs(vectors: np.ndarray) -> np.ndarray:
    """Sign per row that makes its entry of largest magnitude positive; of entries equally large, the first."""
    largest = np.abs(vectors).round(9).argmax(axis=1)  # rounded, or the last digit would settle a tie at random
    signs: np.ndarray = np.sign(vectors[np.arange(len(vectors)), largest])
    return signs


def _variance_table(singular: np.ndarray, df: float) -> pd.DataFrame:
    """Eigenvalue and share of each component."""
    squared = singular**2
    return pd.DataFrame(
        {
            "component": component_names(len(singular)),
            "eigenvalue": squared / df,
            "explained_variance_ratio": squared / squared.sum(),
        }
    )
