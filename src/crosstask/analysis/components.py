"""Principal components of the transfer matrix, tasks as variables, and the noise they must be told from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd

from crosstask.analysis.columns import BASE
from crosstask.errors import UserError

Scale = Literal["zscore", "none"]
BaseRow = Literal["included", "excluded"]


@dataclass(frozen=True)
class Components:
    """Principal components of a matrix, and what had to be left out to have them."""

    variance: pd.DataFrame
    """``component``, ``eigenvalue`` (n - 1 in the denominator), ``explained_variance_ratio`` (0 to 1)."""
    loadings: pd.DataFrame
    """Unit-length eigenvectors V, targets x components, -1 to 1."""
    traits: pd.DataFrame
    """Unit-length left singular vectors U, sources x components, -1 to 1; each column sums to 0."""
    deviations: pd.Series
    """Standard deviation of each target, in the unit of the scores, before any scaling."""
    incomplete_sources: tuple[str, ...] = ()
    """Sources left out because a score is missing."""
    constant_targets: tuple[str, ...] = ()
    """Targets left out because all sources score alike."""


@dataclass(frozen=True)
class ComponentAnalysis:
    """Principal component analysis with targets as variables and sources as observations.

    The columns are centred, scaled if so asked, and decomposed as U S V^T by NumPy's SVD: it gives the
    unit-length U that "Latent Traits and Cross-Task Transfer" (arXiv 2509.13624) prints, where scikit-learn's
    PCA gives U S and a sign convention of its own. Eigenvalues are S^2 / (n - 1): those of the correlation
    matrix after z-scoring, else of the covariance matrix. The entry of largest magnitude of each eigenvector
    is positive.

    Sources with any missing score are left out, then targets on which the remaining sources all score alike;
    both are named in the result.

    Parameters
    ----------
    scale : {"zscore", "none"}
        Divide each centred column by its standard deviation, or not.
    base : {"included", "excluded"}
        Whether the base model's row is an observation.
    count : int, optional
        Components in loadings and traits; all of them when left out. The table of variances always has all.

    Raises
    ------
    UserError
        If a parameter has another value.

    Examples
    --------
    >>> matrix = pd.DataFrame({"goat": [1.0, 2.0, 3.0], "imdb": [2.0, 4.0, 6.0]}, index=list("abc"))
    >>> ComponentAnalysis()(matrix).variance.round(3)
      component  eigenvalue  explained_variance_ratio
    0       PC1         2.0                       1.0
    """

    scale: Scale = "zscore"
    base: BaseRow = "included"
    count: int | None = None

    def __post_init__(self) -> None:
        """Refuse values outside the lists."""
        _require_one_of("scale", self.scale, get_args(Scale))
        _require_one_of("base", self.base, get_args(BaseRow))
        if self.count is not None and self.count < 1:
            raise UserError(f"count={self.count}: at least 1 component")

    def __call__(self, matrix: pd.DataFrame) -> Components:
        """Analyse a matrix, sources x targets, as from `transfer_matrix`.

        Raises
        ------
        UserError
            If fewer than two complete sources, or two targets with scores that vary, are left.
        """
        rows = matrix.drop(index=BASE, errors="ignore") if self.base == "excluded" else matrix
        complete = rows.dropna()
        if len(complete) < 2:
            raise UserError(f"components need 2 sources with a score on every target; there are {len(complete)}")
        # Means over seeds of equal scores can differ in their last digit.
        constant = (complete.max() - complete.min()) <= 1e-12 * complete.abs().max()
        varying = complete.loc[:, ~constant]
        if varying.shape[1] < 2:
            raise UserError(f"components need 2 targets with scores that vary; there are {varying.shape[1]}")
        incomplete = tuple(rows.index.difference(complete.index, sort=False))
        return self._decomposed(varying, incomplete, tuple(complete.columns[constant]))

    def _decomposed(self, table: pd.DataFrame, incomplete: tuple[str, ...], constant: tuple[str, ...]) -> Components:
        """Singular value decomposition of the scaled table, as tables."""
        left, singular, right = np.linalg.svd(_scaled(table.to_numpy(float), self.scale), full_matrices=False)
        rank = int(np.sum(singular > 1e-9 * singular[0]))  # below it lies rounding, whose vectors mean nothing
        signs = _signs(right[:rank])
        names = _component_names(rank)
        kept = slice(0, min(rank, self.count or rank))
        return Components(
            variance=_variance_table(singular[:rank], len(table), names),
            loadings=pd.DataFrame((right[:rank].T * signs)[:, kept], table.columns, names[kept]).rename_axis("target"),
            traits=pd.DataFrame((left[:, :rank] * signs)[:, kept], table.index, names[kept]).rename_axis("source"),
            deviations=table.std(ddof=1),
            incomplete_sources=incomplete,
            constant_targets=constant,
        )


def noise_explained_variance(
    n_rows: int,
    n_columns: int,
    scale: Scale = "zscore",
    draws: int = 2000,
    seed: int = 0,
    deviations: Sequence[float] | None = None,
) -> pd.DataFrame:
    """Explained variance of independent Gaussian noise: what components show when there is nothing to find.

    Parallel analysis (Horn 1965, "A rationale and test for the number of factors in factor analysis").

    Parameters
    ----------
    n_rows, n_columns : int
        Shape of the matrix, each at least 2.
    scale : {"zscore", "none"}
        Treatment of the columns, as in `ComponentAnalysis`.
    draws : int
        Noise matrices to draw.
    seed : int
        Seed of the generator.
    deviations : sequence of float, length n_columns, optional
        Standard deviation of each column, 1 when left out; without z-scoring a wide column makes a large
        first component all by itself.

    Returns
    -------
    DataFrame, min(n_rows - 1, n_columns) rows
        ``component``; ``mean``, ``p05``, ``p95`` of the explained variance ratio (0 to 1) over draws, and the
        same of its running sum as ``cumulative_mean``, ``cumulative_p05``, ``cumulative_p95``.

    Raises
    ------
    UserError
        If the shape is too small.

    Examples
    --------
    >>> noise_explained_variance(2, 5)["mean"].tolist()
    [1.0]
    """
    if n_rows < 2 or n_columns < 2:
        raise UserError(f"shape ({n_rows}, {n_columns}): noise needs at least 2 rows and 2 columns")
    spread = np.ones(n_columns) if deviations is None else np.asarray(deviations, dtype=float)
    ratios = _noise_ratios(n_rows, spread, scale, draws, seed)
    table = {"component": _component_names(ratios.shape[1])}
    for prefix, values in (("", ratios), ("cumulative_", ratios.cumsum(axis=1))):
        table[f"{prefix}mean"] = values.mean(axis=0)
        table[f"{prefix}p05"], table[f"{prefix}p95"] = np.percentile(values, [5, 95], axis=0)
    return pd.DataFrame(table)


def _noise_ratios(n_rows: int, spread: np.ndarray, scale: Scale, draws: int, seed: int) -> np.ndarray:
    """Explained variance ratios of noise matrices whose columns have the given deviations; draws x components."""
    generator = np.random.default_rng(seed)
    ratios = np.empty((draws, min(n_rows - 1, len(spread))))
    for draw in range(draws):
        noise = generator.standard_normal((n_rows, len(spread))) * spread
        squared = np.linalg.svd(_scaled(noise, scale), compute_uv=False)[: ratios.shape[1]] ** 2
        ratios[draw] = squared / squared.sum()
    return ratios


def _scaled(values: np.ndarray, scale: Scale) -> np.ndarray:
    """Centred columns, divided by their standard deviations under z-scoring."""
    centred: np.ndarray = values - values.mean(axis=0)
    if scale == "zscore":
        centred /= values.std(axis=0, ddof=1)
    return centred


def _signs(vectors: np.ndarray) -> np.ndarray:
    """Sign per row that makes its entry of largest magnitude positive; rounding settles ties by position."""
    largest = np.abs(vectors).round(9).argmax(axis=1)
    signs: np.ndarray = np.sign(vectors[np.arange(len(vectors)), largest])
    return signs


def _variance_table(singular: np.ndarray, n_rows: int, names: list[str]) -> pd.DataFrame:
    """Eigenvalue and share of each component."""
    squared = singular**2
    return pd.DataFrame(
        {
            "component": names,
            "eigenvalue": squared / (n_rows - 1),
            "explained_variance_ratio": squared / squared.sum(),
        }
    )


def _component_names(count: int) -> list[str]:
    """PC1 onwards."""
    return [f"PC{number}" for number in range(1, count + 1)]


def _require_one_of(name: str, value: object, allowed: tuple[str, ...]) -> None:
    """Raise unless the value is one of those allowed."""
    if value not in allowed:
        raise UserError(f"{name}={value!r}: not one of {', '.join(allowed)}")
