"""What is left of a gain once an adapter leans towards no label more than base does.

The label is chosen by the largest of some values v[e, k], the log-probabilities or what is made of them. A shift of
class intercepts b, of the same values and one of the two of `intercepts`, is taken off again ::

    corrected label of e  =  the k with the largest  v_adapter[e, k] - b[k]

An adapter that is base plus a constant for each label then answers as base does, and nothing of its gain is left. The
gain, what is left of it and what the shift made are means over examples of differences of right (1) and wrong (0).

b is estimated from the same examples, which adds to what each of them adds to the share R of corrected labels that are
right: (dR/db) u_b[e]. With m[e] by how much the gold label g lies above the best other one c, an example turns wrong as
b[g], and right as b[c], grows by m; how many do within a width h[e] of 0 tells the slope, as a kernel does in quantile
regression (Powell 1991, "Estimation of monotonic regression models under quantile restrictions") ::

    dR/db[k]  =  1/n sum over e with |m[e]| <= h[e] of  ([k = c] - [k = g]) / (2 h[e])

where h is the sum of the standard errors of b[g] and b[c], about as far as b may be from the truth.
"""

import numpy as np
from numpy.typing import NDArray

from crosstask.analysis.matrix.closed_targets import ClosedTarget
from crosstask.analysis.matrix.crossed_parts import Estimates
from crosstask.analysis.statistics.variance_parts import Array

PARTS = ("gain", "remaining", "by_shift")
"""Statistics of `corrected_gains`: the gain is the sum of the other two."""


def corrected_gains(target: ClosedTarget, values: NDArray[np.floating], shifts: Estimates) -> Estimates:
    """Gain in accuracy over base of every run, what is left of it, and what the shift made.

    Parameters
    ----------
    target : ClosedTarget
        What was answered.
    values : ndarray, shape (runs, n, labels)
        v. An answer that is invalid, or of which a value is not known, stays what it is.
    shifts : Estimates
        b, of the same values, of the runs that have a base model. What is left is NaN where they are.
    """
    places, bases = target.against_base()
    predicted = target.predicted[places]
    told = ~np.isnan(shifts.values).any(axis=1)
    corrected = values[places] - shifts.values[:, None]
    known = np.isfinite(corrected).all(axis=2) & (predicted < len(target.labels))
    corrected = np.where(known[:, :, None], corrected, 0.0)
    label = np.where(known, corrected.argmax(axis=2), predicted)
    right, corrected_right, of_base = (
        (chosen == target.gold).astype(float) for chosen in (predicted, label, target.predicted[bases])
    )
    parts = np.stack([right - of_base, corrected_right - of_base, right - corrected_right], axis=2)
    mean = parts.mean(axis=1)
    influence = parts - mean[:, None]
    by_error = _by_error_of_shifts(corrected, known, target.gold, shifts)
    influence[:, :, 1] += by_error
    influence[:, :, 2] -= by_error
    mean[~told, 1:] = np.nan
    return Estimates(target.name, PARTS, tuple(target.tuned), mean, influence)


def _by_error_of_shifts(corrected: Array, known: NDArray[np.bool_], gold: NDArray[np.intp], shifts: Estimates) -> Array:
    """What each example adds to the share of right corrected labels through b, (runs, n)."""
    influence, n = np.nan_to_num(shifts.scaled()), len(gold)
    if corrected.shape[2] < 2:
        return np.zeros(known.shape)
    errors = np.sqrt((influence**2).sum(axis=1) / max(n * (n - 1), 1))
    rows, examples = np.arange(len(corrected))[:, None], np.arange(n)
    others = corrected.copy()
    others[:, examples, gold] = -np.inf
    best = others.argmax(axis=2)
    margin = corrected[:, examples, gold] - others[rows, examples, best]
    width = errors[:, gold] + errors[rows, best]
    near = known & (np.abs(margin) <= width) & (width > 0)
    density = np.divide(1.0, 2 * n * width, out=np.zeros(width.shape), where=near)
    slope = np.zeros(errors.shape)
    np.add.at(slope, (np.broadcast_to(rows, best.shape), best), density)
    np.add.at(slope, (np.broadcast_to(rows, best.shape), np.broadcast_to(gold, best.shape)), -density)
    found: Array = np.einsum("rek,rk->re", influence, slope)
    return found
