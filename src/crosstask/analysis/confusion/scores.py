"""Accuracy, balanced accuracy, macro-F1, Cohen's kappa and Matthews' correlation, with what each example adds to them.

All are functions of three counts: R[k] examples whose gold label is k, C[k] that are predicted as k, T[k] of both, of n
examples. An invalid answer counts as a prediction of its own, which is never right ::

    accuracy           =  sum of T[k]  /  n
    balanced accuracy  =  mean over the labels with R[k] > 0 of  T[k] / R[k]
    macro-F1           =  mean over all labels of the task of  2 T[k] / (R[k] + C[k]),  0 where nothing is k
    kappa              =  (accuracy - e) / (1 - e),      e  =  sum of R[k] C[k]  /  n^2
    correlation        =  (n sum of T[k] - sum of R[k] C[k])  /  sqrt((n^2 - sum of R[k]^2) (n^2 - sum of C[k]^2))

(Cohen 1960, doi:10.1177/001316446002000104; Gorodkin 2004, "Comparing two K-category assignments by a K-category
correlation coefficient", doi:10.1016/j.compbiolchem.2004.09.006.) The conventions are scikit-learn's: kappa is not
defined where gold and predicted label are one and the same throughout, the correlation is 0 where either is constant.

They are no means over examples, so u[e] of `crossed_parts` is the jackknife's, from the score without example e ::

    u[e]  =  (n - 1) (mean over examples of the scores without one  -  score without e)

(Efron and Stein 1981, "The jackknife estimate of variance", doi:10.1214/aos/1176345462).
"""

import numpy as np
from numpy.typing import NDArray

from crosstask.analysis.matrix.closed_targets import ClosedTarget
from crosstask.analysis.statistics.variance_parts import Array

SCORES = ("accuracy", "balanced_accuracy", "macro_f1", "kappa", "mcc")
"""In the order of the arrays."""
_AT_ONCE = 4_000_000
"""Numbers of an array that is held at a time."""


def scores_of_counts(right: Array, gold: Array, predicted: Array) -> Array:
    """The scores from counts.

    Parameters
    ----------
    right, gold : ndarray, shape (..., labels)
        T and R.
    predicted : ndarray, shape (..., labels + 1)
        C, that of invalid answers last.

    Returns
    -------
    ndarray, shape (..., 5)
        In the order of ``SCORES``.

    Examples
    --------
    >>> scores_of_counts(np.array([4.0, 1.0]), np.array([5.0, 5.0]), np.array([8.0, 1.0, 1.0])).round(3).tolist()
    [0.5, 0.5, 0.474, 0.091, 0.121]
    """
    n, of_labels = gold.sum(axis=-1), predicted[..., :-1]
    hits, by_chance = right.sum(axis=-1), (gold * of_labels).sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        recall = np.where(gold > 0, right / gold, np.nan)
        f1 = np.where(gold + of_labels > 0, 2 * right / (gold + of_labels), 0.0).mean(axis=-1)
        accuracy, expected = hits / n, by_chance / n**2
        kappa = np.where(expected < 1, (accuracy - expected) / (1 - expected), np.nan)
        spread = np.sqrt(np.maximum((n**2 - (gold**2).sum(axis=-1)) * (n**2 - (predicted**2).sum(axis=-1)), 0))
        correlation = np.where(spread > 0, (n * hits - by_chance) / spread, 0.0)
    present = gold > 0
    balanced = np.where(present, recall, 0).sum(axis=-1) / np.maximum(present.sum(axis=-1), 1)
    return np.stack([accuracy, balanced, f1, kappa, correlation], axis=-1)


def scores_of_runs(target: ClosedTarget) -> tuple[Array, Array]:
    """The scores of every run, (runs, 5), and what each example adds to them, (runs, n, 5).

    Of a gold label with a single example the jackknife says nothing: balanced accuracy is then NaN in what examples add
    to it.
    """
    labels = len(target.labels)
    gold = np.bincount(target.gold, minlength=labels).astype(float)
    pairs = target.gold * (labels + 1) + target.predicted
    values, influence = [], []
    # With many labels runs have few kinds in common, and those of all would be many for each.
    step = max(1, _AT_ONCE // (labels * (labels + 1) * labels))
    for start in range(0, len(pairs), step):
        lot = pairs[start : start + step]
        # Examples with the same gold and predicted label add the same: only their kinds are worked out.
        kinds, place = np.unique(lot, return_inverse=True)
        counts = _counts(lot, labels)
        right, predicted = counts[:, np.arange(labels), np.arange(labels)], counts.sum(axis=1)
        values.append(scores_of_counts(right, np.broadcast_to(gold, right.shape), predicted))
        influence.append(_jackknife(kinds, place.reshape(lot.shape), (right, gold, predicted)))
    found = np.concatenate(influence)
    if (gold == 1).any():
        found[..., SCORES.index("balanced_accuracy")] = np.nan
    return np.concatenate(values), found


def _counts(pairs: NDArray[np.intp], labels: int) -> Array:
    """Gold x predicted of each run, (runs, labels, labels + 1)."""
    size = labels * (labels + 1)
    numbered = pairs + size * np.arange(len(pairs))[:, None]
    counts = np.bincount(numbered.ravel(), minlength=size * len(pairs)).astype(float)
    return counts.reshape(len(pairs), labels, labels + 1)


def _jackknife(kinds: NDArray[np.intp], place: NDArray[np.intp], counts: tuple[Array, Array, Array]) -> Array:
    """What each example adds, (runs, n, 5), from the counts without one example of each kind."""
    right, gold, predicted = counts
    labels, n = len(gold), place.shape[1]
    of_gold, of_predicted = np.divmod(kinds, labels + 1)
    rows = np.arange(len(kinds))
    without_gold = np.tile(gold, (len(kinds), 1))
    without_gold[rows, of_gold] -= 1
    without_right = np.tile(right[:, None], (1, len(kinds), 1))
    hit = of_gold == of_predicted
    without_right[:, rows[hit], of_gold[hit]] -= 1
    without_predicted = np.tile(predicted[:, None], (1, len(kinds), 1))
    without_predicted[:, rows, of_predicted] -= 1
    # Of a kind that a run does not have, counts would be negative; no example takes what comes of it.
    of_kinds = scores_of_counts(without_right, without_gold[None] + 0 * without_right, np.maximum(without_predicted, 0))
    without: Array = np.take_along_axis(of_kinds, place[:, :, None], axis=1)
    found: Array = (n - 1) * (without.mean(axis=1, keepdims=True) - without)
    return found
