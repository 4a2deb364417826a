"""Source features against donors, target features against recipients: each unit is one observation.

A gain has a part of its source, so the cells of a source are not as many observations of what a property of the source
does: their mean is one. With d[i] the donors, x[i] a feature and n sources of which it is known ::

    d[i]    =  a + b x[i] + u[i],        variance of u[i]  =  t^2 + v[i]
    b       =  sum of w (x - mean x) d  /  sum of w (x - mean x)^2,          w[i]  =  1 / (t^2 + v[i])
    se^2    =  sum of w (d - fit)^2  /  (n - 2)  /  sum of w (x - mean x)^2
    b  -+   Student's quantile of n - 2 degrees of freedom  *  se

Donors are estimates, the more certain the more cells they have: v[i] is the sum of the variances of the cells over the
square of their number, t^2 the variance of sources by restricted maximum likelihood (`Units.variances`). In a full
matrix all weights are the same, and this is least squares; else it is meta-regression with the interval of Knapp and
Hartung 2003, "Improved tests for a random effects meta-regression with a single covariate", doi:10.1002/sim.1482.
Recipients likewise, the error of the base model, which all gains of a target share, being a part of v.

p is the share of assignments of the feature to the units with |b / se| as large, the observed one among them.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import stdtrit

from crosstask.analysis.causes.features import SOURCE
from crosstask.analysis.causes.tested import FEWEST, Tested, nothing
from crosstask.analysis.causes.units import Units
from crosstask.analysis.statistics.variance_parts import Array


def level_tests(units: Units, level: str, orders: Sequence[NDArray[np.intp]], alpha: float) -> Iterator[Tested]:
    """Test every feature of the sources or of the targets.

    Parameters
    ----------
    units : Units
        Gains and features.
    level : {"source", "target"}
        Of which.
    orders : sequence of ndarray of int, each shape (units,)
        Assignments of the features to the units.
    alpha : float
        1 minus the level of the intervals.
    """
    effects, weights, frame = _side(units, level)
    every = np.stack([np.arange(len(effects)), *orders])
    for name, values in frame.items():
        x = np.where(weights > 0, values.to_numpy(float), np.nan)
        n = int(np.isfinite(x).sum())
        sd = float(np.nanstd(x, ddof=1)) if n > 1 else 0.0
        if n < FEWEST or sd <= 1e-9 * float(np.nanmax(np.abs(x))):
            yield nothing(level, str(name), n)
            continue
        correlations, slope, error = _correlations((x / sd)[every], effects, weights)
        half = float(stdtrit(n - 2, 1 - alpha / 2) * error)
        yield Tested(level, str(name), n, slope, slope - half, slope + half, sd, np.abs(correlations))


def _side(units: Units, level: str) -> tuple[Array, Array, pd.DataFrame]:
    """Effects, their weights (0 for those without cells) and features of the sources or of the targets."""
    variances, sources = units.variances, len(units.gains)
    spread = max(variances.residual - np.nan_to_num(units.mean_noise), 0.0)
    noise = np.where(units.model.used, np.where(np.isnan(units.noise), variances.residual, spread + units.noise), 0.0)
    axis = 1 if level == SOURCE else 0
    counts = units.model.used.sum(axis=axis)
    errors = noise.sum(axis=axis) / np.maximum(counts, 1) ** 2
    if level == SOURCE:
        effects, between, frame = units.effects[1 : 1 + sources], variances.rows, units.features.sources
    else:
        errors = errors + units.base_noise
        effects, frame = units.effects[1 + sources :], units.features.targets
        between = max(variances.columns - float(units.base_noise[counts > 0].mean()), 0.0)
    total = np.maximum(between + errors, np.finfo(float).tiny)
    weights = np.where(counts > 0, total[counts > 0].min() / total, 0.0)
    return effects, weights, frame


def _correlations(x: Array, effects: Array, weights: Array) -> tuple[Array, float, float]:
    """Weighted correlations of effects and features (orders, units), NaN where not known; slope and error of the first.

    |b / se| is a function of the correlation that rises with it.
    """
    known = np.where(np.isfinite(x), weights, 0.0)
    x = np.nan_to_num(x)
    total = known.sum(axis=1)
    x = x - ((known * x).sum(axis=1) / total)[:, None]
    y = effects - ((known @ effects) / total)[:, None]
    of_x, of_y, products = ((known * of).sum(axis=1) for of in (x**2, y**2, x * y))
    both = np.sqrt(of_x * of_y)
    correlations = np.divide(products, both, out=np.zeros(len(x)), where=both > 0)
    slope = float(products[0] / of_x[0])
    left = max(float(of_y[0] - slope * products[0]), 0.0)
    return correlations, slope, float(np.sqrt(left / ((known[0] > 0).sum() - 2) / of_x[0]))
