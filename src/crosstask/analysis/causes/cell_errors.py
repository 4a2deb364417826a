"""Gains with one cell after another left out: errors by closed form, from the leverage of each cell in its own fit.

With e the residual of a least-squares fit and h the weight of the cell in its own fit, a fit without the cell misses it
by e / (1 - h).
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from crosstask.analysis.matrix.additive_model import AdditiveModel
from crosstask.analysis.statistics.variance_parts import Array

_ALL = 1 - 1e-9
"""Leverage from which on a cell cannot be predicted from the others."""


def cell_errors(
    gains: Array, model: AdditiveModel, own: Mapping[str, Array]
) -> tuple[dict[str, float], dict[str, float]]:
    """Root mean square error by each baseline, and by the additive model with each pair feature.

    Parameters
    ----------
    gains : ndarray, shape (sources, targets)
        NaN in cells that take no part.
    model : AdditiveModel
        Of these.
    own : mapping of str to ndarray
        What sources and targets leave of each feature, (sources, targets).
    """
    used, known = model.used, np.nan_to_num(gains)
    left = model.left(known)
    baselines = {
        "mean": _missed(known - known[used].mean(), np.full(used.shape, 1 / used.sum()), used),
        "donor": _missed(*_of_lines(known, used, 1), used),
        "recipient": _missed(*_of_lines(known, used, 0), used),
        "additive": _missed(left, model.leverages, used),
    }
    with_feature = {}
    for name, values in own.items():
        x = model.left(values)
        size = float((x**2).sum())
        if size > 0:
            slope = float((x * left).sum()) / size
            with_feature[name] = _missed(left - slope * x, model.leverages + x**2 / size, used)
    return baselines, with_feature


def _of_lines(gains: Array, used: NDArray[np.bool_], axis: int) -> tuple[Array, Array]:
    """Gains less the mean of their line, and the weight of each in it."""
    counts = np.maximum(used.sum(axis=axis, keepdims=True), 1)
    means = np.where(used, gains, 0.0).sum(axis=axis, keepdims=True) / counts
    return gains - means, np.broadcast_to(1 / counts, gains.shape)


def _missed(left: Array, leverages: Array, used: NDArray[np.bool_]) -> float:
    """Root mean square of what fits without each cell miss it by."""
    possible = used & (leverages < _ALL)
    if not possible.any():
        return float("nan")
    return float(np.sqrt(((left[possible] / (1 - leverages[possible])) ** 2).mean()))
