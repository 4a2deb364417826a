"""What always answering the commonest label scores on test rows other than those that say which it is."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

SPLITS = 2000
"""Random halves of the rows over which the score is a mean."""


def commonest_label(gold: Mapping[str, int]) -> tuple[float, float]:
    """Score of always answering the label that is commonest in one half of the rows, on the other half; its variance.

    The share of the label that happens to be the commonest of all rows is that score made too good by luck: where the
    classes are even it lies above one over their number by sqrt(2 / (pi n)) / 2 with two labels, and no model without
    an ability has that luck. With H a random half of the n rows ::

        score     =  mean over H of the share of rows that have the label that is commonest in the half they are not in
        variance  =  c (1 - c) / n,   c the share of the commonest of all

    never less than guessing among the labels scores. On even classes it is one over their number on average, on
    classes of which one leads clearly its share.

    Parameters
    ----------
    gold : mapping of str to int
        Number of rows of each label, 0 for one without any.

    Examples
    --------
    >>> score, variance = commonest_label({"yes": 90, "no": 10})
    >>> round(score, 6), round(variance, 6)
    (0.9, 0.0009)
    """
    counts = np.sort(np.array(list(gold.values()), dtype=np.int64))[::-1]  # no name and no order changes a number
    n = int(counts.sum())
    share = float(counts[0] / n)
    variance = share * (1 - share) / n
    if n < 2 or counts[0] == n:
        return share, variance
    generator = np.random.default_rng(0)
    halves = generator.multivariate_hypergeometric(counts, n // 2, size=SPLITS)
    right = _right(halves, counts - halves, generator) + _right(counts - halves, halves, generator)
    return max(float(right.mean()) / n, 1 / len(counts)), variance


def _right(learnt: NDArray[np.int64], scored: NDArray[np.int64], generator: np.random.Generator) -> NDArray[np.int64]:
    """Rows of one half with the label that is commonest in the other, of each split; both (splits, labels).

    Of labels that are equally common one is taken at random.
    """
    commonest = (learnt + generator.uniform(0, 0.5, learnt.shape)).argmax(axis=1)
    right: NDArray[np.int64] = scored[np.arange(len(scored)), commonest]
    return right
