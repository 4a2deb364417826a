"""The interaction of seeds and examples: what a seed does to one example and not to others."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def interaction_part(scores: NDArray[np.floating], starts: NDArray[np.intp], means: NDArray[np.floating]) -> Array:
    """MS_interaction / (S n) of `variance_parts`, for several sources at once.

    With x[s, e] the scores of S seeds on n examples, and means over what is left out, the sum of squares is the rest ::

        SS_interaction  =  sum of x[s, e]^2  -  n sum of x[s]^2  -  S sum of x[e]^2  +  S n x^2
        MS_interaction  =  SS_interaction / ((S - 1) (n - 1))

    Parameters
    ----------
    scores : ndarray, shape (runs, n)
        The seeds of a source follow each other.
    starts : ndarray of int, shape (sources,)
        First run of each source.
    means : ndarray, shape (sources, n)
        Mean over the seeds of each source.

    Returns
    -------
    ndarray, shape (sources,)
        0 with one seed.

    Examples
    --------
    >>> agree, differ = [[1, 0], [0, 1], [1, 0], [1, 0]], [[0.5, 0.5], [1, 0]]
    >>> interaction_part(np.array(agree), np.array([0, 2]), np.array(differ)).tolist()
    [0.25, 0.0]
    """
    runs, n = scores.shape
    counts = np.diff(starts, append=runs)
    of_run = scores.mean(axis=1, dtype=float)
    squares = np.add.reduceat(np.einsum("re,re->r", scores, scores, dtype=float), starts)
    of_seeds = n * np.add.reduceat(of_run**2, starts)
    of_examples = counts * np.einsum("re,re->r", means, means, dtype=float)
    of_all = counts * n * (np.add.reduceat(of_run, starts) / counts) ** 2
    # Seeds that agree on every example leave 0, which rounding may put a little below.
    rest = np.maximum(squares - of_seeds - of_examples + of_all, 0)
    return np.where(counts > 1, rest / np.maximum((counts - 1) * (n - 1), 1) / (counts * n), 0.0)
