"""Empirical-Bayes moderation of the variances between few seeds.

Two or three seeds say little about the variance between seeds, and a cell whose seeds agree by chance would look most
certain. As in the analysis of gene expression, the true variances sigma^2 of many cells are therefore taken to come
from one distribution, and each variance s^2 found, with d degrees of freedom, borrows strength from the others ::

    s^2  ~  sigma^2 chi2(d) / d,      1 / sigma^2  ~  chi2(d0) / (d0 s0^2)

    moderated variance  =  (d0 s0^2 + d s^2) / (d0 + d),      degrees of freedom  d0 + d

(Smyth 2004, "Linear models and empirical Bayes methods for assessing differential expression in microarray
experiments", doi:10.2202/1544-6115.1027). Variances that are about equal have a large d0 and are pooled, unequal ones
stay as they are. s0^2 and d0 follow from the mean and the variance of e, the logarithms without the bias that few
degrees of freedom give them ::

    e        =  log s^2 - digamma(d / 2) + log(d / 2)
    mean(e)  =  log s0^2 - digamma(d0 / 2) + log(d0 / 2)
    var(e)   =  mean of trigamma(d / 2)  +  trigamma(d0 / 2)

Seeds of one adapter may differ much on every target, those of another little. So this is done in two steps:

1. The mean variance m^2 of each source over its T cells is moderated by those of the other sources. Seeds may be better
   or worse altogether, and then T targets say little more of them than one does. Where the deviations of the seeds on
   two targets have the mean squared correlation r^2, the variances of two cells have the correlation r^2, and their
   mean has D degrees of freedom by Satterthwaite's rule; moderated it is M^2 with D' of them ::

       D  =  d T / (1 + (T - 1) r^2),      D'  =  D + d0

2. The variances of a source's cells, relative to its m^2, are moderated with a prior s1^2 and d1 that all sources
   share ::

       moderated variance  =  (d1 s1^2 M^2 + d s^2) / (d1 + d)
       degrees of freedom  =  D' (d1 + d) / (d1 + D')

   Where the cells of a source have equal variances (d1 infinite) each has all D' degrees of freedom of its source,
   where they have nothing in common (d1 = 0) each keeps its own d.

A cell with one seed, d = 0, can borrow as well where others have several. It then has s1^2 M^2, times what is expected
of it with one seed, and D' d1 / (d1 + D') degrees of freedom; in a source with no others M^2 is s0^2, and D' is d0 or
one less than the number of sources that lend, if that is smaller.

Variances are compared relative to what each is expected to be (`seed_scale`), so that targets of different metrics,
difficulties and numbers of test rows can be. The interaction's part is subtracted only as far as strength was
borrowed, by the share 1 - d / (degrees of freedom in the end): from a variance that stands on two or three seeds alone
it would often leave nothing, and p values far too small.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import digamma, polygamma

from crosstask.analysis.statistics.seed_correlation import (
    covariance_of_logarithms,
    in_units_of,
    squared_correlation,
)
from crosstask.analysis.statistics.seed_scale import LEAST, seed_scale
from crosstask.analysis.statistics.variance_parts import Array, VarianceParts

FEWEST = 8
"""Cells below which a distribution of variances cannot be estimated."""


def moderated(parts: VarianceParts, deviations: Array | None = None, of_one_seed: Array | None = None) -> VarianceParts:
    """Moderate the variances between seeds of many estimates, as the module's docstring says.

    Fewer than 8 with several seeds borrow nothing from each other.

    Parameters
    ----------
    parts : VarianceParts
        Of estimates of one kind, such as all scores of a matrix; arrays of shape (sources, targets).
    deviations : ndarray, shape (sources, seeds, targets), optional
        Of the seeds of each source from its mean, in its own estimates, by which r^2 is estimated; 0 where there are
        none. Without them, r^2 is 0.
    of_one_seed : ndarray, shape (sources, targets), optional
        Variance of one answer of the cells with one seed that borrow a variance between seeds; NaN for all others.

    Returns
    -------
    VarianceParts
        ``seeds`` moderated, ``seeds_df`` larger and ``interaction`` smaller where there are several seeds, or one that
        borrows; the rest unchanged. d0 is at most the sum of all degrees of freedom, which is what even equal variances
        can tell.
    """
    expected = seed_scale(parts.seeds, parts.interaction, parts.per_answer, parts.seeds_df)
    several = (parts.seeds_df > 0) & (expected > 0)
    if several.sum() < FEWEST:
        return replace(parts, interaction=0 * parts.interaction)
    df, scale = parts.seeds_df[several], expected[several]
    ratios = np.maximum(parts.seeds[several], LEAST * parts.interaction[several]) / scale
    if not ratios.any():
        return parts
    # Where the interaction is not known there is no floor but this one, which keeps the logarithm finite.
    ratios = np.maximum(ratios, 1e-5 * np.median(ratios[ratios > 0]))
    # `source` numbers the sources that have such cells: with bincount it sums their cells, and as an index it spreads
    # what a source has over its cells.
    _, source, cells = np.unique(np.nonzero(several)[0], return_inverse=True, return_counts=True)
    means = np.bincount(source, ratios) / cells
    correlation = 0.0 if deviations is None else squared_correlation(in_units_of(deviations, expected))
    # Around the mean of their source, logarithms vary by what they do not have in common.
    by_chance = (polygamma(1, df / 2) - covariance_of_logarithms(correlation, df)).mean()
    excess = _within(ratios, df, source) - by_chance
    cell_prior, cell_df = _prior(ratios / means[source], df, excess, np.inf)  # s1^2 and d1
    own = df / (cell_df + df)
    of_sources, of_others = _moderated_means(means, np.bincount(source, df) / (1 + (cells - 1) * correlation))
    of_source, source_df = (values[source] for values in of_sources)
    seeds, seeds_df, interaction = parts.seeds.copy(), parts.seeds_df.copy(), parts.interaction.copy()
    seeds[several] = (1 - own) * cell_prior * of_source * scale + own * parts.seeds[several]
    # D' (d1 + d) / (d1 + D') with numerator and denominator over d1, which may be infinite.
    seeds_df[several] = source_df * (1 + df / cell_df) / (1 + source_df / cell_df)
    interaction[several] *= 1 - df / seeds_df[several]
    if of_one_seed is not None:
        borrows, rows = ~np.isnan(of_one_seed), np.nonzero(several)[0]
        level, level_df = (np.full(len(seeds), value) for value in of_others)
        # However many seeds they have, a few sources say little of how far apart the seeds of yet another are.
        level_df = np.minimum(level_df, len(means) - 1)
        level[rows], level_df[rows] = of_source, source_df
        # The scale less the interaction is lambda a / S of a mean over S seeds, and of one seed lambda a.
        known = np.flatnonzero(parts.per_answer[several] > 0)
        single = float(np.median((scale - parts.interaction[several])[known] / parts.per_answer[several][known]))
        seeds[borrows] = (cell_prior * single * level[:, None] * of_one_seed)[borrows]
        seeds_df[borrows] = np.broadcast_to((level_df / (1 + level_df / cell_df))[:, None], seeds.shape)[borrows]
    return replace(parts, seeds=seeds, seeds_df=seeds_df, interaction=interaction)


def _moderated_means(means: Array, df: Array) -> tuple[tuple[Array, Array], tuple[float, float]]:
    """Mean variances of the sources, moderated by each other: M^2 and D', and s0^2 and d0 of a source without any."""
    if len(means) == 1:
        return (means, df), (float(means[0]), float(df[0]))
    excess = _logarithms(means, df).var(ddof=1) - polygamma(1, df / 2).mean()
    prior, prior_df = _prior(means, df, excess, float(df.sum()))
    return ((prior_df * prior + df * means) / (prior_df + df), prior_df + df), (prior, prior_df)


