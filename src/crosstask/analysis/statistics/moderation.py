"""Variances between few seeds, moderated by those of the other cells.

Two or three seeds hardly tell how far seeds are apart, and the cell whose seeds agree by chance would look surest. As
in the analysis of gene expression (Smyth 2004, "Linear models and empirical Bayes methods for assessing differential
expression in microarray experiments") variances are therefore taken to come from one distribution, that of
s0^2 d0 / chi-square(d0), whose parameters are estimated from the mean and the variance of their logarithms. A variance
s^2 with d degrees of freedom becomes (d0 s0^2 + d s^2) / (d0 + d) with d0 + d: variances that are alike lend each other
strength, others stay as they are.

Seeds of one adapter may be far apart on every target, those of another close. So this is done in two steps:

1. The mean variance m^2 of each source, with D degrees of freedom, is moderated by those of the other sources.
2. The variances of a source's cells are moderated by it. Where cells are alike (d1 infinite) all have its D degrees of
   freedom, where they are not each keeps its own d; in between D (d1 + d) / (d1 + D).

A seed may be better or worse altogether, and then ten targets say no more of seeds than one: the mean of T variances
whose deviations have the mean squared correlation r^2 has D = d T / (1 + (T - 1) r^2) degrees of freedom.

What is compared is the variance between seeds over that between examples, so that targets of different metrics and
difficulties can be. The interaction's part is subtracted only as far as strength was lent: by 1 - d over the degrees of
freedom in the end. From a variance that stands on two or three seeds alone it would often leave nothing, and p values
far too small.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import digamma, polygamma

from crosstask.analysis.statistics.variance_parts import Array, VarianceParts

_FEWEST = 8
"""Cells below which a distribution of variances is not to be had."""

_LEAST = 0.05
"""Share of the interaction's part below which a variance between seeds counts as that share: it lies in the logarithm's
way, and three seeds that happen to score the same are no proof that seeds do not matter."""


def moderated(parts: VarianceParts, correlation: float = 0.0) -> VarianceParts:
    """Moderate the variances between seeds of many estimates.

    Fewer than 8 with several seeds lend each other nothing.

    Parameters
    ----------
    parts : VarianceParts
        Of estimates of one kind, such as all scores of a matrix; arrays of shape (sources, targets).
    correlation : float
        As from `squared_correlation`, 0 to 1.

    Returns
    -------
    VarianceParts
        ``seeds`` moderated, ``seeds_df`` larger and ``interaction`` smaller where there are several seeds; the rest
        unchanged. d0 is at most the sum of all degrees of freedom, which is what even equal variances can tell.
    """
    several = (parts.seeds_df > 0) & (parts.examples > 0)
    if several.sum() < _FEWEST:
        return replace(parts, interaction=0 * parts.interaction)
    df, scale = parts.seeds_df[several], parts.examples[several]
    ratios = np.maximum(parts.seeds[several], _LEAST * parts.interaction[several]) / scale
    if not ratios.any():
        return parts
    ratios = np.maximum(ratios, 1e-5 * np.median(ratios[ratios > 0]))
    _, places, cells = np.unique(np.nonzero(several)[0], return_inverse=True, return_counts=True)
    means = np.bincount(places, ratios) / cells
    unequal = _within(ratios, df, places) - (1 - correlation) * polygamma(1, df / 2).mean()
    factor, alike_df = _prior(ratios / means[places], df, unequal, np.inf)
    own = df / (alike_df + df)
    common, common_df = _moderated_means(means, np.bincount(places, df) / (1 + (cells - 1) * correlation))
    common, common_df = common[places], common_df[places]
    seeds, seeds_df, interaction = parts.seeds.copy(), parts.seeds_df.copy(), parts.interaction.copy()
    seeds[several] = (1 - own) * factor * common * scale + own * parts.seeds[several]
    seeds_df[several] = common_df * (1 + df / alike_df) / (1 + common_df / alike_df)
    interaction[several] *= 1 - df / seeds_df[several]
    return replace(parts, seeds=seeds, seeds_df=seeds_df, interaction=interaction)


def squared_correlation(deviations: Array) -> float:
    """Mean squared correlation, between two targets, of the deviations of seeds from their source's mean.

    Sources whose seeds are far apart weigh most: it is with them that tests could go wrong.

    Parameters
    ----------
    deviations : ndarray, shape (sources, seeds, targets)
        On one scale for all targets; 0 for what is missing.

    Returns
    -------
    float
        0 to 1, less what so many seeds have by chance; 0 for one target, or where nothing deviates.

    Examples
    --------
    >>> better_altogether = np.array([[[-1.0, -1.0], [1.0, 1.0]]] * 50)
    >>> round(squared_correlation(better_altogether), 2)
    0.96
    """
    targets = deviations.shape[2]
    flat = deviations.reshape(-1, targets)
    products = flat.T @ flat
    total = float(np.trace(products)) ** 2
    if targets < 2 or total == 0:
        return 0.0
    by_chance = 1 / max(int(deviations.any(axis=2).sum() - deviations.any(axis=(1, 2)).sum()), 1)
    alike = float((products**2).sum()) / total - by_chance
    return float(np.clip((targets * alike - 1) / (targets - 1), 0, 1))


def _moderated_means(means: Array, df: Array) -> tuple[Array, Array]:
    """Mean variances of the sources, moderated by each other, and their degrees of freedom."""
    if len(means) == 1:
        return means, df
    unequal = _logarithms(means, df).var(ddof=1) - polygamma(1, df / 2).mean()
    common, common_df = _prior(means, df, unequal, float(df.sum()))
    return (common_df * common + df * means) / (common_df + df), common_df + df


def _within(variances: Array, df: Array, groups: NDArray[np.intp]) -> float:
    """Variance of the logarithms within groups; 0 where each has but one."""
    logarithms, counts = _logarithms(variances, df), np.bincount(groups)
    apart = logarithms - (np.bincount(groups, logarithms) / counts)[groups]
    return float((apart**2).sum()) / max(len(groups) - len(counts), 1)


def _logarithms(variances: Array, df: Array) -> Array:
    """Logarithms of variances, without the bias of few degrees of freedom."""
    logarithms: Array = np.log(variances) - digamma(df / 2) + np.log(df / 2)
    return logarithms


def _prior(variances: Array, df: Array, excess: float, most: float) -> tuple[float, float]:
    """Smyth's moment estimates of s0^2 and d0.

    ``excess``: variance of the logarithms beyond what the degrees of freedom give; ``most``: d0 if there is none.
    """
    if excess <= polygamma(1, df.sum() / 2):
        return float((variances * df).sum() / df.sum()), most
    common_df = 2 * brentq(lambda half: polygamma(1, half) - excess, 1e-3, df.sum() / 2)
    common = np.exp(_logarithms(variances, df).mean() + digamma(common_df / 2) - np.log(common_df / 2))
    return float(common), float(common_df)
