"""Which examples have a feature, and strata of examples that are alike in class and length."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

LENGTH = "words"
QUARTILES = (0.25, 0.5, 0.75)


@dataclass(frozen=True)
class Carriers:
    """Which examples of a data set have which feature."""

    features: list[str]
    above: NDArray[np.float64]
    """An example has a feature if its value is above this, shape (features,)."""
    present: NDArray[np.float32]
    """1 where an example has a feature, else 0, shape (n, features)."""


def carriers(values: pd.DataFrame) -> Carriers:
    """Return which examples have which feature: those above the median, or those not below it.

    Whichever divides the examples more evenly is taken. Of a rare feature, whose median is 0, that is presence; of one
    that nearly all examples have as often, having less of it; of one that varies, as lengths do, the upper half. The
    outcomes of examples play no part in it.

    Parameters
    ----------
    values : DataFrame
        A column per feature, counts as rates; an example for which it is not defined has it not.

    Examples
    --------
    >>> found = carriers(pd.DataFrame({"oprd": [0, 0, 0, 2.0], "words": [3, 9, 7, 5.0]}))
    >>> found.above.tolist(), found.present.T.tolist()
    ([0.0, 5.0], [[0.0, 0.0, 0.0, 1.0], [0.0, 1.0, 1.0, 0.0]])
    """
    above = np.array([_threshold(values[name].to_numpy(float)) for name in values])
    return Carriers(list(values), above, (values.to_numpy(float) > above).astype(np.float32))


def _threshold(values: NDArray[np.float64]) -> float:
    """Return the value above which an example has the feature."""
    known = np.sort(values[~np.isnan(values)])
    if not len(known):
        return np.nan
    middle = float(known[len(known) // 2])
    below = known[known < middle]
    higher, not_lower = np.mean(known > middle), np.mean(known >= middle)
    return float(below[-1]) if len(below) and abs(not_lower - 0.5) < abs(higher - 0.5) else middle


def strata(gold: NDArray[np.intp] | None, lengths: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the stratum of each example: its gold class, where there are classes, and its quartile of length, (n,)."""
    quartile = np.searchsorted(np.quantile(lengths, QUARTILES), lengths)
    classes = np.zeros(len(lengths), dtype=np.intp) if gold is None else gold
    _, found = np.unique(classes * (len(QUARTILES) + 1) + quartile, return_inverse=True)
    return found.astype(np.intp)
