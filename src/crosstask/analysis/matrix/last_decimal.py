"""The decimals that numbers are written with."""

import numpy as np

from crosstask.analysis.statistics.variance_parts import Array


def half_unit(values: Array) -> float:
    """Half a unit of the last decimal that any of some numbers is written with, of at most 15.

    Examples
    --------
    >>> half_unit(np.array([70.0, 71.5])), half_unit(np.array([70.0, 71.0]))
    (0.05, 0.5)
    """
    exact = (decimals for decimals in range(16) if np.array_equal(np.round(values, decimals), values))
    return float(0.5 * 10.0 ** -next(exact, 15))
