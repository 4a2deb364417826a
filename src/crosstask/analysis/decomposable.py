"""Rows and columns of a matrix that can be decomposed."""

from typing import Literal

import pandas as pd

from crosstask.analysis.settings_effects import SettingsEffects
from crosstask.errors import UserError

Missing = Literal["drop", "impute"]

ROUNDING = 1e-12
"""Differences of scores that are this small beside the scores are none."""


def rows_with_enough(rows: pd.DataFrame, sources: pd.Series, missing: Missing) -> pd.DataFrame:
    """Rows without a gap; where gaps are filled, rows and columns with any score.

    Raises
    ------
    UserError
        If fewer than two sources are left.
    """
    kept = rows.dropna() if missing == "drop" else rows.dropna(how="all").dropna(how="all", axis=1)
    count = sources.loc[kept.index].nunique()
    if count < 2:
        enough = "a score on every target" if missing == "drop" else "any score"
        raise UserError(f"components need 2 sources with {enough}; there are {count}")
    return kept


def varying_columns(kept: pd.DataFrame, effects: SettingsEffects) -> pd.DataFrame:
    """Columns that are not constant within every setting.

    Means over seeds of equal scores can differ in their last digit.

    Raises
    ------
    UserError
        If each setting has a single row, or fewer than two columns vary.
    """
    if effects.count >= len(kept):
        raise UserError(f"components need 2 sources of one setting; {len(kept)} rows are of {effects.count} settings")
    groups = kept.groupby(effects.patterns)
    varying = kept.loc[:, (groups.max() - groups.min()).max() > ROUNDING * kept.abs().max()]
    if varying.shape[1] < 2:
        raise UserError(f"components need 2 targets with scores that vary; there are {varying.shape[1]}")
    return varying
