"""Variances between few seeds, moderated by those of the other cells.

Two or three seeds hardly tell how far seeds are apart, and the cell whose seeds agree by chance would look surest. As
in the analysis of gene expression (Smyth 2004, "Linear models and empirical Bayes methods for assessing differential
expression in microarray experiments") the variances of many cells are therefore taken to come from one distribution,
that of s0^2 d0 / chi-square(d0). Both of its parameters are estimated from the cells, and each variance s^2 with d
degrees of freedom becomes (d0 s0^2 + d s^2) / (d0 + d) with d0 + d: cells that are alike lend each other strength,
cells that are not stay as they are. What is compared is the variance between seeds over that between examples, so that
targets of different metrics and difficulties can be.

The interaction's part is subtracted only as far as strength was lent, d0 / (d0 + d). From a variance that stands on two
or three seeds alone it would often leave nothing, and p values far too small.
"""

from dataclasses import replace

import numpy as np
from scipy.optimize import brentq
from scipy.special import digamma, polygamma

from crosstask.analysis.variance_parts import Array, VarianceParts

_FEWEST = 8
"""Cells below which a distribution of variances is not to be had."""

_LEAST = 0.05
"""Share of the interaction's part below which a variance between seeds counts as that share: it lies in the logarithm's
way, and three seeds that happen to score the same are no proof that seeds do not matter."""


def moderated(parts: VarianceParts) -> VarianceParts:
    """Moderate the variances between seeds of many estimates.

    Fewer than 8 with several seeds lend each other nothing.

    Parameters
    ----------
    parts : VarianceParts
        Of estimates of one kind, such as all scores of a matrix.

    Returns
    -------
    VarianceParts
        ``seeds`` moderated, ``seeds_df`` larger and ``interaction`` smaller where there are several seeds; the rest
        unchanged. d0 is at most the sum of all d, which is what even equal variances can tell.
    """
    several = (parts.seeds_df > 0) & (parts.examples > 0)
    if several.sum() < _FEWEST:
        return replace(parts, interaction=0 * parts.interaction)
    df, scale = parts.seeds_df[several], parts.examples[several]
    ratios = np.maximum(parts.seeds[several], _LEAST * parts.interaction[several]) / scale
    common, common_df = _prior(ratios, df)
    lent = common_df / (common_df + df)
    seeds, seeds_df, interaction = parts.seeds.copy(), parts.seeds_df.copy(), parts.interaction.copy()
    seeds[several] = lent * common * scale + (1 - lent) * parts.seeds[several]
    seeds_df[several] += common_df
    interaction[several] *= lent
    return replace(parts, seeds=seeds, seeds_df=seeds_df, interaction=interaction)


def _prior(variances: Array, df: Array) -> tuple[float, float]:
    """Smyth's moment estimates of s0^2 and d0, from the mean and the variance of the logarithms."""
    variances = np.maximum(variances, 1e-5 * np.median(variances))
    most = float(df.sum())
    if not variances.any():
        return 0.0, most
    logarithms = np.log(variances) - digamma(df / 2) + np.log(df / 2)
    excess = logarithms.var(ddof=1) - polygamma(1, df / 2).mean()
    if excess <= polygamma(1, most / 2):
        return float((variances * df).sum() / most), most
    common_df = 2 * brentq(lambda half: polygamma(1, half) - excess, 1e-3, most / 2)
    common = np.exp(logarithms.mean() + digamma(common_df / 2) - np.log(common_df / 2))
    return float(common), float(common_df)
