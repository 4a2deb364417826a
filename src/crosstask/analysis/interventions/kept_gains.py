"""What of a gain over base does a change leave? The table of intervention_gains.csv.

With y the gain of the run on the source as it is over the base model, and e what the change does to it, the changed
run keeps ::

    kept  =  (y + e) / y  =  1 + e / y

with Fieller's interval of e / y (`ratio_interval`). Their covariance follows, over test rows and between seeds, from
the variances of `contrasts`, with x = y + e the gain of the changed run, ::

    cov(e, y)  =  (var(x) - var(e) - var(y)) / 2

since two or three seeds tell nothing of a covariance by themselves, and over test rows it has to go with variances that
have one example more won and one more lost. Only gains that stand are asked about, since else there is nothing to keep.
That they were chosen makes them look a little larger than they are, and a change take a little more off them.
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
from crosstask.analysis.statistics.ratios import RatioPart, covariance_by_sum, ratio_interval
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


@dataclass(frozen=True)
class _Changes:
    """What changes leave of gains: contrasts with the same rows."""

    gain: Contrasts
    """Of the original, over the seeds of the changed run."""
    left: Contrasts
    """Of the changed run."""
    effect: Contrasts

    @classmethod
    def of(cls, runs: Sequence[PairedRuns]) -> "_Changes":
        """Estimate them."""
        return cls(
            _contrasts(runs, lambda of, rows: of.over_base(of.original[rows])),
            _contrasts(runs, lambda of, rows: of.over_base(of.changed[rows])),
            _contrasts(runs, lambda of, rows: of.effects[rows]),
        )

    def kept(self, alpha: float) -> dict[str, Array]:
        """Share of the gain that is left: columns ``kept``, ``kept_low`` and ``kept_high``."""
        of_effect, of_gain, of_left = self.effect.parts, self.gain.parts, self.left.parts
        examples = of_effect.examples, of_gain.examples
        between = of_effect.between_seeds, of_gain.between_seeds
        df = np.minimum(np.minimum(of_effect.seeds_df, of_gain.seeds_df), of_left.seeds_df)
        parts = (
            RatioPart(examples[0], covariance_by_sum(of_left.examples, *examples), examples[1], of_effect.examples_df),
            RatioPart(between[0], covariance_by_sum(of_left.between_seeds, *between), between[1], df),
        )
        low, high = ratio_interval(self.effect.middle, self.gain.middle, parts, alpha)
        untold = np.isnan(low) | ~(of_effect.standard_error > 0)
        effect, gain = (found.table["value"].to_numpy(float) for found in (self.effect, self.gain))
        with np.errstate(divide="ignore", invalid="ignore"):
            shares = {"kept": 1 + effect / gain, "kept_low": 1 + low, "kept_high": 1 + high}
        return {name: np.where(untold, np.nan, share) for name, share in shares.items()}

    def losses(self, alpha: float, margin: float) -> dict[str, Array]:
        """What is taken off the gain, and whether that is more than a margin: the columns from ``loss`` on."""
        low, high = self.effect.limits(alpha)
        within = self.effect.equivalence(margin)
        cases = [within <= alpha, -high > margin, low > margin]
        return {
            "loss": -self.effect.table["value"].to_numpy(float),
            "loss_low": -high,
            "loss_high": -low,
            "equivalence_p": within,
            "verdict": np.select(cases, [WITHIN, LARGER, GROWS], NOT_TOLD),
        }


def _contrasts(runs: Sequence[PairedRuns], values: _Values) -> Contrasts:
    """A number for each answer of every changed run, as contrasts of source and variant.

    Random updates are among them, so that effects have the intervals that interventions.csv gives them.
    """
    lots = {
        of.target: [
            Replicates(key, tuple(of.seeds[rows].tolist()), values(of, rows), of.step)
            for key, rows in of.by_variant.items()
        ]
        for of in runs
    }
    return contrasts(lots, ("source", "variant"))


def kept_gains(runs: Sequence[PairedRuns], order: TaskOrder, alpha: float, margin: float) -> pd.DataFrame:
    """Columns ``GAINS``: one row per variant and gain of its source that stands."""
    known = [of for of in runs if of.base is not None]
    if not known:
        return pd.DataFrame(columns=column_names(GAINS))
    found = _Changes.of(known)
    low, high = found.left.limits(alpha)
    kinds = pd.concat([of.pairs for of in known]).drop_duplicates("variant").set_index("variant")["kind"]
    table = found.effect.table[["source", "variant", "target", "n"]].assign(
        kind=found.effect.table["variant"].map(kinds),
        seeds=found.effect.table["units"],
        changed_gain=found.left.table["value"],
        changed_low=low,
        changed_high=high,
        **found.kept(alpha),
        **found.losses(alpha, margin),
    )
    table = table[table["kind"] != RANDOM]  # they change no property
    original, _ = original_gains(known, order, alpha)
    stands = original[original["significant"].eq(True) & (original["value"] > 0)]
    stands = stands.rename(columns={"value": "gain", "ci_low": "gain_low", "ci_high": "gain_high"})
    columns_of_gain = ["source", "target", "home", "gain", "gain_low", "gain_high"]
    table = table.merge(stands[columns_of_gain], "inner", ["source", "target"])
    return table[column_names(GAINS)].sort_values(["variant", "source"], kind="stable", ignore_index=True)
