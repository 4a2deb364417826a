"""Variance inflation factors: how much of a feature the other features of its level say."""

import numpy as np

from crosstask.analysis.statistics.variance_parts import Array

_ROUNDING = 1e-10
"""Share of a feature's variance that is nothing but rounding."""


def inflation(values: Array) -> Array:
    """1 / (1 - R^2) of each feature given the others; NaN of one alone, and where there are as many as observations.

    Parameters
    ----------
    values : ndarray, shape (observations, features)
        Features that vary, without gaps.
    """
    count = values.shape[1]
    factors = np.full(count, np.nan)
    if not 1 < count < len(values) - 1:
        return factors
    centered = values - values.mean(axis=0)
    scaled = centered / np.linalg.norm(centered, axis=0)
    for place in range(count):
        others = np.delete(scaled, place, axis=1)
        fit = others @ np.linalg.lstsq(others, scaled[:, place], rcond=None)[0]
        left = float(((scaled[:, place] - fit) ** 2).sum())
        factors[place] = 1 / left if left > _ROUNDING else np.inf
    return factors
