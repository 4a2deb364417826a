"""Taskonomy's normalized affinity: which source a target gets most from.

For a target, W[i, j] is the share of test rows on which source i does better than source j, clipped to 0.001 and 0.999.
The ratios say how many times better i is than j, and their principal eigenvector, its entries summing to 1, is the
affinity of the target to each source ::

    R[i, j]  =  W[i, j] / W[j, i],      R a  =  lambda a,      sum of a  =  1

(Zamir et al. 2018, "Taskonomy: disentangling task transfer learning", arXiv:1804.08328; the eigenvector is that of the
analytic hierarchy process, Saaty 1977, "A scaling method for priorities in hierarchical structures",
doi:10.1016/0022-2496(77)90033-5). It has no unit, so targets of different metrics compare. Rows on which two sources do
equally well, of which 0/1 scores have many and the original's losses none, count half for each.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import stdtrit

from crosstask.analysis.gains.structure_columns import AFFINITY
from crosstask.analysis.matrix.pairwise import too_many
from crosstask.analysis.matrix.score_means import ScoreMeans
from crosstask.analysis.schema import column_names

_CLIP = 0.001
"""Smallest share: a source that never wins would otherwise have a ratio of 0, or an infinite one."""
_GROUPS = 20
"""Groups of examples for the jackknife: enough degrees of freedom, few eigenvectors."""


def affinity(means: ScoreMeans, alpha: float = 0.05) -> pd.DataFrame:
    """Affinity of every source, base included, for every target whose answers are known.

    The standard error is that of a delete-a-group jackknife: with a(g) the affinity without group g of G = 20 groups of
    examples, and Student's quantile of G - 1 degrees of freedom for the interval ::

        stderr^2  =  (G - 1) / G  sum over g of (a(g) - mean of a(g))^2

    (Kott 2001, "The delete-a-group jackknife").

    Parameters
    ----------
    means : ScoreMeans
        With the answers behind it; a source's answers are its mean over seeds.
    alpha : float
        1 minus the level of the intervals.

    Returns
    -------
    DataFrame
        Columns ``AFFINITY``; sources without answers on a target are left out there. Intervals are NaN where there are
        fewer examples than groups; more than 2,000 sources are left out altogether (`pairwise`).
    """
    tables = []
    for place, target in enumerate(means.targets):
        answers = means.errors.example_means(target)
        rows = means.seeds[:, place] > 0
        if answers is None or rows.sum() < 2 or too_many(int(rows.sum())):
            continue
        values, low, high = _with_limits(answers[rows], alpha)
        names = np.array(means.sources)[rows]
        tables.append(
            pd.DataFrame({"target": target, "source": names, "affinity": values, "ci_low": low, "ci_high": high})
        )
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=column_names(AFFINITY))


def _with_limits(answers: NDArray[np.float32], alpha: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Affinity to the sources, and its limits."""
    n = answers.shape[1]
    groups = _GROUPS if n >= _GROUPS else 1
    # Every 20th example is a group: counts of wins add up over examples, so leaving a group out is a subtraction.
    wins = np.stack([_wins(answers[:, start::groups]) for start in range(groups)])
    total = wins.sum(axis=0)
    sizes = np.array([len(range(start, n, groups)) for start in range(groups)])
    weights = principal_eigenvector(_ratios(total / n))
    if groups == 1:
        unknown = np.full(len(weights), np.nan)
        return weights, unknown, unknown
    # All 20 eigenvectors at once, of the counts without each group over the examples that are left.
    left_out = principal_eigenvector(_ratios((total - wins) / (n - sizes)[:, None, None]))
    error = np.sqrt((groups - 1) / groups * ((left_out - left_out.mean(axis=0)) ** 2).sum(axis=0))
    half = -stdtrit(groups - 1, alpha / 2) * error
    return weights, np.clip(weights - half, 0, 1), np.clip(weights + half, 0, 1)


def _wins(answers: NDArray[np.float32]) -> np.ndarray:
    """Examples on which each source is better than each other, half of the ties added; (sources, sources).

    With B[i, j] the examples on which i is better, ties are n - B[i, j] - B[j, i], hence ::

        wins[i, j]  =  B[i, j] + (n - B[i, j] - B[j, i]) / 2  =  (B[i, j] + n - B[j, i]) / 2
    """
    levels = np.unique(answers)
    better = np.zeros((len(answers), len(answers)), np.float32)
    if len(levels) <= 16:  # a few values, as means of 0/1 scores over some seeds have: matrix products are faster
        # Source i is better than j on an example where i is at a level and j below it; nothing is below the lowest.
        for level in levels[1:]:
            better += (answers == level).astype(np.float32) @ (answers < level).astype(np.float32).T
    else:
        for place, row in enumerate(answers):
            better[place] = (row > answers).sum(axis=1)
    return (better + (answers.shape[1] - better.T)) / 2


def _ratios(shares: np.ndarray) -> np.ndarray:
    """How many times better each source is than each other."""
    held = np.clip(shares, _CLIP, 1 - _CLIP)
    ratios: np.ndarray = held / np.swapaxes(held, -1, -2)
    return ratios


def principal_eigenvector(matrices: np.ndarray, tolerance: float = 1e-10) -> np.ndarray:
    """Eigenvector of the largest eigenvalue of positive matrices, its entries summing to 1, by power iteration.

    Parameters
    ----------
    matrices : ndarray, shape (..., n, n)
        All entries positive, so that there is one such eigenvector, with positive entries (Perron's theorem).
    tolerance : float
        Largest change of an entry in the last product.

    Returns
    -------
    ndarray, shape (..., n)

    Examples
    --------
    >>> principal_eigenvector(np.array([[1.0, 3.0], [1 / 3, 1.0]])).round(3).tolist()
    [0.75, 0.25]
    """
    vectors = np.full(matrices.shape[:-1], 1 / matrices.shape[-1])
    for _ in range(1000):
        after = np.einsum("...ij,...j->...i", matrices, vectors)
        after /= after.sum(axis=-1, keepdims=True)
        if np.abs(after - vectors).max() < tolerance:
            return after
        vectors = after
    return vectors
