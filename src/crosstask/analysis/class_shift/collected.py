"""What is taken of each target, and the tables that are made of it once all were gone through."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from crosstask.analysis.class_shift.class_shares import black_box_shares, expectation_maximization, identified
from crosstask.analysis.class_shift.columns import CLASS_SHARES, CLASS_SHIFT, CLASS_SHIFT_CELLS
from crosstask.analysis.class_shift.intercepts import intercept_shifts, rescaled_shifts
from crosstask.analysis.class_shift.options import Options
from crosstask.analysis.class_shift.prior_correction import PARTS, corrected_gains
from crosstask.analysis.class_shift.total_variation import total_variations
from crosstask.analysis.matrix.base_changes import tested
from crosstask.analysis.matrix.closed_targets import ClosedTarget
from crosstask.analysis.matrix.crossed_estimates import crossed_table
from crosstask.analysis.matrix.crossed_parts import Estimates
from crosstask.analysis.matrix.task_order import TaskOrder, is_home
from crosstask.analysis.schema import column_names

_KEYS = ["source", "target", "seed", "seeds"]


@dataclass
class Collected:
    """Targets gone through so far."""

    options: Options
    settings: tuple[str, ...]
    alpha: float
    targets: list[str] = field(default_factory=list)
    shifts: list[Estimates] = field(default_factory=list)
    rescaled: list[Estimates] = field(default_factory=list)
    gains: list[Estimates] = field(default_factory=list)
    rescaled_gains: list[Estimates] = field(default_factory=list)
    factors: list[pd.DataFrame] = field(default_factory=list)
    bbse: list[Estimates] = field(default_factory=list)
    distances: list[pd.DataFrame] = field(default_factory=list)
    shares: list[pd.DataFrame] = field(default_factory=list)
    gold: list[pd.DataFrame] = field(default_factory=list)
    single: list[str] = field(default_factory=list)
    """Targets with log-probabilities and a label that is right for a single test row."""

    def add(self, target: ClosedTarget, generator: np.random.Generator) -> None:
        """Take what is needed of one target that has a base model."""
        self.targets.append(target.name)
        gold = np.bincount(target.gold, minlength=len(target.labels)) / target.n
        self.gold.append(pd.DataFrame({"target": target.name, "label": target.labels, "gold_share": gold}))
        values, decision = target.behavior.log_probabilities, target.behavior.decision
        if values is not None:
            self._add_shifts(target, values, values if decision is None else decision)
            self.single += [target.name] if (np.bincount(target.gold) == 1).any() else []
        rows = _rows(target, self.settings)
        columns = ["total_variation", "null_mean", "null_high"]
        found = total_variations(target, self.options.swaps, self.alpha, generator)
        self.distances.append(rows.assign(**dict(zip(columns, found.T, strict=True)), n=target.n))
        self._add_shares(target, rows)

    def _add_shifts(self, target: ClosedTarget, values: np.ndarray, chosen_by: np.ndarray) -> None:
        """Shifts, and gains with those of the values that labels were chosen by taken off."""
        self.shifts.append(intercept_shifts(target, values))
        rescaled, factor = rescaled_shifts(target, values)
        self.rescaled.append(rescaled)
        self.factors.append(_rows(target, self.settings).assign(sharpness=_with_means(target, factor)))
        self.gains.append(corrected_gains(target, chosen_by, intercept_shifts(target, chosen_by)))
        self.rescaled_gains.append(corrected_gains(target, chosen_by, rescaled_shifts(target, chosen_by)[0]))

    def _add_shares(self, target: ClosedTarget, rows: pd.DataFrame) -> None:
        """Class shares, where base's answers can tell them."""
        lots, labels = len(rows), len(target.labels)
        bases = {runs.base for runs in target.tuned if runs.base is not None}
        told = [identified(target, base, self.options.condition, self.options.fewest) for base in sorted(bases)]
        worst = max(told, key=lambda of_base: (bool(of_base.reason), of_base.condition))
        table = rows.loc[rows.index.repeat(labels)].assign(
            label=list(target.labels) * lots,
            identified=not worst.reason,
            reason=worst.reason or None,
            condition=worst.condition,
            saerens=np.nan,
            base_saerens=np.nan,
            n=target.n,
        )
        values = target.behavior.log_probabilities
        if not worst.reason:
            self.bbse.append(black_box_shares(target))
            if values is not None:
                own, of_base = _saerens(target, _softmax(values.astype(float)))
                table = table.assign(saerens=own.ravel(), base_saerens=of_base.ravel())
        self.shares.append(table)

    def shift_table(self, order: TaskOrder, train_shares: Mapping[str, Mapping[str, float]]) -> pd.DataFrame:
        """Columns ``CLASS_SHIFT`` and those of the settings."""
        table, rescaled = (crossed_table(found, self.settings, self.alpha) for found in (self.shifts, self.rescaled))
        keys = [*_KEYS, "name", *self.settings]
        named = {name: f"rescaled_{name}" for name in ("value", "ci_low", "ci_high", "p")}
        named |= {"ci_low": "rescaled_low", "ci_high": "rescaled_high", "value": "rescaled"}
        table = table.merge(rescaled.drop(columns="n").rename(columns=named), on=keys, how="left")
        table = self._finished(table.rename(columns={"name": "label"}), order)
        pairs = zip(table["source"], table["label"], strict=True)
        shares = [train_shares.get(source, {}).get(label, np.nan) for source, label in pairs]
        return table.assign(train_share=shares)[[*column_names(CLASS_SHIFT), *self.settings]]

    def cell_table(self, shifts: pd.DataFrame, order: TaskOrder) -> pd.DataFrame:
        """Columns ``CLASS_SHIFT_CELLS`` and those of the settings."""
        keys = [*_KEYS, *self.settings]
        table = pd.concat(self.distances, ignore_index=True)
        table = table.merge(_largest(shifts, keys), on=keys, how="left")
        gains = crossed_table(self.gains, self.settings, self.alpha, tests=False)
        rescaled = crossed_table(self.rescaled_gains, self.settings, self.alpha, tests=False)
        remaining = rescaled[rescaled["name"] == "remaining"].assign(name="rescaled_remaining")
        for name, of_part in pd.concat([gains, remaining]).groupby("name", sort=False):
            named = {"value": name, "ci_low": f"{name}_low", "ci_high": f"{name}_high"}
            table = table.merge(of_part[[*keys, *named]].rename(columns=named), on=keys, how="left")
        for name in (*PARTS, "rescaled_remaining"):  # where no target has them
            table = table.assign(**{each: np.nan for each in _limits(name) if each not in table})
        factors = pd.concat(self.factors) if self.factors else table[keys].assign(sharpness=np.nan)
        table = table.merge(factors, on=keys, how="left")
        table = table.assign(home=is_home(table, order))
        rescaled = tested(table.assign(p=table["rescaled_p"]), self.settings, self.alpha)
        table = tested(table, self.settings, self.alpha).assign(rescaled_q=rescaled["q"])
        return table[[*column_names(CLASS_SHIFT_CELLS), *self.settings]].astype({"n": "Int64"})

    def share_table(self, order: TaskOrder) -> pd.DataFrame:
        """Columns ``CLASS_SHARES`` and those of the settings."""
        found = crossed_table(self.bbse, self.settings, self.alpha, tests=False)
        found = found.rename(columns={"name": "label", "value": "bbse", "ci_low": "bbse_low", "ci_high": "bbse_high"})
        keys = [*_KEYS, "label", *self.settings]
        limits = ["bbse", "bbse_low", "bbse_high"]
        found[limits] = found[limits].astype(float).clip(0, 1)
        table = pd.concat(self.shares, ignore_index=True)
        table = table.merge(found[[*keys, *limits]].astype({"seed": "Int64", "seeds": "Int64"}), on=keys, how="left")
        return self._finished(table, order)[[*column_names(CLASS_SHARES), *self.settings]].astype({"n": "Int64"})

    def _finished(self, table: pd.DataFrame, order: TaskOrder) -> pd.DataFrame:
        """With gold shares and whether cells are at home."""
        table = table.merge(pd.concat(self.gold, ignore_index=True), on=["target", "label"], how="left")
        return table.assign(home=is_home(table, order))


