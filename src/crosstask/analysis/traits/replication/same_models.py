"""Replicates that are one under two names, such as a base model and a copy of it.

A copy agrees with its original in everything, traits or not, and what the two have in common would be taken for what
comes back. So they count as one, by the mean of their residuals.

Two replicates are taken for one if their residuals are equal; and two base models also if they have in common more than
half of what other pairs have not, and far more than chance gives. With the correlation r of the residuals of two
models, z = artanh r, and P pairs ::

    r[a, b] - median r   >   (1 - median r) / 2                           and
    z[a, b] - median z   >   quantile(1 - alpha / P) max(1.4826 median |z - median z|,  1 / sqrt(m - 3))

m being the degrees of freedom of the residuals of one. The rule for pairs is that of outliers by median and median
absolute deviation (Iglewicz and Hoaglin 1993, "How to detect and handle outliers"). Of two models alone only equal
residuals tell, since there is no other pair; and seeds or settings of one model may well be closer than others.
"""

from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from crosstask.analysis.statistics.variance_parts import Array

_EQUAL = 1 - 1e-9  # correlation from which on nothing but rounding is between two
_MOSTLY = 0.5  # share of what other pairs have not in common that two must have
_CONSISTENT = 1.4826  # median absolute deviation of a normal distribution to its standard deviation


def same_replicates(values: Array, used: NDArray[np.bool_], alpha: float, of_models: bool) -> list[list[int]]:
    """Return the places of the replicates, those together that count as one.

    Parameters
    ----------
    values : array, shape (n_replicates, n_sources, n_targets)
        Residuals, each matrix of length 1, 0 in cells that take no part.
    used : array of bool, shape (n_sources, n_targets)
        Cells that take part.
    alpha : float
        Among models of which none is another any two are taken for one in fewer than so many analyses.
    of_models : bool
        Whether replicates are base models.

    Examples
    --------
    >>> one, other = np.array([[0.6, 0.8], [0.0, 0.0]]), np.array([[0.8, -0.6], [0.0, 0.0]])
    >>> same_replicates(np.array([one, other, one]), np.ones((2, 2), bool), 0.05, of_models=False)
    [[0, 2], [1]]
    """
    pairs = list(combinations(range(len(values)), 2))
    r = np.array([float((values[a] * values[b]).sum()) for a, b in pairs])
    same = r >= _EQUAL
    if of_models and len(pairs) > 1:
        middle = np.median(r)
        same |= (r - middle > _MOSTLY * (1 - middle)) & _outlying(np.arctanh(np.clip(r, -_EQUAL, _EQUAL)), used, alpha)
    first = list(range(len(values)))
    for (a, b), is_same in zip(pairs, same, strict=True):
        if is_same:
            low, high = sorted((first[a], first[b]))
            first = [low if place == high else place for place in first]
    return [[place for place, of in enumerate(first) if of == group] for group in dict.fromkeys(first)]


def counted_once(values: Array, groups: list[list[int]]) -> Array:
    """Mean residuals of each group of replicates, of length 1 again, (n_groups, n_sources, n_targets)."""
    means = [values[group].mean(axis=0) if len(group) > 1 else values[group[0]] for group in groups]
    lengths = [np.linalg.norm(mean) if len(group) > 1 else 1.0 for mean, group in zip(means, groups, strict=True)]
    return np.array([mean / length for mean, length in zip(means, lengths, strict=True)])


def _outlying(z: Array, used: NDArray[np.bool_], alpha: float) -> NDArray[np.bool_]:
    """Which pairs agree far more than the others do."""
    sources, targets = used.shape
    df = used.sum() - sources - 2 * targets + 2  # donors, recipients and slopes, which are known but for two of them
    middle = np.median(z)
    spread = max(_CONSISTENT * float(np.median(np.abs(z - middle))), 1 / float(np.sqrt(max(df - 3, 1))))
    far: NDArray[np.bool_] = (z - middle) / spread > ndtri(1 - alpha / len(z))
    return far
