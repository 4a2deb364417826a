"""What is decomposed: rows and columns of a matrix, the scale they are put on, and what had to be left out."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

import numpy as np
import pandas as pd

from crosstask.analysis.headroom import share_of_headroom
from crosstask.analysis.imputation import iterative_pca
from crosstask.analysis.row_names import base_rows, source_names
from crosstask.errors import UserError

Scale = Literal["zscore", "none", "headroom"]
BaseRow = Literal["included", "projected", "excluded"]
Missing = Literal["drop", "impute"]


@dataclass(frozen=True)
class Observations:
    """The part of a matrix that is decomposed, before centring and scaling."""

    values: pd.DataFrame
    """Sources x targets; NaN only where cells are to be imputed."""
    scale: Scale
    """What is done to the columns after centring."""
    ceiling: float
    """The best score there can be."""
    projected: pd.DataFrame
    """Complete rows of the same targets that take no part and are projected afterwards; often none."""
    incomplete_sources: tuple[str, ...] = ()
    """Sources left out because a score is missing."""
    constant_targets: tuple[str, ...] = ()
    """Targets left out because all sources score alike."""
    unscored_targets: tuple[str, ...] = ()
    """Targets left out because no source has a score; only where gaps are imputed."""

    @cached_property
    def gaps(self) -> np.ndarray:
        """True where a score is missing, shape (n_sources, n_targets)."""
        return self.values.isna().to_numpy()

    @cached_property
    def groups(self) -> np.ndarray:
        """Number of each row's source, from 0; rows finer than sources share it."""
        return pd.factorize(pd.Series(source_names(self.values.index)))[0]

    @property
    def rank(self) -> int:
        """The most components that there can be."""
        return min(len(self.values) - 1, self.values.shape[1])

    @property
    def names(self) -> pd.Index:
        """Names of the sources that take part, then of those projected."""
        return self.values.index.append(self.projected.index)

    @property
    def standardised(self) -> np.ndarray:
        """Centred and scaled values without gaps, shape (n_sources, n_targets)."""
        return self.standardise(self.values.to_numpy(float))

    def standardise(self, values: np.ndarray) -> np.ndarray:
        """Treat other values as these are treated: the same gaps, filled in the same way, centred and scaled.

        Parameters
        ----------
        values : array, shape (..., n_sources, n_targets)
            Any number of matrices of this shape, such as noise.
        """
        filled = self._filled(values)
        centred: np.ndarray = filled - filled.mean(axis=-2, keepdims=True)
        return centred / self._deviations(filled)

    def standardise_with_projected(self, values: np.ndarray, projected: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Values as by `standardise`, and projected rows on the scale of the others.

        Parameters
        ----------
        values, projected : array, shape (n_sources, n_targets) and (n_projected, n_targets)
            In the unit of the scores.
        """
        filled = self._filled(values)
        means, deviations = filled.mean(axis=0), self._deviations(filled)
        return (filled - means) / deviations, (projected - means) / deviations

    def redrawn(self, matrix: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """Values and projected rows of another matrix with the rows and columns of the one these come from."""
        table = share_of_headroom(matrix, self.ceiling) if self.scale == "headroom" else matrix
        rows, columns = table.index.get_indexer(self.names), table.columns.get_indexer(self.values.columns)
        chosen = table.to_numpy(float)[np.ix_(rows, columns)]
        return chosen[: len(self.values)], chosen[len(self.values) :]

    def _filled(self, values: np.ndarray) -> np.ndarray:
        """Values without gaps."""
        return iterative_pca(values, self.gaps) if self.gaps.any() else values

    def _deviations(self, filled: np.ndarray) -> np.ndarray | float:
        """What centred columns are divided by; of a constant column nothing is left in any case."""
        if self.scale != "zscore":
            return 1.0
        deviations = filled.std(axis=-2, ddof=1, keepdims=True)
        return np.where(deviations > 0, deviations, 1.0)


def observations(
    matrix: pd.DataFrame,
    scale: Scale = "zscore",
    base: BaseRow = "included",
    missing: Missing = "drop",
    ceiling: float = 1.0,
) -> Observations:
    """Choose rows and columns of a matrix for a decomposition.

    Sources with any missing score are left out, or, if gaps are filled, sources and targets without any score; then
    targets on which the remaining sources all score alike. All are named in the result.

    Parameters
    ----------
    matrix : DataFrame, shape (n_sources, n_targets)
        As from `transfer_matrix`; NaN where a score is missing.
    scale : {"zscore", "none", "headroom"}
        Divide each centred column by its standard deviation; leave it; or replace each score s by the share of the
        base model's headroom that it takes, as `share_of_headroom` has it.
    base : {"included", "projected", "excluded"}
        Whether the base model's rows are observations, are projected onto the components of the others, or neither.
    missing : {"drop", "impute"}
        Leave out sources with a missing score, or fill gaps by `iterative_pca`.
    ceiling : float
        The best score there can be, in the unit of the scores; only ``scale="headroom"`` needs it.

    Raises
    ------
    UserError
        If a parameter has another value, fewer than two sources or two targets with scores that vary are left, or
        there is no headroom to divide by.

    Examples
    --------
    >>> matrix = pd.DataFrame({"goat": [0.5, 0.75, 0.5], "imdb": [0.2, 0.6, 1.0]}, index=["base", "a", "b"])
    >>> observations(matrix, scale="headroom").values.round(2)
          goat  imdb
    base   0.0   0.0
    a      0.5   0.5
    b      0.0   1.0
    """
    require_one_of("scale", scale, get_args(Scale))
    require_one_of("base", base, get_args(BaseRow))
    require_one_of("missing", missing, get_args(Missing))
    table = share_of_headroom(matrix, ceiling) if scale == "headroom" else matrix
    is_base = base_rows(table)
    rows = table if base == "included" else table[~is_base]
    kept = _rows_with_enough(rows, missing)
    varying = _varying_columns(kept)
    projected = table.loc[is_base & (base == "projected"), varying.columns].dropna()
    return Observations(
        values=varying,
        scale=scale,
        ceiling=ceiling,
        projected=projected,
        incomplete_sources=tuple(rows.index.difference(kept.index, sort=False)),
        constant_targets=tuple(kept.columns.difference(varying.columns, sort=False)),
        unscored_targets=tuple(rows.columns.difference(kept.columns, sort=False)),
    )


def require_one_of(name: str, value: object, allowed: tuple[str, ...]) -> None:
    """Raise unless the value is one of those allowed."""
    if value not in allowed:
        raise UserError(f"{name}={value!r}: not one of {', '.join(allowed)}")


def _rows_with_enough(rows: pd.DataFrame, missing: Missing) -> pd.DataFrame:
    """Rows without a gap; where gaps are filled, rows and columns with any score."""
    kept = rows.dropna() if missing == "drop" else rows.dropna(how="all").dropna(how="all", axis=1)
    if len(kept) < 2:
        enough = "a score on every target" if missing == "drop" else "any score"
        raise UserError(f"components need 2 sources with {enough}; there are {len(kept)}")
    return kept


def _varying_columns(kept: pd.DataFrame) -> pd.DataFrame:
    """Columns that are not constant; means over seeds of equal scores can differ in their last digit."""
    varying = kept.loc[:, ~((kept.max() - kept.min()) <= 1e-12 * kept.abs().max())]
    if varying.shape[1] < 2:
        raise UserError(f"components need 2 targets with scores that vary; there are {varying.shape[1]}")
    return varying
