"""Does the score change with the dose? Linear contrasts over the doses of a kind: the table intervention_doses.csv.

With doses x[k] and the effects d[k] of a source, seed and example, and the run on the source as it is among them with
its own dose and an effect of 0, ::

    slope  =  sum over k of (x[k] - x) d[k]  /  sum over k of (x[k] - x)^2

x being their mean: the change of the score from a share of 0 to one of 1, if it is linear in it. Runs of the same seed
make one slope, so that what they share is taken off.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from crosstask.analysis.interventions.columns import DOSES
from crosstask.analysis.interventions.contrasts import Replicates, contrasts
from crosstask.analysis.interventions.families import corrected, families
from crosstask.analysis.interventions.over_sources import cells_of, means
from crosstask.analysis.interventions.paired_runs import PairedRuns
from crosstask.analysis.matrix.task_order import TaskOrder, is_home
from crosstask.analysis.schema import column_names

ORIGINAL = {"share_wrong": 0.0, "fewer_rows": 1.0}
"""Kind -> dose of the source as it is."""
_FULL = {"wrong_labels": ("share_wrong", 1.0)}
"""Kinds that are another at a dose of their own."""
FEWEST = 2
"""Doses besides that of the original which make a slope."""


def doses(runs: Sequence[PairedRuns], order: TaskOrder, alpha: float, margin: float) -> pd.DataFrame:
    """Columns ``DOSES``: of every source and target, and means over sources and over targets."""
    found = [(of.target, *_slopes(of)) for of in runs]
    lots = {target: lot for target, lot, _ in found if lot}
    if not lots:
        return pd.DataFrame(columns=column_names(DOSES))
    names = ("source", "kind")
    single = contrasts(lots, names)
    table = single.table.assign(**single.intervals(alpha)).rename(columns={"value": "slope", "units": "seeds"})
    shown = {(target, *keys): text for target, _, texts in found for keys, text in texts.items()}
    keys = zip(table["target"], table["source"], table["kind"], strict=True)
    table = table.assign(doses=[shown[key] for key in keys], home=is_home(table, order))
    over = means(cells_of(lots, single, order), alpha, margin).rename(columns={"name": "kind", "value": "slope"})
    alone = over["source"].notna()
    for name in ("ci_low", "ci_high", "p"):  # of one source over its targets, which is no sample of sources
        over[name] = over[name].astype(float).where(~alone, over[f"these_{name.removeprefix('ci_')}"])
    parts = [part for part in (table, over) if len(part)]
    both = pd.concat(parts, ignore_index=True)
    whole = both["source"].isna().astype(str) + both["target"].isna().astype(str)
    both = corrected(both, families(both.assign(whole=whole), "whole"), alpha)
    types = {"seeds": "Int64", "sources": "Int64", "n": "Int64"}
    return both.reindex(columns=column_names(DOSES)).astype(types)


def _slopes(runs: PairedRuns) -> tuple[list[Replicates], dict[tuple[str, str], str]]:
    """Slopes on one target by source and kind, and the doses of each in words."""
    values, seeds, found, texts = runs.effects, runs.seeds, [], {}
    for (source, kind), places in _by_dose(runs.pairs).items():
        # A dose of a few seeds only would be compared with others of other seeds.
        units = sorted(set.intersection(*({*seeds[rows].tolist()} for rows in places.values())))
        if len(places) < FEWEST or not units:
            continue
        x = np.array([ORIGINAL[kind], *places])
        weights = (x - x.mean()) / ((x - x.mean()) ** 2).sum()
        of_seeds = [
            sum(
                weight * values[rows[seeds[rows] == unit]].mean(axis=0)
                for weight, rows in zip(weights[1:], places.values(), strict=True)
            )
            for unit in units
        ]
        step = runs.step * float(np.abs(weights).max())
        found.append(Replicates((source, kind), tuple(units), np.stack(of_seeds), step))
        texts[source, kind] = ", ".join(f"{dose:g}" for dose in sorted(x.tolist()))
    return found, texts


def _by_dose(pairs: pd.DataFrame) -> dict[tuple[str, str], dict[float, np.ndarray]]:
    """Places of the pairs of each source and dosed kind, by dose; that of the original is none of them."""
    named = list(zip(pairs["source"], pairs["kind"], pairs["dose"], strict=True))
    found: dict[tuple[str, str], dict[float, list[int]]] = {}
    for place, (source, kind, dose) in enumerate(named):
        dosed, at = _FULL.get(kind, (kind, dose))
        is_again = dosed != kind and (source, dosed, at) in named
        if dosed in ORIGINAL and at != ORIGINAL[dosed] and not is_again:
            found.setdefault((source, dosed), {}).setdefault(float(at), []).append(place)
    return {key: {dose: np.array(rows) for dose, rows in sorted(by.items())} for key, by in found.items()}
