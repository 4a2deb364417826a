"""Preprocessing for PCA and factor analysis: selection of rows and columns, their scale, and what is refused."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd

from crosstask.analysis.matrix.row_keys import base_rows, distinct_settings, membership, row_labels, row_sources
from crosstask.analysis.traits.headroom import headroom, share_of_headroom
from crosstask.analysis.traits.observations import ROUNDING, Observations
from crosstask.analysis.traits.options import BaseRow, Missing, Scale
from crosstask.analysis.traits.settings_effects import SettingsEffects
from crosstask.errors import UserError, require_one_of


def observations(
    matrix: pd.DataFrame,
    scale: Scale = Scale.zscore,
    base: BaseRow = BaseRow.included,
    missing: Missing = Missing.drop,
    ceiling: float = 1.0,
    seeds: pd.DataFrame | None = None,
) -> Observations:
    """Choose rows and columns of a matrix for a decomposition.

    Rows with any missing score are left out, or, if gaps are filled, rows and targets without any score; then targets
    on which the remaining rows all have the same score, in each setting. All are named in the result.

    Parameters
    ----------
    matrix : DataFrame, shape (n_rows, n_targets)
        As from `transfer_matrix`; NaN where a score is missing.
    scale : Scale
        Divide each centered column by its standard deviation; leave it; or replace each score s by the share of the
        base model's headroom that it takes, as `share_of_headroom` has it.
    base : BaseRow
        Whether the base model's rows are observations, are projected onto the components of the others, or neither.
    missing : Missing
        Leave out sources with a missing score, or fill gaps by `iterative_pca`.
    ceiling : float
        The best score there can be, in the unit of the scores; only ``Scale.headroom`` needs it.
    seeds : DataFrame, optional
        As from `seed_scores`: what rows are means over; without it rows are taken to be exact.

    Raises
    ------
    UserError
        If a parameter has another value, fewer than two sources in one setting or two targets with scores that vary
        are left, or there is no headroom to divide by.

    Examples
    --------
    >>> matrix = pd.DataFrame({"goat": [0.5, 0.75, 0.5], "imdb": [0.2, 0.6, 1.0]}, index=["base", "a", "b"])
    >>> observations(matrix, Scale.headroom).values.round(2)
          goat  imdb
    base   0.0   0.0
    a      0.5   0.5
    b      0.0   1.0
    """
    require_known(scale, base, missing)
    rescale: Callable[[pd.DataFrame], pd.DataFrame] = (
        partial(share_of_headroom, ceiling=ceiling) if scale == Scale.headroom else _as_they_are
    )
    table = rescale(matrix)
    is_base = base_rows(table.index)
    rows = table if base == BaseRow.included else table[~is_base]
    kept = _rows_with_enough(rows, missing)
    settings = distinct_settings(kept.index)
    varying = _varying_columns(kept, SettingsEffects(tuple(row_sources(kept.index)), membership(kept.index, settings)))
    asked = table.loc[is_base & (base == BaseRow.projected), varying.columns]
    known = ~np.isnan(membership(asked.index, settings).sum(axis=1))
    projected = asked[asked.notna().all(axis=1) & known]
    labels = row_labels(matrix.index)
    return Observations(
        values=varying,
        scale=scale,
        rescale=rescale,
        projected=projected,
        labels=pd.Series(labels, matrix.index),
        seeds=_in_unit(matrix.iloc[:0] if seeds is None else seeds, matrix, scale, ceiling),
        incomplete_sources=tuple(labels[matrix.index.isin(rows.index) & ~matrix.index.isin(kept.index)]),
        constant_targets=tuple(kept.columns.difference(varying.columns, sort=False)),
        unscored_targets=tuple(rows.columns.difference(kept.columns, sort=False)),
        unprojected=tuple(labels[matrix.index.isin(asked.index) & ~matrix.index.isin(projected.index)]),
    )


def _as_they_are(matrix: pd.DataFrame) -> pd.DataFrame:
    """Scores that need no other unit."""
    return matrix


def _in_unit(seeds: pd.DataFrame, matrix: pd.DataFrame, scale: Scale, ceiling: float) -> pd.DataFrame:
    """Scores of seeds over the headroom of their rows, where that is the unit; the base model's are not subtracted.

    Only differences between the seeds of a row are taken from them, in which the base model's score cancels.
    """
    if scale != Scale.headroom:
        return seeds
    seeds = seeds[seeds.index.isin(matrix.index)]
    room = headroom(matrix, ceiling).iloc[matrix.index.get_indexer(seeds.index)]
    return seeds / room[seeds.columns].set_axis(seeds.index)


def require_known(scale: str, base: str, missing: str) -> None:
    """Raise unless `observations` knows these values of its parameters."""
    require_one_of("scale", scale, tuple(Scale))
    require_one_of("base", base, tuple(BaseRow))
    require_one_of("missing", missing, tuple(Missing))


def _rows_with_enough(rows: pd.DataFrame, missing: Missing) -> pd.DataFrame:
    """Rows without a gap; where gaps are filled, rows and columns with any score."""
    kept = rows.dropna() if missing == Missing.drop else rows.dropna(how="all").dropna(how="all", axis=1)
    count = row_sources(kept.index).nunique()
    if count < 2:
        enough = "a score on every target" if missing == Missing.drop else "any score"
        option = "; analysis.traits.missing=impute fills what is missing" if missing == Missing.drop else ""
        raise UserError(f"components need 2 sources with {enough}; there are {count}{option}")
    return kept


def _varying_columns(kept: pd.DataFrame, effects: SettingsEffects) -> pd.DataFrame:
    """Columns that are not constant within every setting; means over equal scores can differ in their last digit."""
    if effects.count >= len(kept):
        raise UserError(f"components need 2 sources of one setting; {len(kept)} rows are of {effects.count} settings")
    groups = kept.groupby(effects.patterns)  # by setting: a target that only settings change has nothing of a source
    varying = kept.loc[:, (groups.max() - groups.min()).max() > ROUNDING * kept.abs().max()]
    if varying.shape[1] < 2:
        raise UserError(f"components need 2 targets with scores that vary; there are {varying.shape[1]}")
    return varying