def _rows(target: ClosedTarget, settings: Sequence[str]) -> pd.DataFrame:
    """Source, seed and settings of every run that has a base model, and after those of a source of their mean."""
    rows = []
    for runs in target.tuned:
        rows += [(runs.source, target.name, seed, 1, *runs.settings) for seed in runs.seeds]
        rows += [(runs.source, target.name, None, len(runs.seeds), *runs.settings)] if len(runs.seeds) > 1 else []
    return pd.DataFrame(rows, columns=[*_KEYS, *settings]).astype({"seed": "Int64", "seeds": "Int64"})


def _limits(name: str) -> list[str]:
    """A statistic and the limits of its interval."""
    return [name, f"{name}_low", f"{name}_high"]


def _with_means(target: ClosedTarget, of_runs: np.ndarray) -> np.ndarray:
    """What runs that have a base model have, for each row of `_rows`: after those of a source their mean."""
    ends = np.cumsum([len(runs.places) for runs in target.tuned])
    lots = np.split(of_runs, ends[:-1])
    return np.concatenate([[*lot, *([lot.mean()] if len(lot) > 1 else [])] for lot in lots])


def _saerens(target: ClosedTarget, probabilities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Saerens' shares of each row of `_rows`, and of its base; those of a mean over seeds are the mean."""
    gold = np.bincount(target.gold, minlength=len(target.labels)) / target.n
    shares = expectation_maximization(probabilities, gold)
    own, of_base = [], []
    for runs in target.tuned:
        of_runs = shares[list(runs.places)]
        lots = [*of_runs, *([of_runs.mean(axis=0)] if len(of_runs) > 1 else [])]
        own += lots
        of_base += [shares[runs.base]] * len(lots)
    return np.array(own), np.array(of_base)


def _softmax(values: np.ndarray) -> np.ndarray:
    """Probabilities of the labels, renormalized over these."""
    found = np.exp(values - values.max(axis=2, keepdims=True))
    probabilities: np.ndarray = found / found.sum(axis=2, keepdims=True)
    return probabilities


def _largest(shifts: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """The label of each row with the largest shift, and the tests of all its labels: Bonferroni's.

    Two labels are one test: their shifts are each other's negative.
    """
    known = shifts[shifts["value"].notna()]
    of_row = [known[key] for key in keys]
    most = known.loc[known["value"].abs().groupby(of_row, dropna=False, sort=False).idxmax()]
    groups = known.groupby(list(keys), dropna=False, sort=False)
    tests = {}
    for name in ("p", "rescaled_p"):
        count = groups[name].count()
        tests[name] = (groups[name].min() * count.where(count > 2, 1)).clip(upper=1)
    found = most[[*keys, "label", "value"]].rename(columns={"value": "shift"})
    return found.merge(pd.DataFrame(tests).reset_index(), on=list(keys), how="left")
