"""Rows and columns of a matrix that can be decomposed."""

from typing import Literal

import pandas as pd

from crosstask.analysis.settings_effects import SettingsEffects
from crosstask.errors import UserError

Missing = Literal["drop", "impute"]


def rows_with_enough(rows: pd.DataFrame, missing: Missing) -> pd.DataFrame:
    """Rows without a gap; where gaps are filled, rows and columns with any score.

    Raises
    ------
    UserError
        If fewer than two rows are left.
    """
    kept = rows.dropna() if missing == "drop" else rows.dropna(how="all").dropna(how="all", axis=1)
    if len(kept) < 2:
        enough = "a score on every target" if missing == "drop" else "any score"
        raise UserError(f"components need 2 sources with {enough}; there are {len(kept)}")
    return kept


def varying_columns(kept: pd.DataFrame, effects: SettingsEffects) -> pd.DataFrame:
    """Columns that are not constant once the effects of settings are taken off.

    Means over seeds of equal scores can differ in their last digit.

    Raises
    ------
    UserError
        If each setting has a single row, or fewer than two columns vary.
    """
    if effects.count >= len(kept):
        raise UserError(f"components need 2 sources of one setting; {len(kept)} rows are of {effects.count} settings")
    filled = kept.fillna(kept.mean())
    left = filled - effects.fitted(filled.to_numpy(float))
    varying = kept.loc[:, ~((left.max() - left.min()) <= 1e-12 * kept.abs().max())]
    if varying.shape[1] < 2:
        raise UserError(f"components need 2 targets with scores that vary; there are {varying.shape[1]}")
    return varying
