"""Variance inflation factors: how much of a feature the other features of its level say."""

import numpy as np
import pandas as pd

from crosstask.analysis.causes.features import PAIR, SOURCE, TARGET
from crosstask.analysis.causes.models import LeftOut
from crosstask.analysis.causes.units import Units
from crosstask.analysis.statistics.variance_parts import Array

_ROUNDING = 1e-10
"""Share of a feature's variance that is nothing but rounding."""


def inflation(units: Units) -> pd.DataFrame:
    """Columns level, feature and vif, 1 / (1 - R^2); NaN where a level has as many features as units, or one alone."""
    parts = []
    for side in (SOURCE, TARGET):
        frame = LeftOut.of(units, side).features
        parts.append(_table(side, list(map(str, frame)), frame.to_numpy(float)))
    own = LeftOut.of(units, SOURCE).own
    cells = np.stack([values[units.model.used] for values in own.values()], axis=1) if own else np.zeros((0, 0))
    parts.append(_table(PAIR, list(own), cells))
    return pd.concat(parts, ignore_index=True)


def _table(level: str, names: list[str], values: Array) -> pd.DataFrame:
    """The factors of one level, features (units, features)."""
    factors = np.full(len(names), np.nan)
    if 0 < len(names) < len(values) - 1:
        centered = values - values.mean(axis=0)
        scaled = centered / np.linalg.norm(centered, axis=0)
        for place in range(len(names)):
            others = np.delete(scaled, place, axis=1)
            fit = others @ np.linalg.lstsq(others, scaled[:, place], rcond=None)[0]
            left = float(((scaled[:, place] - fit) ** 2).sum())
            factors[place] = 1 / left if left > _ROUNDING else np.inf
    return pd.DataFrame({"level": level, "feature": names, "vif": factors})
