"""Expected calibration error of the most probable label, beside what it is for probabilities that are right."""

import numpy as np
from numpy.typing import NDArray

from crosstask.analysis.calibration.decomposition import equal_bins
from crosstask.analysis.statistics.variance_parts import Array


def expected_errors(probabilities: Array, gold: NDArray[np.intp], bins: int, uniform: Array) -> tuple[Array, Array]:
    """The expected calibration error of every run, and draws of its null.

    With c[e] the probability of the most probable label, in bins with equally many examples ::

        error  =  sum over b of  n_b / n  |mean of c - share right|

    (Naeini, Cooper and Hauskrecht 2015, "Obtaining well calibrated probabilities using Bayesian binning"). It is above
    0 even for probabilities that are right, the more so the fewer examples a bin has; its null is that of the same
    probabilities with an answer right whenever a uniform number is below c[e].

    Parameters
    ----------
    probabilities : ndarray, shape (runs, n, labels)
        NaN-free.
    gold : ndarray of int, shape (n,)
        Gold labels.
    bins : int
        Their number.
    uniform : ndarray, shape (draws, n)
        Uniform numbers, the same for all runs.

    Returns
    -------
    errors : ndarray, shape (runs,)
    null : ndarray, shape (runs, draws)
    """
    n, draws = len(gold), len(uniform)
    confidence = probabilities.max(axis=2)
    right = (probabilities.argmax(axis=2) == gold).astype(np.float32)
    place, errors, null = equal_bins(confidence, bins), np.empty(len(right)), np.empty((len(right), draws))
    member = np.eye(bins, dtype=np.float32)
    for run, of_run in enumerate(confidence):  # one by one: the draws of all would be a large array
        in_bins = member[place[run]]
        expected = of_run @ in_bins
        errors[run] = np.abs(right[run] @ in_bins - expected).sum() / n
        null[run] = np.abs((uniform < of_run).astype(np.float32) @ in_bins - expected).sum(axis=1) / n
    return errors, null
