"""Intervals of a solution's numbers, from the solutions of resampled matrices."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.special import ndtri

Resampled = Callable[[int], pd.DataFrame]
"""From the number of a draw to a matrix with the rows and columns of the one analyzed; the same for the same number."""


def interval_table(values: pd.DataFrame, deviations: np.ndarray, names: list[str], alpha: float) -> pd.DataFrame:
    """One row per component and target, or component and source: the value with its interval.

    ``value - z deviation`` to ``value + z deviation``, z being the quantile of the normal distribution for a level of
    1 - alpha, 1.96 for 95 %.

    Parameters
    ----------
    values : DataFrame, shape (n_names, n_components)
        As reported.
    deviations : array of the same shape
        How far each varies, in one standard deviation.
    names : list of str
        Columns of the result: component, name, value and both ends of the interval.
    alpha : float
        The intervals have level 1 - alpha.
    """
    normal = float(ndtri(1 - alpha / 2))
    long = [
        (component, name, value, value - normal * deviation, value + normal * deviation)
        for component, column, spread in zip(values.columns, values.to_numpy().T, deviations.T, strict=True)
        for name, value, deviation in zip(values.index, column, spread, strict=True)
    ]
    return pd.DataFrame(long, columns=names)
