"""Scores with their intervals: of every run by itself, and of every cell of the matrix over seeds."""

import numpy as np
import pandas as pd
from scipy.special import ndtri

from crosstask.analysis.matrix.columns import MATRIX_LONG
from crosstask.analysis.matrix.prompt_variance import with_prompts
from crosstask.analysis.matrix.score_means import ScoreMeans
from crosstask.analysis.schema import column_names
from crosstask.analysis.statistics.inference import Inference
from crosstask.analysis.statistics.proportions import Interval, wilson
from crosstask.analysis.statistics.resampling import percentile_interval
from crosstask.analysis.statistics.variance_parts import Array


def matrix_long(means: ScoreMeans, ceiling: float | Array, inference: Inference) -> pd.DataFrame:
    """One row per cell of the matrix: the mean score over seeds with its interval.

    Parameters
    ----------
    means : ScoreMeans
        The scores.
    ceiling : float or ndarray, shape (targets,)
        Score of a perfect model; NaN for scores without one.
    inference : Inference
        Level and resampling.

    Returns
    -------
    DataFrame
        Columns ``MATRIX_LONG``, row by row of the matrix; cells that were never scored are left out.
    """
    low, high = score_limits(means, ceiling, inference)
    # The deviations are over sqrt(S (S - 1)): times S their squares sum to the variance with S - 1 as the divisor.
    spread = np.sqrt((means.deviations**2).sum(axis=1) * means.seeds)
    columns = {
        "score": means.mean,
        "ci_low": low,
        "ci_high": high,
        "n": means.n,
        "seeds": means.seeds,
        "seed_sd": np.where(means.seeds > 1, spread, np.nan),
    }
    index = pd.MultiIndex.from_product([means.sources, means.targets], names=["source", "target"])
    table = pd.DataFrame({name: values.ravel() for name, values in columns.items()}, index)
    scored = table[table["score"].notna()].reset_index()
    return scored.astype({"n": "Int64", "seeds": "Int64"})[column_names(MATRIX_LONG)]


def score_limits(means: ScoreMeans, ceiling: float | Array, inference: Inference) -> Interval:
    """Limits of the interval of each mean score, arrays of shape (sources, targets).

    0/1 scores have Wilson's interval; over several seeds with the effective number of examples: that of a single sample
    whose interval would be as long as the one of `VarianceParts`, with the half-width h and the normal quantile z ::

        n_effective  =  s (1 - s) / (h / z)^2

    Wilson's interval, unlike s +- h, does not leave 0 to 1. Other scores have, with one seed, the percentile bootstrap
    over examples, else the interval of `VarianceParts`. With one seed the interval is for that adapter, with several,
    or one that borrows their variance, for the mean over a population of seeds. Where only standard errors are known
    they make the interval; NaN where nothing is known.
    """
    half = with_prompts(means.parts, means.prompts, np.zeros(means.mean.shape)).half_width(inference.alpha)
    low, high = means.mean - half, means.mean + half
    share, z = means.mean / ceiling, -ndtri(inference.alpha / 2)
    several = np.isin(np.arange(len(means.targets)), list(means.prompts))
    n = np.where(means.over_seeds | several, _effective_number(share, half / ceiling / z, means), means.n)
    # Shares are computed in any case, and kept for 0/1 scores: NaN for n leaves the others out without a warning.
    of_share = wilson(share, np.where(means.binary, n, np.nan), inference.alpha)
    low, high = (np.where(means.binary, s * ceiling, other) for s, other in zip(of_share, (low, high), strict=True))
    for place, target in enumerate(means.targets):
        if place in means.prompts:  # of which examples alone say nothing
            top = np.broadcast_to(ceiling, len(means.targets))[place]
            low[:, place], high[:, place] = np.maximum(low[:, place], 0), np.fmin(high[:, place], top)
            continue
        rows = (means.seeds[:, place] == 1) & ~means.over_seeds[:, place] & ~means.binary[:, place]
        values = means.errors.example_means(target) if rows.any() else None
        if values is not None:
            generator = inference.generator(f"scores {target}")
            limits = percentile_interval(values[rows], inference.resamples, inference.alpha, generator)
            low[rows, place], high[rows, place] = limits
    return low, high


def _effective_number(share: Array, error: Array, means: ScoreMeans) -> Array:
    """Examples in one sample whose share has that error.

    At most those of all seeds together; n where all answers are right or all are wrong, and the error is no guide.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        number = share * (1 - share) / error**2
    return np.where((share > 0) & (share < 1), np.minimum(number, means.seeds * means.n), means.n)
