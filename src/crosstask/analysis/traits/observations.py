"""Design matrix of the decomposition: rows and columns of a matrix on their scale, and what had to be left out."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from crosstask.analysis.matrix.row_keys import Settings, distinct_settings, membership, row_sources
from crosstask.analysis.traits.imputation import iterative_pca
from crosstask.analysis.traits.options import Scale
from crosstask.analysis.traits.settings_effects import SettingsEffects

ROUNDING = 1e-12
"""Differences of scores that are this small beside the scores are none."""


@dataclass(frozen=True)
class Observations:
    """The part of a matrix that is decomposed, before centering and scaling."""

    values: pd.DataFrame
    """Rows x targets; NaN only where cells are to be imputed."""
    scale: Scale
    """What is done to the columns after centering."""
    rescale: Callable[[pd.DataFrame], pd.DataFrame]
    """What was done to scores before: puts another matrix of scores in the unit of the values."""
    projected: pd.DataFrame
    """Complete rows of the same targets that take no part and are projected afterwards; often none."""
    labels: pd.Series
    """What every row of the matrix is called, under its keys and in the order of the matrix."""
    seeds: pd.DataFrame
    """Scores of single seeds in the unit of the values, but for a constant of each row and target, under the keys of
    their rows; without rows where those of the matrix are taken to be exact."""
    incomplete_sources: tuple[str, ...] = ()
    """Sources left out because a score is missing."""
    constant_targets: tuple[str, ...] = ()
    """Targets left out because all sources have the same score."""
    unscored_targets: tuple[str, ...] = ()
    """Targets left out because no source has a score; only where gaps are imputed."""
    unprojected: tuple[str, ...] = ()
    """Base models that were to be projected, but lack a score, or no row is of their settings."""

    @cached_property
    def gaps(self) -> np.ndarray:
        """True where a score is missing, shape (n_rows, n_targets)."""
        return self.values.isna().to_numpy()

    @property
    def sources(self) -> tuple[str, ...]:
        """The source of each row."""
        return tuple(row_sources(self.values.index))

    @cached_property
    def groups(self) -> np.ndarray:
        """Number of each row's source, from 0; rows finer than sources share it."""
        return pd.factorize(row_sources(self.values.index))[0]

    @cached_property
    def effects(self) -> SettingsEffects:
        """What is subtracted from every column: its mean, or where rows are of several settings the effect of each."""
        return SettingsEffects(self.sources, membership(self.values.index, self._settings))

    @cached_property
    def _settings(self) -> list[Settings]:
        """The settings that rows are of."""
        return distinct_settings(self.values.index)

    @cached_property
    def _projected_membership(self) -> np.ndarray:
        """Share of each projected row in each of them."""
        return membership(self.projected.index, self._settings)

    @cached_property
    def _owners(self) -> np.ndarray:
        """Place of the row of each single seed; -1 for one of a row that takes no part."""
        return self.values.index.get_indexer(self.seeds.index)

    @property
    def df(self) -> int:
        """Degrees of freedom of each column after centering."""
        return len(self.values) - self.effects.count

    @property
    def rank(self) -> int:
        """The most components that there can be."""
        return min(self.df, self.values.shape[1])

    def runs(self, place: int) -> np.ndarray:
        """Scores of the single seeds of a row, on the scale of the standardized values but not centered.

        Returns
        -------
        array, shape (n_seeds, n_targets)
            Without rows where nothing is known of seeds; NaN where one was not scored.
        """
        runs: np.ndarray = self.seeds.loc[self._owners == place, self.values.columns].to_numpy(float)
        return runs / self._scales

    @property
    def keys(self) -> pd.Index:
        """Keys of the rows that take part, then of those projected."""
        return self.values.index.append(self.projected.index)

    @property
    def names(self) -> pd.Index:
        """What these rows are called, in the same order."""
        places = self.labels.index.get_indexer(self.keys)
        return pd.Index(self.labels.iloc[places], name="source")

    @cached_property
    def standardized(self) -> np.ndarray:
        """Centered and scaled values without gaps, shape (n_rows, n_targets)."""
        return self.standardize(self.values.to_numpy(float))

    def standardize(self, values: np.ndarray) -> np.ndarray:
        """Treat other values as these are treated: the same gaps, filled in the same way, centered and scaled.

        With the fitted effects F of settings, which are the columns' means where there is one, and df degrees of
        freedom ::

            Z  =  (X - F) / d,      d[j]  =  sqrt(sum over rows of (X - F)[i, j]^2 / df)  for z-scores, else 1

        Parameters
        ----------
        values : array, shape (..., n_rows, n_targets)
            Any number of matrices of this shape, such as noise.

        Returns
        -------
        array of the same shape
            0 in a column that came out constant.
        """
        filled = self._filled(values)
        centered = self._centered(filled)
        return centered / self._deviations(filled, centered)

    def standardize_with_projected(self, values: np.ndarray, projected: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Values as by `standardize`, and projected rows on the scale of the others.

        Parameters
        ----------
        values, projected : array, shape (n_rows, n_targets) and (n_projected, n_targets)
            In the unit of the values.
        """
        filled = self._filled(values)
        centered = self._centered(filled)
        others = projected - self.effects.of_other_rows(self._projected_membership, filled)
        deviations = self._deviations(filled, centered)
        return centered / deviations, others / deviations

    def redrawn(self, matrix: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """Values and projected rows of another matrix with the rows and columns of the one these come from."""
        table = self.rescale(matrix)
        rows, columns = table.index.get_indexer(self.keys), table.columns.get_indexer(self.values.columns)
        chosen = table.to_numpy(float)[np.ix_(rows, columns)]
        return chosen[: len(self.values)], chosen[len(self.values) :]

    def _filled(self, values: np.ndarray) -> np.ndarray:
        """Values without gaps."""
        return iterative_pca(values, self.gaps, self.effects.fitted) if self.gaps.any() else values

    def _centered(self, filled: np.ndarray) -> np.ndarray:
        """Values less the effects of their settings."""
        centered: np.ndarray = filled - self.effects.fitted(filled)
        return centered

    def _deviations(self, filled: np.ndarray, centered: np.ndarray) -> np.ndarray:
        """What centered columns are divided by; infinite for a constant one, of which only rounding is left.

        Without it rounding would be blown up to a standard deviation of 1.
        """
        if self.scale != Scale.zscore:
            return np.ones((1, centered.shape[-1]))
        deviations = np.sqrt((centered**2).sum(axis=-2, keepdims=True) / self.df)
        return np.where(deviations > ROUNDING * np.abs(filled).max(axis=-2, keepdims=True), deviations, np.inf)

    @cached_property
    def _scales(self) -> np.ndarray:
        """What the columns of the values are divided by, (n_targets,)."""
        filled = self._filled(self.values.to_numpy(float))
        return np.ravel(self._deviations(filled, self._centered(filled)))
