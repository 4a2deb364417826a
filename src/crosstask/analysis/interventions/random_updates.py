"""How much of what an adapter does to a target does any disturbance of the same size? The table random_updates.csv.

A random update has the norm and the rank of the adapter in every layer, and was trained on nothing. The same number
draws the same directions for all seeds of a source, so that draws are what is replicated: r[k] is the gain of draw k
over the base model, the mean over the seeds, and g that of the adapters ::

    of a random update    mean over k of r[k]     over draws and test rows
    beyond it             g - that                over seeds, draws and test rows
    share                 that / g                Fieller's interval, where g stands

From a single draw intervals are for this one.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from crosstask.analysis.interventions.columns import RANDOM_UPDATES
from crosstask.analysis.interventions.contrasts import Contrasts, Lots, Replicates, contrasts, over_examples
from crosstask.analysis.interventions.kept_gains import original_gains
from crosstask.analysis.interventions.kinds import RANDOM
from crosstask.analysis.interventions.paired_runs import PairedRuns
from crosstask.analysis.matrix.task_order import TaskOrder, is_home
from crosstask.analysis.schema import column_names
from crosstask.analysis.statistics.ratios import RatioPart, covariance_by_sum, ratio_interval
from crosstask.analysis.statistics.variance_parts import Array, VarianceParts


def random_updates(runs: Sequence[PairedRuns], order: TaskOrder, alpha: float) -> pd.DataFrame:
    """Columns ``RANDOM_UPDATES``: one row per source and target with random updates."""
    known = [of for of in runs if of.base is not None]
    lots = {of.target: _draws(of) for of in known}
    if not any(lots.values()):
        return pd.DataFrame(columns=column_names(RANDOM_UPDATES))
    drawn = contrasts(lots, ("source",))
    original, gains = original_gains(known, order, alpha)
    places = original.reset_index(drop=True).reset_index().set_index(["source", "target"])["index"]
    rows = places.loc[pd.MultiIndex.from_frame(drawn.table[["source", "target"]])].to_numpy()
    own = original.iloc[rows].reset_index(drop=True)
    low, high = drawn.limits(alpha)
    table = drawn.table.assign(
        home=is_home(drawn.table, order),
        gain=own["value"],
        gain_low=own["ci_low"],
        gain_high=own["ci_high"],
        significant=own["significant"],
        random=drawn.table["value"],
        random_low=low,
        random_high=high,
        draws=drawn.table["units"],
        seeds=own["units"],
    )
    of_examples = _examples(known, lots, drawn)
    table = table.assign(
        **_beyond(gains, rows, drawn, of_examples, alpha), **_shares(gains, rows, drawn, of_examples, alpha)
    )
    shares = ["share", "share_low", "share_high"]
    table[shares] = table[shares].where(table["significant"].eq(True))
    return table[column_names(RANDOM_UPDATES)]


def _draws(runs: PairedRuns) -> list[Replicates]:
    """Gain of the draws of each source over base on one target, the mean over seeds of each."""
    is_random, found = runs.kinds == RANDOM, []
    for (source,), places in runs.by_source.items():
        rows = places[is_random[places]]
        variants = runs.pairs["variant"].to_numpy()[rows]
        names = list(dict.fromkeys(variants.tolist()))
        if names:
            values = np.stack([runs.changed[rows[variants == name]].mean(axis=0) for name in names])
            found.append(Replicates((source,), tuple(range(len(names))), runs.over_base(values), runs.step))
    return found


def _examples(runs: Sequence[PairedRuns], lots: Lots, drawn: Contrasts) -> Array:
    """Middle and variance over the examples of gain less random update: (2, rows)."""
    found = []
    by_target = {of.target: of for of in runs}
    for target, lot in lots.items():
        of = by_target[target]
        for one in lot:
            rows = of.by_source[one.keys]
            _, first = np.unique(of.seeds[rows], return_index=True)
            gain = of.over_base(of.original[rows[first]])
            found.append(over_examples(gain.mean(axis=0) - one.values.mean(axis=0), one.step))
    return np.array(found, dtype=float).reshape(len(drawn.table), 2).T


def _beyond(gains: Contrasts, rows: np.ndarray, drawn: Contrasts, of_examples: Array, alpha: float) -> dict[str, Array]:
    """What the adapter does beyond a random update: columns ``beyond``, with its interval and ``p``."""
    seeds, draws, nothing = gains.parts.between_seeds[rows], drawn.parts.between_seeds, np.zeros(len(rows))
    # Draws are a third part that varies, as prompts are elsewhere: each part has the quantile of its own.
    parts = VarianceParts(
        seeds,
        nothing,
        of_examples[1],
        gains.parts.seeds_df[rows],
        drawn.parts.examples_df,
        nothing,
        draws,
        drawn.parts.seeds_df,
    )
    known = parts.standard_error > 0
    limits = parts.interval_and_test(of_examples[0], alpha)
    found = {name: np.where(known, values, np.nan) for name, values in limits.items()}
    value = gains.table["value"].to_numpy(float)[rows] - drawn.table["value"].to_numpy(float)
    return {"beyond": value, "beyond_low": found["ci_low"], "beyond_high": found["ci_high"], "p": found["p"]}


def _shares(gains: Contrasts, rows: np.ndarray, drawn: Contrasts, of_examples: Array, alpha: float) -> dict[str, Array]:
    """Share of the gain, or harm, that a random update has as well."""
    gain, random = gains.table["value"].to_numpy(float)[rows], drawn.table["value"].to_numpy(float)
    examples = drawn.parts.examples, gains.parts.examples[rows]
    both = -covariance_by_sum(of_examples[1], *examples)  # of a difference
    parts = (
        RatioPart(examples[0], both, examples[1], drawn.parts.examples_df),
        RatioPart(0.0, 0.0, gains.parts.between_seeds[rows], gains.parts.seeds_df[rows]),
        RatioPart(drawn.parts.between_seeds, 0.0, 0.0, drawn.parts.seeds_df),
    )
    low, high = ratio_interval(drawn.middle, gains.middle[rows], parts, alpha)
    untold = ~(drawn.parts.standard_error > 0)
    low, high = (np.where(untold, np.nan, limits) for limits in (low, high))
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(np.isnan(low), np.nan, random / gain)
    return {"share": share, "share_low": low, "share_high": high}
