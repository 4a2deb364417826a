"""Reliability and resolution: how far probabilities are from shares, and how far they tell examples apart.

The probabilities of each label are put into B bins with equally many examples. With n_b examples, F_b the sum of their
probabilities and O_b how often the label is right, of n examples in all and O right ones ::

    reliability  =  1/n sum over b of  n_b ((F_b / n_b - o_b)^2  -  o_b (1 - o_b) / (n_b - 1))
    resolution   =  1/n sum over b of  n_b ((o_b - o)^2 - o_b (1 - o_b) / (n_b - 1))  +  o (1 - o) / (n - 1)

    o_b  =  O_b / n_b,      o  =  O / n

(Ferro and Fricker 2012, "A bias-corrected decomposition of the Brier score", doi:10.1002/qj.1924), summed over labels,
as the Brier score of several labels is. Less reliability is better, 0 for probabilities that are right; without the
correction it is above 0 for these as well. More resolution is better. What an example adds is the jackknife's, its bin
staying what it is.
"""

import numpy as np
from numpy.typing import NDArray

from crosstask.analysis.statistics.variance_parts import Array

DECOMPOSITION = ("reliability", "resolution")
"""In the order of the arrays."""


def equal_bins(values: Array, bins: int) -> NDArray[np.intp]:
    """Bin of each value, 0 to bins - 1, along the last axis; their sizes differ by at most one."""
    ranks = np.argsort(np.argsort(values, axis=-1, kind="stable"), axis=-1, kind="stable")
    return np.asarray(ranks * bins // values.shape[-1])


def decomposition(probabilities: Array, gold: NDArray[np.intp], bins: int) -> tuple[Array, Array]:
    """Reliability and resolution of every run, (runs, 2), and what each example adds to them, (runs, n, 2).

    Parameters
    ----------
    probabilities : ndarray, shape (runs, n, labels)
        NaN-free.
    gold : ndarray of int, shape (n,)
        Gold labels.
    bins : int
        B, at most a third of n.
    """
    runs, n, labels = probabilities.shape
    values, without = np.zeros((runs, 2)), np.zeros((runs, n, 2))
    for label in range(labels):
        of_label, of_others = _of_label(probabilities[:, :, label], (gold == label).astype(float), bins)
        values += of_label
        without += of_others
    return values, (n - 1) * (without.mean(axis=1, keepdims=True) - without)


def _of_label(p: Array, right: Array, bins: int) -> tuple[Array, Array]:
    """Both of one label, (runs, 2), and without each example, (runs, n, 2)."""
    runs, n = p.shape
    place = equal_bins(p, bins) + bins * np.arange(runs)[:, None]
    y = np.broadcast_to(right, p.shape)
    count, forecast, observed = (
        np.bincount(place.ravel(), weights.ravel(), runs * bins).reshape(runs, bins).astype(float)
        for weights in (np.ones(p.shape), p, y)
    )
    terms = _terms(count, forecast, observed)
    own = place - bins * np.arange(runs)[:, None]
    of_bin = [np.take_along_axis(values, own, axis=1) for values in (count, forecast, observed)]
    changed = _terms(of_bin[0] - 1, of_bin[1] - p, of_bin[2] - y)
    replaced = [values.sum(axis=1, keepdims=True) - np.take_along_axis(values, own, axis=1) for values in terms]
    hits = right.sum()
    full = _both(terms[0].sum(axis=1), terms[1].sum(axis=1), n, hits)
    return full, _both(replaced[0] + changed[0], replaced[1] + changed[1], n - 1, hits - y)


def _terms(count: Array, forecast: Array, observed: Array) -> tuple[Array, Array]:
    """What a bin adds to n times the reliability, and to n times the resolution but for the mean of all."""
    share = observed / count
    bias = count * share * (1 - share) / (count - 1)
    return count * (forecast / count - share) ** 2 - bias, observed * share - bias


def _both(reliability: Array, resolution: Array, n: int, hits: Array) -> Array:
    """From sums over bins to both, along a new last axis."""
    share = hits / n
    return np.stack([reliability / n, resolution / n - share**2 + share * (1 - share) / (n - 1)], axis=-1)
