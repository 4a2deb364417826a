"""What each change does on each target, beside the placebo: the table of interventions.csv.

For source, variant, target and seed the effect is the score of the changed run less that of the run on the source as it
is, example by example. The placebo is the effect of other rows of the same data set, the mean of its draws. Both hold
the same original, so the effect less the placebo is that of two runs of the same seed ::

    effect - placebo  =  changed run - run on other rows

An effect exceeds its placebo where it is shown to be farther from 0 on its side: where effect - placebo and effect +
placebo both are beyond 0 there, each by its own interval (an intersection-union test, so the level is that of each;
Berger 1982, doi:10.1080/00401706.1982.10487790).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crosstask.analysis.interventions.columns import EFFECTS
from crosstask.analysis.interventions.contrasts import Contrasts, Lots, Replicates, contrasts
from crosstask.analysis.interventions.families import corrected, families
from crosstask.analysis.interventions.kinds import PLACEBO
from crosstask.analysis.interventions.paired_runs import PairedRuns
from crosstask.analysis.matrix.base_changes import of_cells
from crosstask.analysis.matrix.task_order import TaskOrder, is_home
from crosstask.analysis.schema import column_names

NAMES = ("source", "variant")


@dataclass(frozen=True)
class Effects:
    """What every change does."""

    table: pd.DataFrame
    """Columns ``EFFECTS``."""
    lots: Lots
    """By source and variant."""
    cells: Contrasts
    """Their means over seeds."""


def effects(runs: Sequence[PairedRuns], order: TaskOrder, alpha: float, margin: float) -> Effects:
    """Estimate the effect of every change on every target.

    Parameters
    ----------
    runs : sequence of PairedRuns
        One for each target.
    order : TaskOrder
        Says which target is the own task of which source.
    alpha : float
        1 minus the level of the intervals.
    margin : float
        Largest effect that counts as none.
    """
    lots = {of.target: _effects_of(of) for of in runs}
    found = contrasts(lots, NAMES, each=True)
    table = found.table.assign(**found.intervals(alpha), equivalence_p=found.equivalence(margin))
    table = table.rename(columns={"value": "effect", "unit": "seed", "units": "seeds"})
    kinds = pd.concat([of.pairs for of in runs]).drop_duplicates("variant").set_index("variant")
    table = table.assign(
        kind=table["variant"].map(kinds["kind"]),
        dose=table["variant"].map(kinds["dose"]).astype(float),
        home=is_home(table, order),
    )
    table["seed"] = table["seed"].mask(table["seed"] < 0)
    whole = of_cells(table, ["variant"])
    table = _beside_placebo(table, runs, alpha, whole)
    table = corrected(table, families(table), alpha, whole)
    return Effects(table[column_names(EFFECTS)], lots, contrasts(lots, NAMES))


def _effects_of(runs: PairedRuns) -> list[Replicates]:
    """The effects on one target."""
    values = runs.effects
    return [
        Replicates(key, tuple(runs.seeds[places].tolist()), values[places], runs.step)
        for key, places in runs.by_variant.items()
    ]


def _beside_placebo(table: pd.DataFrame, runs: Sequence[PairedRuns], alpha: float, whole: pd.Series) -> pd.DataFrame:
    """Add the placebo of the same source and target, and whether the effect exceeds it; NaN where there is none."""
    placebos = {of.target: placebo_of(of) for of in runs}
    known = contrasts({name: list(found.values()) for name, found in placebos.items()}, ("source",))
    table = _with(table, known, "placebo", alpha)
    for name, sign in (("difference", -1), ("sum", 1)):
        lots = {of.target: _with_placebo(of, placebos[of.target], sign) for of in runs}
        table = _with(table, contrasts(lots, NAMES), name, alpha)
    above = (table["effect"] > 0) & (table["difference_low"] > 0) & (table["sum_low"] > 0)
    below = (table["effect"] < 0) & (table["difference_high"] < 0) & (table["sum_high"] < 0)
    untold = table["difference_low"].isna() | ~whole
    columns = [f"{name}{end}" for name in ("placebo", "difference") for end in ("", "_low", "_high")]
    hidden = (table["kind"] == PLACEBO) | ~whole
    table[columns] = table[columns].mask(hidden)
    return table.assign(exceeds_placebo=(above | below).astype("boolean").mask(untold | hidden))


def _with(table: pd.DataFrame, found: Contrasts, name: str, alpha: float) -> pd.DataFrame:
    """Add an estimate and its limits to the rows of its source, target and variant, where it has one."""
    keys = [key for key in (*NAMES, "target") if key in found.table]
    low, high = found.limits(alpha)
    columns = {name: found.table["value"], f"{name}_low": low, f"{name}_high": high}
    return table.merge(found.table[keys].assign(**columns), "left", keys).set_axis(table.index)


def placebo_of(runs: PairedRuns) -> dict[str, Replicates]:
    """The effect of other rows on one target, by source: of each seed the mean over the draws of rows."""
    is_placebo = runs.kinds == PLACEBO
    values, found = runs.effects, {}
    for (source,), places in runs.by_source.items():
        rows = places[is_placebo[places]]
        seeds = runs.seeds[rows]
        units = tuple(dict.fromkeys(seeds.tolist()))
        if units:
            means = np.stack([values[rows[seeds == seed]].mean(axis=0) for seed in units])
            found[source] = Replicates((source,), units, means, runs.step)
    return found


def _with_placebo(runs: PairedRuns, placebos: dict[str, Replicates], sign: int) -> list[Replicates]:
    """Effects with their placebo added or taken off, of the seeds that have both."""
    values, found = runs.effects, []
    for (source, variant), places in runs.by_variant.items():
        placebo = placebos.get(source)
        if placebo is None or runs.kinds[places[0]] == PLACEBO:
            continue
        of_seed = dict(zip(placebo.units, placebo.values, strict=True))
        both = [
            (seed, place) for seed, place in zip(runs.seeds[places].tolist(), places, strict=True) if seed in of_seed
        ]
        if both:
            changed = np.stack([values[place] + sign * of_seed[seed] for seed, place in both])
            # The answer of the original counts twice where both effects are added.
            step = runs.step * max(1, 1 + sign)
            found.append(Replicates((source, variant), tuple(seed for seed, _ in both), changed, step))
    return found
