"""Proper scoring rules of the probabilities of labels, example by example.

With p[e, k] the probability of label k, renormalized over the labels, and g the gold label ::

    Brier score  =  sum over k of (p[e, k] - [k = g])^2          0 to 2
    log loss     =  - log p[e, g]                                in nats, 0 to infinity

(Brier 1950, "Verification of forecasts expressed in terms of probability"; Gneiting and Raftery 2007, "Strictly proper
scoring rules, prediction, and estimation", doi:10.1198/016214506000001437.) Both are means over examples, smallest for
the true probabilities.
"""

import numpy as np
from numpy.typing import NDArray

from crosstask.analysis.statistics.variance_parts import Array

LOSSES = ("brier", "log_loss")
"""In the order of the arrays."""


def log_softmax(values: NDArray[np.floating]) -> Array:
    """Logarithms of probabilities that sum to 1 over the last axis; NaN throughout where any value is not finite."""
    known = np.isfinite(values).all(axis=-1, keepdims=True)
    values = np.where(known, values, 0).astype(float)
    shifted = values - values.max(axis=-1, keepdims=True)
    logarithms: Array = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return np.where(known, logarithms, np.nan)


def losses(logarithms: Array, gold: NDArray[np.intp]) -> tuple[Array, Array]:
    """Mean losses of every run, (runs, 2), and what each example adds to them, (runs, n, 2).

    Parameters
    ----------
    logarithms : ndarray, shape (runs, n, labels)
        Of the probabilities; examples with NaN are left out of their run.
    gold : ndarray of int, shape (n,)
        Gold labels.
    """
    probabilities, rows = np.exp(logarithms), np.arange(len(gold))
    of_gold = probabilities[:, rows, gold]
    brier = (probabilities**2).sum(axis=2) - 2 * of_gold + 1
    return means_of_known(np.stack([brier, -logarithms[:, rows, gold]], axis=2))


def means_of_known(values: Array) -> tuple[Array, Array]:
    """Means over the examples without NaN, (runs, k), and what each example adds to them, (runs, n, k)."""
    known = ~np.isnan(values)
    counts = known.sum(axis=1)
    with np.errstate(invalid="ignore"):
        means = np.where(known, values, 0).sum(axis=1) / counts
    each = values.shape[1] / np.maximum(counts, 1)[:, None]
    return means, np.where(known, (values - means[:, None]) * each, 0.0)
