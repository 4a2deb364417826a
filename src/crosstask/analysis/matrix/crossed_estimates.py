"""Tables of statistics of single runs, with intervals over examples and, where there are several, seeds."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from crosstask.analysis.matrix.crossed_parts import Estimates, crossed_parts
from crosstask.analysis.statistics.variance_parts import Array, VarianceParts

COLUMNS = ("source", "target", "seed", "seeds", "name", "value", "ci_low", "ci_high", "p", "n")
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
        interval over examples and seeds. ``ci_low``, ``ci_high`` and ``p`` are NaN where the statistic is not defined,
        or its examples say nothing of its variance because all are alike.
    """
    found = [of_target for of_target in found if of_target.runs]
    if not found:
        return pd.DataFrame(columns=[*COLUMNS, *settings])
    frames = []
    for of_target, parts in zip(found, crossed_parts(found), strict=True):
        of_both = pd.concat([_of_runs(of_target, alpha, tests), _of_sources(of_target, parts, alpha, tests)])
        # The row of the mean follows those of the runs that it is a mean of.
        frames.append(of_both.sort_values(["place", "name_place", "seeds"], kind="stable"))
    table = pd.concat(frames, ignore_index=True)
    for place, name in enumerate(settings):
        table[name] = [of_run[place] for of_run in table["settings"]]
    numbers = dict.fromkeys(("seed", "seeds", "n"), "Int64")
    return table[[*COLUMNS, *settings]].astype(numbers)


def _of_runs(found: Estimates, alpha: float, tests: bool) -> pd.DataFrame:
    """A row for each run and statistic."""
    variance, df = found.over_examples(found.scaled())
    nothing = np.zeros(variance.shape)
    parts = VarianceParts(nothing, nothing, variance, nothing, df, nothing)
    keys = [(runs.source, seed, 1, runs.settings) for runs in found.runs for seed in runs.seeds]
    return _frame(found, keys, found.values, _inside(found.values, parts, alpha, tests))


def _of_sources(found: Estimates, parts: VarianceParts, alpha: float, tests: bool) -> pd.DataFrame:
    """A row for each source with several seeds and statistic."""
    several = found.counts > 1
    chosen = VarianceParts(*(getattr(parts, name)[several] for name in parts.__dataclass_fields__))
    keys = [(runs.source, None, len(runs.seeds), runs.settings) for runs in found.runs if len(runs.seeds) > 1]
    values = found.mean[several]
    return _frame(found, keys, values, _inside(values, chosen, alpha, tests))


def _inside(values: Array, parts: VarianceParts, alpha: float, tests: bool) -> dict[str, Array]:
    """Limits and p values; NaN where nothing is known of the variance."""
    half = parts.half_width(alpha)
    p = parts.p_value(values) if tests else np.full(values.shape, np.nan)
    known = (parts.standard_error > 0) & ~np.isnan(values)
    limits = {"ci_low": values - half, "ci_high": values + half, "p": p}
    return {name: np.where(known, of, np.nan) for name, of in limits.items()}


def _frame(
    found: Estimates, keys: list[tuple[str, int | None, int, tuple[str, ...]]], values: Array, inside: dict[str, Array]
) -> pd.DataFrame:
    """Rows of one target in long form."""
    runs, statistics = values.shape
    order = {(of_source.source, of_source.settings): place for place, of_source in enumerate(found.runs)}
    of_runs = pd.DataFrame(keys, columns=["source", "seed", "seeds", "settings"], dtype=object)
    places = [order[source, settings] for source, _, _, settings in keys]
    rows = of_runs.assign(place=places).loc[np.arange(runs).repeat(statistics)].reset_index(drop=True)
    return rows.assign(
        target=found.target,
        name=list(found.names) * runs,
        value=values.ravel(),
        **{name: of.ravel() for name, of in inside.items()},
        n=found.influence.shape[1],
        name_place=list(range(statistics)) * runs,
    )
