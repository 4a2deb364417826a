"""What donors and recipients leave of gains off the diagonal, rows and columns at one spread: pairs, and nothing else.

General transfer and the difficulty of the targets, the level of the base model included, are effects of rows and of
columns, and so is that targets respond to a donor by other amounts. They are reported and tested as such
(``donors.csv``) and can be no component of this.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crosstask.analysis.matrix.additive_model import additive_model
from crosstask.analysis.matrix.decomposed import Decomposed
from crosstask.analysis.matrix.even_residuals import (
    EvenResiduals,
    Fit,
    even_residuals,
    residuals_of_many,
    rounds_needed,
)
from crosstask.analysis.matrix.response_fit import turns
from crosstask.analysis.matrix.row_keys import base_rows, row_labels
from crosstask.analysis.statistics.variance_parts import Array
from crosstask.analysis.wording import counted
from crosstask.errors import UserError

_FEWEST = 3  # rows and columns, and cells in each: fewer leave next to nothing beside donors and recipients
_SHARE = 0.5  # of its cells that a source or target must have
_ROUNDING = 1e-12  # of a score: smaller differences are none


@dataclass(frozen=True, kw_only=True)
class Residuals(Decomposed):
    """Gains, of which `even_residuals` are decomposed; NaN among them are cells that take no part."""

    sources_lack = "scores on fewer than half of the targets besides their own"
    targets_lack = "scores of fewer than half of the sources besides their own"
    even_rows: bool = True
    """Whether sources are brought to one spread, or targets alone."""
    slopes: bool = True
    """Whether targets may respond to donors by other amounts."""
    bends: int = 0
    """At how many donors each may turn; at 1 it may respond otherwise to sources that help than to those that harm."""

    @property
    def df(self) -> float:
        """Cells per target: the mean square of the residuals is 1, so all eigenvalues sum to the number of targets."""
        return float(self.used.sum() / self.used.shape[1])

    @property
    def rank(self) -> int:
        """The most components there can be: recipients, slopes and bends take one of the rows each, donors a column."""
        rows, columns = self.values.shape
        return min(rows - 2 - self.bends, columns - 1)

    @property
    def bending(self) -> "Residuals":
        """The same where each target may turn, as often as `turns` says."""
        return replace(self, bends=turns(*self.values.shape))

    @property
    def used(self) -> NDArray[np.bool_]:
        """Cells that take part, (n_rows, n_targets)."""
        return ~self.gaps

    @cached_property
    def fit(self) -> EvenResiduals:
        """The residuals with the spreads of their rows and columns."""
        return self._fitted(self.values.to_numpy(float))

    def standardize(self, values: Array) -> Array:
        """Residuals of other gains, (..., n_rows, n_targets), 0 in cells that take no part."""
        if values.ndim == 2:
            return self._fitted(values).values
        return residuals_of_many(values, self.used, **self._fit)

    def standardize_with_projected(self, values: Array, projected: Array) -> tuple[Array, Array]:
        """Residuals, and those of rows that take no part."""
        found = self._fitted(values)
        return found.values, found.of_other_rows(projected)

    def _fitted(self, values: Array) -> EvenResiduals:
        """Residuals of these gains or of others, such as noise, fitted as often as these must be."""
        return even_residuals(values, self.used, **self._fit)

    @cached_property
    def _fit(self) -> Fit:
        rounds = rounds_needed(self.values.to_numpy(float), self.used, self.even_rows)
        return Fit(even_rows=self.even_rows, slopes=self.slopes, rounds=rounds, bends=self.bends)

    def in_unit(self, matrix: pd.DataFrame) -> pd.DataFrame:
        """Gains of a matrix of scores; scores where there is no base model, whose level is the targets' anyway."""
        return _gains(matrix)

    def runs(self, place: int) -> Array:
        """What tells the seeds of a row apart besides a donor of each, on the scale of the residuals."""
        seeds = self.seeds_of(place)
        known = ~np.isnan(seeds)
        means = np.nansum(seeds, axis=0) / np.maximum(known.sum(axis=0), 1)
        weights = known * self.used[place] * self.fit.effects.weights
        apart = np.where(known, seeds - means, 0.0)
        donors = (apart * weights).sum(axis=1, keepdims=True) / np.maximum(weights.sum(axis=1, keepdims=True), 1e-300)
        return np.where(known, apart - donors * self.fit.effects.steepness[place], np.nan) / self.fit.spreads[place]


