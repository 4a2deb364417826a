"""How far lengths lie between base's and the source's, cell by cell.

With T, B and S the means of log(1 + length) of fine-tuned answers, base's answers and what the source trains on ::

    a  =  (T - B) / (S - B),      log length of T  =  (1 - a) log length of B  +  a log length of S

B stands above and below: the interval is Fieller's (`ratio_interval`) with the covariance -cov(T - B, B) / n of both
over the test rows. T - B is crossed over rows and seeds; S is a sample of other rows. Where S - B is not at least four
of its standard errors, a could be nearly anything, and none is given.
"""

from collections.abc import Mapping

import numpy as np

from crosstask.analysis.matrix.gain_evidence import GainEvidence
from crosstask.analysis.schema import BASE
from crosstask.analysis.statistics.ratios import RatioPart, ratio_interval
from crosstask.analysis.statistics.variance_parts import Array

APART = 4.0
"""Standard errors by which base and source must differ."""


def interpolation(evidence: GainEvidence, sources: Mapping[str, Array], alpha: float) -> dict[str, Array]:
    """Columns shift, distance, coefficient, ``ci_low`` and ``ci_high`` of ``LENGTH_SHIFTS``, and whether they are told.

    Parameters
    ----------
    evidence : GainEvidence
        Of logs of lengths, over base; cells that are cut have none.
    sources : mapping of str to ndarray
        Logs of the lengths that sources train on, where they are known.
    alpha : float
        1 minus the level.

    Returns
    -------
    dict of str to ndarray, shape (sources, targets)
        ``identified``: whether base and source are far enough apart.
    """
    shift = evidence.gains.to_numpy()
    _, parts = evidence.cells()
    of_source, error = _source_means(evidence.sources, sources)
    base_mean, base_variance, covariance = _with_base(evidence)
    distance = of_source[:, None] - base_mean
    variance = base_variance + error[:, None]
    identified = np.abs(distance) > APART * np.sqrt(variance)
    of_examples = RatioPart(parts.examples, covariance, variance, np.nan_to_num(parts.examples_df))
    of_seeds = RatioPart(parts.between_seeds, 0.0, 0.0, parts.seeds_df)
    low, high = ratio_interval(shift, distance, (of_examples, of_seeds), alpha)
    known = ~np.isnan(shift)
    told = identified & known & ~np.isnan(low)
    with np.errstate(divide="ignore", invalid="ignore"):
        coefficient = shift / distance
    return {
        "shift": shift,
        "distance": np.where(known, distance, np.nan),
        "coefficient": np.where(told, coefficient, np.nan),
        "ci_low": np.where(told, low, np.nan),
        "ci_high": np.where(told, high, np.nan),
        "identified": told,
    }


def _source_means(names: list[str], sources: Mapping[str, Array]) -> tuple[Array, Array]:
    """Mean of what each source trains on and its variance, (sources,); NaN where not known."""
    known = [sources.get(name, np.empty(0)) for name in names]
    means = np.array([values.mean() if len(values) > 1 else np.nan for values in known])
    errors = np.array([values.var(ddof=1) / len(values) if len(values) > 1 else np.nan for values in known])
    return means, errors


def _with_base(evidence: GainEvidence) -> tuple[Array, Array, Array]:
    """Of each target base's mean and its variance, (targets,), and cov(T - B, -B) over n of each cell."""
    means = evidence.means
    base = means.sources.index(BASE)
    covariance = np.full(evidence.gains.shape, np.nan)
    variance = means.errors.own()[0][base]
    for place, target in enumerate(means.targets):
        values = means.errors.example_means(target)
        if values is None:
            continue
        n = values.shape[1]
        of_base = values[base] - values[base].mean(dtype=float)
        covariance[:, place] = -((values[evidence.source_rows] - values[base]) @ of_base) / max(n * (n - 1), 1)
    return means.mean[base], variance, covariance
