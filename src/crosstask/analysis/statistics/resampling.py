"""Resampling of examples for all rows of a target at once: products of matrices instead of loops."""

import numpy as np
from numpy.typing import NDArray

_AT_ONCE = 2**22
"""Numbers drawn at once: bounds the memory, not the result."""


def in_steps(values: NDArray[np.floating]) -> tuple[NDArray[np.float32], float]:
    """Round values, shape (rows, n), to whole steps so small that sums of n of them are exact in float32.

    A matrix product in float32 otherwise depends, in its last digits, on the number of threads. float32 has 24 bits
    for the digits of a number, so sums of whole numbers below 2^24 are exact in any order. The step is the largest
    value times ::

        2^-k,      k = floor(24 - log2 n)

    so that no value is above 2^k steps and n of them are at most n 2^k <= 2^24.

    Returns
    -------
    steps : ndarray, shape (rows, n)
        Whole numbers; any n of them sum to less than 2^24.
    size : float
        Value of one step; with 500 examples and scores up to 1 it is 3e-5.

    Examples
    --------
    >>> steps, size = in_steps(np.array([[0.25, 1.0]]))
    >>> (steps * size).tolist()
    [[0.25, 1.0]]
    """
    largest = float(np.abs(values).max(initial=0.0)) or 1.0
    # The 1e-9 makes k smaller by 1 where n is a power of 2, whose sums could be 2^24 itself otherwise.
    size = largest * 2.0 ** -np.floor(24 - np.log2(values.shape[1]) - 1e-9)
    return np.round(values / size).astype(np.float32), size


def bootstrap_means(values: NDArray[np.floating], draws: int, generator: np.random.Generator) -> NDArray[np.float64]:
    """Means of rows over resampled examples, (rows, n) to (draws, rows).

    A replicate draws n of the n examples with replacement, the same for every row, so that differences between rows
    stay paired. With C[d, e] the number of times that replicate d has example e ::

        mean*[d, row]  =  sum over e of  C[d, e] values[row, e] / n
    """
    steps, size = in_steps(values)
    n = values.shape[1]
    return (_bootstrap_counts(draws, n, generator) @ steps.T).astype(float) * (size / n)


def _bootstrap_counts(draws: int, n: int, generator: np.random.Generator) -> NDArray[np.float32]:
    """How often each of n examples is drawn; shape (draws, n), each row sums to n."""
    # Replicate d counts in the bins d n to d n + n - 1, so that one pass counts all replicates.
    drawn = generator.integers(0, n, (draws, n)) + n * np.arange(draws)[:, None]
    return np.bincount(drawn.ravel(), minlength=draws * n).reshape(draws, n).astype(np.float32)


def percentile_interval(
    values: NDArray[np.floating], draws: int, alpha: float, generator: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Percentile bootstrap intervals of the means of rows over their examples.

    The limits are the alpha / 2 and the 1 - alpha / 2 quantile of `bootstrap_means` (Efron 1979, "Bootstrap methods:
    another look at the jackknife", doi:10.1214/aos/1176344552).

    Parameters
    ----------
    values : ndarray, shape (rows, n)
        One score or difference per example.
    draws : int
        Resamples of the examples, the same for every row.
    alpha : float
        1 minus the level.
    generator : Generator
        Source of randomness.

    Returns
    -------
    low, high : ndarray, shape (rows,)
    """
    means = bootstrap_means(values, draws, generator)
    low, high = np.percentile(means, [100 * alpha / 2, 100 * (1 - alpha / 2)], axis=0)
    return low, high


def sign_flip_p(differences: NDArray[np.floating], flips: int, generator: np.random.Generator) -> NDArray[np.float64]:
    """Paired permutation test of each row's mean against 0.

    If two models are exchangeable, the sign of each difference d is as likely to be the other one (Fisher 1935, "The
    design of experiments"). Over F random sign patterns f ::

        p  =  (1 + #{f : |sum over e of f[e] d[e]| >= |sum over e of d[e]|})  /  (1 + F)

    The observed pattern is counted among the F + 1, since a p value of 0 would be too small (Phipson and Smyth 2010,
    "Permutation p-values should never be zero", doi:10.2202/1544-6115.1585).

    Parameters
    ----------
    differences : ndarray, shape (rows, n)
        Score of one model minus that of the other, on each example.
    flips : int
        Random sign patterns, the same for every row.
    generator : Generator
        Source of randomness.

    Returns
    -------
    ndarray, shape (rows,)
        Two-sided p values, at least 1 / (1 + flips).
    """
    rows, n = differences.shape
    # Whole steps make the sums exact: a pattern that reaches exactly the observed sum, as those of 0/1 scores often
    # do, is counted by >= whatever the order of summation.
    steps, _ = in_steps(differences)
    observed = np.abs(steps.sum(axis=1))
    extreme = np.zeros(rows, dtype=int)
    for start in range(0, flips, max(1, _AT_ONCE // n)):
        count = min(max(1, _AT_ONCE // n), flips - start)
        signs = generator.integers(0, 2, (count, n), dtype=np.int8).astype(np.float32) * 2 - 1
        extreme += (np.abs(signs @ steps.T) >= observed).sum(axis=0)
    return (1 + extreme) / (1 + flips)
