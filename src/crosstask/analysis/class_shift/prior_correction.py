"""What is left of a gain once an adapter leans towards no label more than base does.

The label is chosen by the largest of some values v[e, k], the log-probabilities or what is made of them. Their shift of
class intercepts b, estimated as in `intercepts`, is taken off again ::

    corrected label of e  =  the k with the largest  v_adapter[e, k] - b[k]

An adapter that is base plus a constant for each label then answers as base does, and nothing of its gain is left. The
gain, what is left of it and what the shift made are means over examples of differences of right (1) and wrong (0);
that b was estimated from the same examples is not in their intervals.
"""

import numpy as np
from numpy.typing import NDArray

from crosstask.analysis.matrix.closed_targets import ClosedTarget
from crosstask.analysis.matrix.crossed_parts import Estimates
from crosstask.analysis.statistics.variance_parts import Array

PARTS = ("gain", "remaining", "by_shift")
"""Statistics of `corrected_gains`: the gain is the sum of the other two."""


def corrected_gains(target: ClosedTarget, values: NDArray[np.floating], shifts: Array) -> Estimates:
    """Gain in accuracy over base of every run, what is left of it, and what the shift made.

    Parameters
    ----------
    target : ClosedTarget
        What was answered.
    values : ndarray, shape (runs, n, labels)
        v. An answer that is invalid, or of which a value is not known, stays what it is.
    shifts : ndarray, shape (runs that have a base model, labels)
        b, of the same values.
    """
    places, bases = target.against_base()
    corrected = values[places] - shifts[:, None]
    known = np.isfinite(corrected).all(axis=2) & (target.predicted[places] < len(target.labels))
    label = np.where(known, np.where(np.isnan(corrected), -np.inf, corrected).argmax(axis=2), target.predicted[places])
    right, corrected_right, of_base = (
        (chosen == target.gold).astype(float) for chosen in (target.predicted[places], label, target.predicted[bases])
    )
    parts = np.stack([right - of_base, corrected_right - of_base, right - corrected_right], axis=2)
    mean = parts.mean(axis=1)
    return Estimates(target.name, PARTS, tuple(target.tuned), mean, parts - mean[:, None])
