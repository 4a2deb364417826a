"""What is decomposed: rows and columns of a matrix, how they are treated, and what had to be left out."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Decomposed(ABC):
    """The part of a matrix that is decomposed; how its values are treated is said by each kind."""

    sources_lack: ClassVar[str]
    """What sources that are left out have too few of."""
    targets_lack: ClassVar[str]
    """The same of targets."""
    values: pd.DataFrame
    """Rows x targets before they are centered and scaled; NaN in cells that take no part or are to be imputed."""
    projected: pd.DataFrame
    """Complete rows of the same targets that take no part and are projected afterwards; often none."""
    labels: pd.Series
    """What every row of the matrix is called, under its keys and in the order of the matrix."""
    seeds: pd.DataFrame
    """Scores of single seeds in the unit of the values, but for a constant of each row and target, under the keys of
    their rows; without rows where those of the matrix are taken to be exact."""
    incomplete_sources: tuple[str, ...] = ()
    """Sources left out for want of scores."""
    constant_targets: tuple[str, ...] = ()
    """Targets left out because all sources have the same score."""
    unscored_targets: tuple[str, ...] = ()
    """Targets left out for want of scores."""
    unprojected: tuple[str, ...] = ()
    """Base models that were to be projected, but lack a score, or no row is of their settings."""

    @property
    @abstractmethod
    def df(self) -> float:
        """What the squares of a column sum to after scaling, so that eigenvalues are in targets' worth of variance."""

    @property
    @abstractmethod
    def rank(self) -> int:
        """The most components that there can be."""

    @abstractmethod
    def standardize(self, values: Array) -> Array:
        """Treat other values, (..., rows, targets), as these are treated; what stands in the gaps is not read."""

    @abstractmethod
    def standardize_with_projected(self, values: Array, projected: Array) -> tuple[Array, Array]:
        """Values as by `standardize`, and projected rows on the scale of the others."""

    @abstractmethod
    def in_unit(self, matrix: pd.DataFrame) -> pd.DataFrame:
        """Another matrix of scores in the unit of the values."""

    @abstractmethod
    def runs(self, place: int) -> Array:
        """Scores of the single seeds of a row, on the scale of the standardized values but not centered.

        Returns
        -------
        array, shape (n_seeds, n_targets)
            Without rows where nothing is known of seeds; NaN where one was not scored.
        """

    @property
    def count_within(self) -> float:
        """Degrees of freedom that effects of settings take within sources; 0 where each source has one row."""
        return 0.0

    @property
    def settings_count(self) -> int:
        """Settings that rows are of, each with an effect of its own."""
        return 1

    @property
    def filled(self) -> int:
        """Missing scores that are imputed."""
        return 0

    @cached_property
    def gaps(self) -> NDArray[np.bool_]:
        """True where a score is missing or takes no part, shape (n_rows, n_targets)."""
        return self.values.isna().to_numpy()

    @cached_property
    def standardized(self) -> Array:
        """Centered and scaled values without gaps, shape (n_rows, n_targets)."""
        return self.standardize(self.values.to_numpy(float))

    @property
    def sources(self) -> tuple[str, ...]:
        """The source of each row."""
        return tuple(self.values.index.get_level_values(0))

    @cached_property
    def groups(self) -> NDArray[np.int_]:
        """Number of each row's source, from 0; rows finer than sources share it."""
        return pd.factorize(self.values.index.get_level_values(0))[0]

    @property
    def keys(self) -> pd.Index:
        """Keys of the rows that take part, then of those projected."""
        return self.values.index.append(self.projected.index)

    @property
    def names(self) -> pd.Index:
        """What these rows are called, in the same order."""
        places = self.labels.index.get_indexer(self.keys)
        return pd.Index(self.labels.iloc[places], name="source")

    def redrawn(self, matrix: pd.DataFrame) -> tuple[Array, Array]:
        """Values and projected rows of another matrix with the rows and columns of the one these come from."""
        table = self.in_unit(matrix)
        rows, columns = table.index.get_indexer(self.keys), table.columns.get_indexer(self.values.columns)
        chosen = table.to_numpy(float)[np.ix_(rows, columns)]
        return chosen[: len(self.values)], chosen[len(self.values) :]

    def seeds_of(self, place: int) -> Array:
        """Scores of the single seeds of a row in the unit of the values, (n_seeds, n_targets)."""
        return self._seed_scores[self._owners == place]

    @cached_property
    def seed_counts(self) -> NDArray[np.int_]:
        """How many single seeds are known of each row, (n_rows,)."""
        return np.bincount(self._owners[self._owners >= 0], minlength=len(self.values))

    @cached_property
    def _seed_scores(self) -> Array:
        """Scores of every single seed, (n_rows of ``seeds``, n_targets): every row of the matrix chooses from them."""
        return self.seeds[self.values.columns].to_numpy(float)

    @cached_property
    def _owners(self) -> NDArray[np.intp]:
        """Place of the row of each single seed; -1 for one of a row that takes no part."""
        return self.values.index.get_indexer(self.seeds.index)


def component_names(count: int) -> list[str]:
    """PC1 onwards."""
    return [f"PC{number}" for number in range(1, count + 1)]
