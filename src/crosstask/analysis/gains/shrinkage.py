"""Gains without the winner's curse: the best of many is best partly by chance.

What is particular to a cell is shrunk by how much of it is probably noise, and so is what is particular to a source ::

    shrunken gain   =  mean + shrunken donor + recipient + shrunken residual

Donors and residuals are each taken to be spread around 0, most of them by little and a few perhaps by far more, and
measured with their standard errors; a shrunken one is what is expected of it then (`scale_mixture`: empirical Bayes). A
recipient is the same for all sources of a target, between which there is a choice, and so is left as it is. Chosen by
it, a source gains on average about what it says (docs/statistics/gains.md).
"""

import numpy as np
import pandas as pd

from crosstask.analysis.gains.columns import BEST_SOURCES
from crosstask.analysis.matrix.additive_model import EffectNoise
from crosstask.analysis.schema import column_names
from crosstask.analysis.statistics.scale_mixture import expected_effects
from crosstask.analysis.statistics.variance_parts import Array


def shrunken_gains(gains: pd.DataFrame, noise: EffectNoise) -> Array:
    """Gains of which what is particular to sources and to cells is shrunk, (n_sources, n_targets).

    Parameters
    ----------
    gains : DataFrame, shape (n_sources, n_targets)
        NaN where missing.
    noise : EffectNoise
        The additive model, and the errors of donors and residuals.

    Returns
    -------
    array
        NaN in cells that were not fitted, those on a source's own task, and where nothing is known of the errors.
    """
    model, values = noise.model, gains.to_numpy()
    effects = model.effects(values)
    left = np.where(model.used, values - model.fitted(effects), np.nan)
    of_sources = slice(1, 1 + len(gains))
    effects[of_sources] = shrunken_effects(effects[of_sources], noise.donor_errors)
    shrunken: Array = model.fitted(effects) + shrunken_effects(left, noise.residual_errors)
    return shrunken


def shrunken_effects(effects: Array, errors: Array) -> Array:
    """Effects around 0, such as donors or residuals, less what is probably noise; NaN without an effect or error.

    Without error nothing is noise, whatever the others are.
    """
    shrunken = np.where(np.isnan(errors), np.nan, effects)
    measured = ~np.isnan(shrunken) & (errors > 0)
    shrunken[measured] = expected_effects(effects[measured], errors[measured])
    return shrunken


def best_sources(gains: pd.DataFrame) -> pd.DataFrame:
    """The source from which each target gains most, its own aside, by shrunken gains.

    Parameters
    ----------
    gains : DataFrame
        Columns ``GAINS_LONG``.

    Returns
    -------
    DataFrame
        Columns ``BEST_SOURCES``, one row per target that has a shrunken gain.
    """
    rows = []
    for target, found in gains[~gains["home"] & gains["shrunken"].notna()].groupby("target", sort=False):
        ordered = found.sort_values("shrunken", ascending=False, kind="stable")
        best = ordered.iloc[0]
        second = ordered.iloc[1] if len(ordered) > 1 else None
        rows.append(
            {
                "target": target,
                **best[["source", "gain", "shrunken", "ci_low", "ci_high", "significant"]],
                "second": None if second is None else second["source"],
                "second_shrunken": np.nan if second is None else second["shrunken"],
            }
        )
    return pd.DataFrame(rows, columns=column_names(BEST_SOURCES))
