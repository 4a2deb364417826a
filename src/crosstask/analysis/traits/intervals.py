"""Intervals of a solution's numbers, from the solutions of resampled matrices."""

from collections.abc import Callable

import numpy as np
import pandas as pd

Resampled = Callable[[int], pd.DataFrame]
"""From the number of a draw to a matrix with the rows and columns of the one analyzed; the same for the same number."""

_NORMAL = 1.959964  # 97.5th percentile of the standard normal distribution


def interval_table(values: pd.DataFrame, deviations: np.ndarray, names: list[str]) -> pd.DataFrame:
    """One row per component and target, or component and source: the value with its 95 % interval.

    ``value - 1.96 deviation`` to ``value + 1.96 deviation``, by the quantiles of the normal distribution.

    Parameters
    ----------
    values : DataFrame, shape (n_names, n_components)
        As reported.
    deviations : array of the same shape
        How far each varies, in one standard deviation.
    names : list of str
        Columns of the result: component, name, value and both ends of the interval.
    """
    long = [
        (component, name, value, value - _NORMAL * deviation, value + _NORMAL * deviation)
        for component, column, spread in zip(values.columns, values.to_numpy().T, deviations.T, strict=True)
        for name, value, deviation in zip(values.index, column, spread, strict=True)
    ]
    return pd.DataFrame(long, columns=names)
