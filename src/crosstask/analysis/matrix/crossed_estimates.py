"""Tables of statistics of single runs, with intervals over examples and, where there are several, seeds."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crosstask.analysis.matrix.crossed_parts import Estimates, crossed_parts
from crosstask.analysis.statistics.variance_parts import Array, VarianceParts

COLUMNS = ("source", "target", "seed", "seeds", "name", "value", "ci_low", "ci_high", "seeds_half", "p", "n")
"""Those of `crossed_table` besides the settings."""


def crossed_table(
    found: Sequence[Estimates], settings: Sequence[str], alpha: float, tests: bool = True
) -> pd.DataFrame:
    """Every statistic of every run, and of every source over its seeds, with intervals and tests against 0.

    Parameters
    ----------
    found : sequence of Estimates
        One for each target.
    settings : sequence of str
        Names of the settings that tell rows apart besides source and seed.
    alpha : float
        1 minus the level of the intervals.
    tests : bool
        Whether p values are needed, which take longest; else they are NaN.

    Returns
    -------
    DataFrame
        Columns ``COLUMNS`` and those of the settings, ``name`` that of the statistic. A run has its interval over the
        examples. A source with several seeds on a target has a row more, without a seed, for their mean, with the
        interval over examples and seeds; ``seeds_half`` is what half of it would be if examples varied nothing.
        ``ci_low``, ``ci_high`` and ``p`` are NaN where the statistic is not defined, or its examples say nothing of its
        variance because all are alike.
    """
    found = [of_target for of_target in found if of_target.runs]
    if not found:
        return pd.DataFrame(columns=[*COLUMNS, *settings])
    lots = [_rows(of_target, parts, alpha, tests) for of_target, parts in zip(found, crossed_parts(found), strict=True)]
    columns = {name: np.concatenate([of_target[name] for of_target in lots]) for name in lots[0]}
    runs = columns.pop("settings")
    further = {name: [of_run[place] for of_run in runs] for place, name in enumerate(settings)}
    table = pd.DataFrame(columns | further).astype({"seeds": "Int64", "n": "Int64"})
    return table.assign(seed=pd.array(columns["seed"], dtype="Int64"))[[*COLUMNS, *settings]]


def _rows(found: Estimates, parts: VarianceParts, alpha: float, tests: bool) -> dict[str, NDArray[np.generic]]:
    """Columns of one target: of every source its runs, and then the mean of several, with all statistics of each."""
    counts, k = found.counts, len(found.names)
    several = np.flatnonzero(counts > 1)
    variance, df = found.over_examples(found.scaled())
    nothing = np.zeros(variance.shape)
    of_runs = VarianceParts(nothing, nothing, variance, nothing, df, nothing)
    of_means = VarianceParts(*(getattr(parts, name)[several] for name in parts.__dataclass_fields__))
    means = found.mean[several]
    inside = [_inside(found.values, of_runs, alpha, tests), _inside(means, of_means, alpha, tests)]
    # Runs come as they are, and the mean of a source after the last of them.
    order = np.argsort(np.concatenate([np.arange(counts.sum()), found.starts[several] + counts[several] - 0.5]))
    both = {"value": np.concatenate([found.values, means])}
    both |= {name: np.concatenate([lot[name] for lot in inside]) for name in inside[0]}
    keys = [(of.source, seed, 1, of.settings) for of in found.runs for seed in of.seeds]
    keys += [(of.source, None, len(of.seeds), of.settings) for of in found.runs if len(of.seeds) > 1]
    size = len(order) * k
    of_keys = {
        name: np.fromiter((key[place] for key in keys), object, len(keys))[order].repeat(k)
        for place, name in enumerate(("source", "seed", "seeds", "settings"))
    }
    named = {"target": np.full(size, found.target, object), "name": np.tile(np.array(found.names, object), len(order))}
    numbers = {name: values[order].ravel() for name, values in both.items()}
    return of_keys | named | numbers | {"n": np.full(size, found.influence.shape[1])}


def _inside(values: Array, parts: VarianceParts, alpha: float, tests: bool) -> dict[str, Array]:
    """Limits and p values; NaN where nothing is known of the variance."""
    half = parts.half_width(alpha)
    p = parts.p_value(values) if tests else np.full(values.shape, np.nan)
    known = (parts.standard_error > 0) & ~np.isnan(values)
    limits = {"ci_low": values - half, "ci_high": values + half, "p": p}
    of_seeds = replace(parts, examples=np.zeros(values.shape)).half_width(alpha)
    return {name: np.where(known, of, np.nan) for name, of in limits.items()} | {"seeds_half": of_seeds}
