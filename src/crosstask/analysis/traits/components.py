"""Principal components of the transfer matrix, tasks as variables."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from crosstask.analysis.traits.columns import component_names
from crosstask.analysis.traits.observations import Observations
from crosstask.errors import UserError


@dataclass(frozen=True)
class Components:
    """Principal components of a matrix, and what had to be left out to have them."""

    variance: pd.DataFrame
    """``component``, ``eigenvalue`` (n - 1 in the denominator), ``explained_variance_ratio`` (0 to 1)."""
    loadings: pd.DataFrame
    """Unit-length eigenvectors V, targets x components, -1 to 1."""
    traits: pd.DataFrame
    """Unit-length left singular vectors U, sources x components, -1 to 1, of which each column sums to 0; then rows
    that are projected, on the same scale, where there are such."""
    observations: Observations
    """What was decomposed."""

    def first(self, count: int) -> "Components":
        """The same with loadings and traits of so many components only."""
        return replace(self, loadings=self.loadings.iloc[:, :count], traits=self.traits.iloc[:, :count])


def principal_components(data: Observations, count: int | None = None) -> Components:
    """Principal component analysis with targets as variables and rows as observations.

    The columns are centered, scaled if so asked, and decomposed as U S V^T by NumPy's SVD: it gives the
    unit-length U that "Latent Traits and Cross-Task Transfer" (arXiv 2509.13624) prints, where scikit-learn's
    PCA gives U S and a sign convention of its own. Eigenvalues are S^2 / (n - 1): those of the correlation
    matrix after z-scoring, else of the covariance matrix. The entry of largest magnitude of each eigenvector
    is positive. A projected row x of the base model has the traits x V / S, x scaled as the others.

    Parameters
    ----------
    data : Observations
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
    rank = int(np.sum(singular > 1e-9 * singular[0]))  # below it lies rounding, whose vectors mean nothing
    kept = slice(0, min(rank, count or rank))
    present = data.labels[data.labels.index.isin(data.keys)]
    return Components(
        variance=_variance_table(singular[:rank], data.df),
        loadings=_table(loadings[:, kept], data.values.columns, "target"),
        traits=_table(traits[:, kept], data.names, "source").loc[present],
        observations=data,
    )


def decompose(data: Observations, values: np.ndarray, projected: np.ndarray) -> tuple[np.ndarray, ...]:
    """Principal components of values treated as the observations are; without names, for thousands of matrices.

    Parameters
    ----------
    data : Observations
        How values are treated.
    values, projected : array, shape (n_sources, n_targets) and (n_projected, n_targets)
        In the unit of the scores, as from ``data.redrawn``.

    Returns
    -------
    loadings : array, shape (n_targets, n_components)
        Unit-length eigenvectors.
    traits : array, shape (n_sources + n_projected, n_components)
        Unit-length left singular vectors, and projected rows below them.
    singular : array, shape (n_components,)
        Singular values, falling.
    """
    scaled, beside = data.standardize_with_projected(values, projected)
    left, singular, right = np.linalg.svd(scaled, full_matrices=False)
    signs = _signs(right)
    loadings = right.T * signs
    below = beside @ loadings / np.maximum(singular, 1e-9 * singular[0])
    return loadings, np.concatenate([left * signs, below]), singular


def _table(values: np.ndarray, names: pd.Index, kind: str) -> pd.DataFrame:
    """One column per component, with the names of the rows."""
    return pd.DataFrame(values, names, component_names(values.shape[1])).rename_axis(kind)


def _signs(vectors: np.ndarray) -> np.ndarray:
    """Sign per row that makes its entry of largest magnitude positive; rounding settles ties by position."""
    largest = np.abs(vectors).round(9).argmax(axis=1)
    signs: np.ndarray = np.sign(vectors[np.arange(len(vectors)), largest])
    return signs


def _variance_table(singular: np.ndarray, df: int) -> pd.DataFrame:
    """Eigenvalue and share of each component."""
    squared = singular**2
    return pd.DataFrame(
        {
            "component": component_names(len(singular)),
            "eigenvalue": squared / df,
            "explained_variance_ratio": squared / squared.sum(),
        }
    )
