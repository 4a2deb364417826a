"""What the variance between seeds is expected to be on each target, but for a factor that all cells share.

Variances between few seeds borrow strength from each other (`moderation`), for which they must be comparable. MS_seeds
/ (S n) of a cell has two parts (see `variance_parts`), of which one falls with the number n of test rows and the other
does not ::

    E seeds  =  sigma_seeds^2 / S  +  sigma_interaction^2 / (S n)

The second is known where every answer is. The first is taken to be proportional to the variance a of one answer, so
that targets of other metrics and difficulties can be compared: what a seed does to hard and to easy rows alike moves a
score near 0 or 1 less, and a as well. That leaves one number, lambda ::

    scale  =  lambda a / S + interaction

lambda is the one at which the logarithms of ``seeds`` over ``scale`` have the mean that those of a chi-square over its
d degrees of freedom have, digamma(d / 2) - log(d / 2). Logarithms, because a few adapters whose seeds are far apart
would decide a mean. Relative to the variance of a mean, a / n, targets with many rows would borrow too small a
variance from those with few.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import digamma

Array = NDArray[np.float64]

LEAST = 0.05
"""Share of the interaction's part below which a variance between seeds counts as that share: its logarithm would
otherwise run off to minus infinity, and three seeds that happen to score the same are no proof that seeds do not
matter."""


def seed_scale(seeds: Array, interaction: Array, per_answer: Array, df: Array) -> Array:
    """Return what ``seeds`` is expected to be, but for a common factor.

    Parameters
    ----------
    seeds, interaction : ndarray
        MS_seeds / (S n) and MS_interaction / (S n), the second 0 where it is not known.
    per_answer : ndarray, same shape
        a / S: variance of one answer over the number of seeds; 0 where all answers are the same, NaN where nothing is
        known.
    df : ndarray, same shape
        Degrees of freedom of ``seeds``; 0 with one seed.

    Returns
    -------
    ndarray
        0 where it is not known.

    Examples
    --------
    >>> rows = np.array([20.0, 2000.0])
    >>> scale = seed_scale(0.01 + 0.1 / rows, 0.1 / rows, np.full(2, 0.25), np.full(2, 1000))
    >>> (scale / (0.01 + 0.1 / rows)).round(2).tolist()
    [1.0, 1.0]
    """
    counted = (df > 0) & (per_answer > 0)
    found = np.maximum(seeds[counted], LEAST * interaction[counted])
    counted[counted], found = found > 0, found[found > 0]
    share = 1.0  # any number, where nothing tells
    if len(found):
        share = _share(found, interaction[counted], per_answer[counted], df[counted])
    return np.where(df > 0, np.nan_to_num(share * per_answer + interaction), 0.0)


def _share(seeds: Array, interaction: Array, per_answer: Array, df: Array) -> float:
    """lambda: 0 where the interaction alone is as much as the variances found, or more."""
    wanted = float((np.log(seeds) - digamma(df / 2) + np.log(df / 2)).mean())

    def lacking(share: float) -> float:
        """What the mean logarithm of the scale lacks of the one wanted; falls as lambda grows."""
        return wanted - float(np.log(share * per_answer + interaction).mean())

    # With lambda alone, as if there were no interaction, the scale is too large; so lambda is at most that.
    highest = float(np.exp(wanted - np.log(per_answer).mean()))
    lowest = 1e-9 * highest
    if lacking(lowest) <= 0:
        return lowest
    return float(brentq(lacking, lowest, highest)) if lacking(highest) < 0 else highest