def _within(variances: Array, df: Array, groups: NDArray[np.intp]) -> float:
    """Variance of the logarithms within groups; 0 where each has but one."""
    logarithms, counts = _logarithms(variances, df), np.bincount(groups)
    deviations = logarithms - (np.bincount(groups, logarithms) / counts)[groups]
    # Each group loses one degree of freedom to its mean.
    return float((deviations**2).sum()) / max(len(groups) - len(counts), 1)


def _logarithms(variances: Array, df: Array) -> Array:
    """Logarithms of variances, without the bias of few degrees of freedom: e of the module's docstring."""
    logarithms: Array = np.log(variances) - digamma(df / 2) + np.log(df / 2)
    return logarithms


def _prior(variances: Array, df: Array, excess: float, most: float) -> tuple[float, float]:
    """Smyth's moment estimates of s0^2 and d0, from ``excess``: var(e) less the mean of trigamma(d / 2).

    ``most`` is d0 where there is no excess beyond what as many degrees of freedom as there are could show.
    """
    if excess <= polygamma(1, df.sum() / 2):
        return float((variances * df).sum() / df.sum()), most  # equal variances: the pooled one
    # trigamma falls from infinity to the value excluded above, so that there is one solution in between.
    prior_df = 2 * brentq(lambda half: polygamma(1, half) - excess, 1e-3, df.sum() / 2)
    prior = np.exp(_logarithms(variances, df).mean() + digamma(prior_df / 2) - np.log(prior_df / 2))
    return float(prior), float(prior_df)