def residuals(
    matrix: pd.DataFrame,
    home: pd.DataFrame,
    seeds: pd.DataFrame | None = None,
    even_rows: bool = True,
    counted_with: Mapping[str, str] | None = None,
) -> Residuals:
    """Choose the gains whose residuals are decomposed.

    A source with a score on fewer than half of the targets besides its own is left out, and so is a target with fewer
    than half of the sources, and one on which all sources have the same score. Single missing cells take no part.

    Parameters
    ----------
    matrix : DataFrame, shape (n_sources, n_targets)
        As from `transfer_matrix`, a row for each source; NaN where a score is missing.
    home : DataFrame of bool
        As from `home_cells`, of the same rows and columns; the base model may be left out.
    seeds : DataFrame, optional
        As from `seed_scores`: what rows are means over; without it rows are taken to be exact.
    even_rows : bool
        Whether sources are brought to one spread, or targets alone.
    counted_with : mapping of str to str, optional
        Source that is projected -> the one that stands for it, whose cells on the other's own task take no part either.

    Raises
    ------
    UserError
        If fewer than three sources or targets are left, or donors and recipients cannot be told apart.

    Examples
    --------
    >>> rows = [[0.5, 0.5, 0.5, 0.5], [0.9, 0.6, 0.5, 0.5], [0.5, 0.8, 0.7, 0.6], [0.4, 0.7, 0.9, 0.5]]
    >>> matrix = pd.DataFrame(rows, ["base", "a", "b", "c"], ["a", "b", "c", "d"])
    >>> residuals(matrix, pd.DataFrame(False, matrix.index, matrix.columns)).values.round(1).loc["a"].tolist()
    [0.4, 0.1, 0.0, 0.0]
    """
    gains = _gains(matrix)
    is_base, twins = base_rows(gains.index), dict(counted_with or {})
    tuned = _away_from_home(gains[~is_base], home, twins)
    kept = _with_enough(tuned.drop(index=list(twins)))
    varying = kept.loc[:, (kept.max() - kept.min()) > _ROUNDING * matrix[kept.columns].abs().max()]
    _refuse_small(varying, tuned)
    additive_model(varying.notna().to_numpy())  # raises where donors and recipients are not determined
    of_base = gains.loc[is_base, varying.columns].dropna()
    projected = pd.concat([of_base, tuned.loc[list(twins), varying.columns]]) if twins else of_base
    labels = row_labels(matrix.index)
    return Residuals(
        values=varying,
        projected=projected,
        labels=pd.Series(labels, matrix.index),
        seeds=matrix.iloc[:0] if seeds is None else seeds,
        even_rows=even_rows,
        incomplete_sources=tuple(map(str, tuned.index.difference([*kept.index, *twins], sort=False))),
        constant_targets=tuple(kept.columns.difference(varying.columns, sort=False)),
        unscored_targets=tuple(tuned.columns.difference(kept.columns, sort=False)),
        unprojected=tuple(labels[is_base][: int(is_base.sum()) - len(of_base)]),
    )


def _away_from_home(tuned: pd.DataFrame, home: pd.DataFrame, twins: Mapping[str, str]) -> pd.DataFrame:
    """Gains without those of a source on its own task, nor on that of another that it stands for."""
    own = home.reindex(index=tuned.index, columns=tuned.columns, fill_value=False)
    for source, first in twins.items():
        own.loc[first] |= own.loc[source]
    return tuned.mask(own)


def _refuse_small(varying: pd.DataFrame, tuned: pd.DataFrame) -> None:
    """Raise unless enough is left of the gains of fine-tuned sources."""
    if min(varying.shape) < _FEWEST:
        (sources, targets), (all_sources, all_targets) = varying.shape, tuned.shape
        raise UserError(
            f"they need {_FEWEST} sources and {_FEWEST} targets, each with scores that vary on half of the others;"
            f" {sources} of {counted(all_sources, 'source')} and {targets} of"
            f" {counted(all_targets, 'target')} have such"
        )


def _gains(matrix: pd.DataFrame) -> pd.DataFrame:
    """Scores less those of the base model, whose own row is 0; scores where there is none."""
    is_base = base_rows(matrix.index)
    if not is_base.any():
        return matrix
    values = matrix.to_numpy(float)  # of thousands of drawn matrices, each of which pandas would align with its row
    return pd.DataFrame(values - values[is_base][0], matrix.index, matrix.columns, copy=False)


def _with_enough(gains: pd.DataFrame) -> pd.DataFrame:
    """Rows and columns with enough cells; taking one away may take from the others, so it is done until all have."""
    while True:
        known = gains.notna().to_numpy()
        rows = known.sum(axis=1) >= max(_FEWEST - 1, _SHARE * (gains.shape[1] - 1))
        columns = known.sum(axis=0) >= max(_FEWEST - 1, _SHARE * (gains.shape[0] - 1))
        if gains.empty or (rows.all() and columns.all()):
            return gains
        gains = gains.loc[rows, columns]
