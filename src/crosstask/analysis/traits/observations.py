"""Scores as they are, centered and scaled: the design matrix of a principal component analysis."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from crosstask.analysis.matrix.decomposed import Decomposed
from crosstask.analysis.matrix.row_keys import Settings, distinct_settings, membership
from crosstask.analysis.statistics.variance_parts import Array
from crosstask.analysis.traits.imputation import iterative_pca
from crosstask.analysis.traits.options import Scale
from crosstask.analysis.traits.settings_effects import SettingsEffects

ROUNDING = 1e-12
"""Differences of scores that are this small beside the scores are none."""


@dataclass(frozen=True, kw_only=True)
class Observations(Decomposed):
    """Scores, each target centered and scaled by itself; NaN among them are cells to be imputed."""

    sources_lack = "missing scores"
    targets_lack = "no score"
    scale: Scale
    """What is done to the columns after centering."""
    rescale: Callable[[pd.DataFrame], pd.DataFrame]
    """What was done to scores before: puts another matrix of scores in the unit of the values."""

    @cached_property
    def effects(self) -> SettingsEffects:
        """What is subtracted from every column: its mean, or where rows are of several settings the effect of each."""
        return SettingsEffects(self.sources, membership(self.values.index, self._settings))

    @cached_property
    def _settings(self) -> list[Settings]:
        """The settings that rows are of."""
        return distinct_settings(self.values.index)

    @cached_property
    def _projected_membership(self) -> Array:
        """Share of each projected row in each of them."""
        return membership(self.projected.index, self._settings)

    @property
    def df(self) -> int:
        """Degrees of freedom of each column after centering."""
        return len(self.values) - self.effects.count

    @property
    def rank(self) -> int:
        """The most components that there can be."""
        return min(self.df, self.values.shape[1])

    @property
    def count_within(self) -> float:
        """Degrees of freedom that effects of settings take within sources."""
        return self.effects.count_within

    @property
    def settings_count(self) -> int:
        """Settings that rows are of, each with an effect of its own."""
        return self.effects.count

    @property
    def filled(self) -> int:
        """Missing scores that are imputed."""
        return int(self.gaps.sum())

    def in_unit(self, matrix: pd.DataFrame) -> pd.DataFrame:
        """Another matrix of scores in the unit of the values."""
        return self.rescale(matrix)

    def runs(self, place: int) -> Array:
        """Scores of the single seeds of a row, on the scale of the standardized values but not centered."""
        runs: Array = self.seeds_of(place) / self._scales
        return runs

    def standardize(self, values: Array) -> Array:
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

    def standardize_with_projected(self, values: Array, projected: Array) -> tuple[Array, Array]:
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

    def _filled(self, values: Array) -> Array:
        """Values without gaps."""
        return iterative_pca(values, self.gaps, self.effects.fitted) if self.gaps.any() else values

    def _centered(self, filled: Array) -> Array:
        """Values less the effects of their settings."""
        centered: Array = filled - self.effects.fitted(filled)
        return centered

    def _deviations(self, filled: Array, centered: Array) -> Array:
        """What centered columns are divided by; infinite for a constant one, of which only rounding is left.

        Without it rounding would be blown up to a standard deviation of 1.
        """
        if self.scale != Scale.zscore:
            return np.ones((1, centered.shape[-1]))
        deviations = np.sqrt((centered**2).sum(axis=-2, keepdims=True) / self.df)
        return np.where(deviations > ROUNDING * np.abs(filled).max(axis=-2, keepdims=True), deviations, np.inf)

    @cached_property
    def _scales(self) -> Array:
        """What the columns of the values are divided by, (n_targets,)."""
        filled = self._filled(self.values.to_numpy(float))
        return np.ravel(self._deviations(filled, self._centered(filled)))
