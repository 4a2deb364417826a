"""What of a gain over base does a change leave? The table of intervention_gains.csv.

With y the gain of the run on the source as it is over the base model, and e what the change does to it, the changed
run keeps ::

    kept  =  (y + e) / y  =  1 + e / y

with Fieller's interval of e / y (`ratio_interval`). Over the test rows e and y have the variances of `contrasts` and
the covariance of the answers; between seeds, with x = y + e the gain of the changed run and moderated variances, ::

    cov(e, y)  =  (var(x) - var(e) - var(y)) / 2

since two or three seeds tell nothing of a covariance by themselves. Only gains that stand are asked about, since else
there is nothing to keep. That they were chosen makes them look a little larger than they are, and a change take a
little more off them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crosstask.analysis.interventions.columns import GAINS, GROWS, LARGER, NOT_TOLD, WITHIN
from crosstask.analysis.interventions.contrasts import Contrasts, Replicates, contrasts
from crosstask.analysis.interventions.families import corrected
from crosstask.analysis.interventions.kinds import RANDOM
from crosstask.analysis.interventions.paired_runs import PairedRuns
from crosstask.analysis.matrix.task_order import TaskOrder, is_home
from crosstask.analysis.schema import column_names
from crosstask.analysis.statistics.ratios import RatioPart, ratio_interval
from crosstask.analysis.statistics.variance_parts import Array

_Values = Callable[[PairedRuns, NDArray[np.intp]], Array]


def original_gains(runs: Sequence[PairedRuns], order: TaskOrder, alpha: float) -> tuple[pd.DataFrame, Contrasts]:
    """Gains over base of the runs on sources as they are: ``source``, ``target``, ``home``, ``value``, ``ci_low``,
    ``ci_high``, ``p``, ``q`` and ``significant``; those on a source's own task are a family of their own.
    """
    lots = {of.target: _originals(of) for of in runs if of.base is not None}
    found = contrasts(lots, ("source",))
    table = found.table.assign(**found.intervals(alpha))
    table = table.assign(home=is_home(table, order))
    return corrected(table, table["home"].astype(str), alpha), found


def _originals(runs: PairedRuns) -> list[Replicates]:
    """Gain of each source over base on one target."""
    found = []
    for (source,), places in runs.by_source.items():
        units, first = np.unique(runs.seeds[places], return_index=True)
        values = runs.over_base(runs.original[places[first]])
        found.append(Replicates((source,), tuple(units.tolist()), values, runs.step))
    return found


def covariance_over_examples(first: Array, second: Array) -> float:
    """Covariance of two means over replicates, (replicates, n), over the same examples; NaN from a single example."""
    one, other = first.mean(axis=0), second.mean(axis=0)
    n = one.size
    return float((one - one.mean()) @ (other - other.mean())) / (n * (n - 1)) if n > 1 else np.nan


@dataclass(frozen=True)
class _Changes:
    """What changes leave of gains: contrasts with the same rows."""

    gain: Contrasts
    """Of the original, over the seeds of the changed run."""
    left: Contrasts
    """Of the changed run."""
    effect: Contrasts
    covariance: Array
    """Of effect and gain, over the examples."""

    def kept(self, alpha: float) -> tuple[Array, Array, Array]:
        """Share of the gain that is left, and the limits of its interval."""
        of_effect, of_gain, of_left = self.effect.parts, self.gain.parts, self.left.parts
        between = of_effect.between_seeds, of_gain.between_seeds
        most = np.sqrt(between[0] * between[1])
        both = np.clip((of_left.between_seeds - between[0] - between[1]) / 2, -most, most)
        df = np.minimum(np.minimum(of_effect.seeds_df, of_gain.seeds_df), of_left.seeds_df)
        parts = (
            RatioPart(of_effect.examples, self.covariance, of_gain.examples, of_effect.examples_df),
            RatioPart(between[0], both, between[1], df),
        )
        effect, gain = (found.table["value"].to_numpy(float) for found in (self.effect, self.gain))
        low, high = ratio_interval(effect, gain, parts, alpha)
        untold = ~(of_effect.standard_error > 0)
        low, high = (np.where(untold, np.nan, limits) for limits in (low, high))
        with np.errstate(divide="ignore", invalid="ignore"):
            share = 1 + effect / gain
        return np.where(np.isnan(low), np.nan, share), 1 + low, 1 + high


def kept_gains(runs: Sequence[PairedRuns], order: TaskOrder, alpha: float, margin: float) -> pd.DataFrame:
    """Columns ``GAINS``: one row per variant and gain of its source that stands."""
    known = [of for of in runs if of.base is not None]
    if not known:
        return pd.DataFrame(columns=column_names(GAINS))
    original, _ = original_gains(known, order, alpha)
    names = ("source", "variant")
    columns: list[_Values] = [
        lambda of, rows: of.over_base(of.original[rows]),
        lambda of, rows: of.over_base(of.changed[rows]),
        lambda of, rows: of.effects[rows],
    ]
    lots = [
        {
            of.target: [
                Replicates(key, tuple(of.seeds[rows].tolist()), values(of, rows), of.step)
                for key, rows in of.by_variant.items()
                if of.kinds[rows[0]] != RANDOM
            ]
            for of in known
        }
        for values in columns
    ]
    gain, left, effect = (contrasts(lot, names) for lot in lots)
    pairs = (
        (of_effect, of_gain)
        for name in lots[0]
        for of_effect, of_gain in zip(lots[2][name], lots[0][name], strict=True)
    )
    covariance = np.array([covariance_over_examples(one.values, other.values) for one, other in pairs])
    share, low, high = _Changes(gain, left, effect, covariance).kept(alpha)
    (low_effect, high_effect), of_left = effect.limits(alpha), left.limits(alpha)
    within = effect.equivalence(margin)
    table = effect.table[[*names, "target", "n"]].assign(
        seeds=effect.table["units"],
        changed_gain=left.table["value"],
        changed_low=of_left[0],
        changed_high=of_left[1],
        kept=share,
        kept_low=low,
        kept_high=high,
        loss=-effect.table["value"],
        loss_low=-high_effect,
        loss_high=-low_effect,
        equivalence_p=within,
        verdict=np.select(
            [within <= alpha, -high_effect > margin, low_effect > margin], [WITHIN, LARGER, GROWS], NOT_TOLD
        ),
    )
    stands = original[original["significant"].eq(True) & (original["value"] > 0)]
    stands = stands.rename(columns={"value": "gain", "ci_low": "gain_low", "ci_high": "gain_high"})
    kinds = pd.concat([of.pairs for of in known]).drop_duplicates("variant").set_index("variant")["kind"]
    table = table.assign(kind=table["variant"].map(kinds))
    columns_of_gain = ["source", "target", "home", "gain", "gain_low", "gain_high"]
    table = table.merge(stands[columns_of_gain], "inner", ["source", "target"])
    return table[column_names(GAINS)].sort_values(["variant", "source"], kind="stable", ignore_index=True)
