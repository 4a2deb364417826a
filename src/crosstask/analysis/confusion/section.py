"""Confusion of every closed cell."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from crosstask.analysis.confusion.columns import (
    CONFUSION_SCORES,
    HOMOGENEITY,
    PREDICTED_SHARES,
    TABLES,
)
from crosstask.analysis.confusion.counts import confusion_table
from crosstask.analysis.confusion.findings import homogeneity_line, ranking_line
from crosstask.analysis.confusion.homogeneity import homogeneity_tests
from crosstask.analysis.confusion.options import Options
from crosstask.analysis.confusion.rankings import ranked_differently
from crosstask.analysis.confusion.scores import SCORES, scores_of_runs
from crosstask.analysis.confusion.share_limits import (
    Sides,
    predicted_sides,
    sides_of_scores,
    with_score_sides,
    with_sides,
)
from crosstask.analysis.matrix.base_changes import beside_base, changes, levels, tested
from crosstask.analysis.matrix.closed_targets import ClosedTarget, closed_targets
from crosstask.analysis.matrix.crossed_parts import Estimates
from crosstask.analysis.matrix.row_keys import further_keys
from crosstask.analysis.matrix.task_order import is_home
from crosstask.analysis.schema import column_names
from crosstask.analysis.section import Findings, Table
from crosstask.analysis.transfer import Transfer
from crosstask.analysis.wording import counted

_RANKED = [SCORES.index("accuracy"), SCORES.index("macro_f1")]


@dataclass(frozen=True)
class Section:
    """Confusion matrices, scores that follow from them, and whether labels are predicted as often as by base."""

    options: Options
    title = "Confusion"
    method = (
        "Answers are paired with base's on the same test rows; Stuart and Maxwell's test of equal shares,"
        " corrected over all cells."
    )
    tables = TABLES
    figures = ()

    def __call__(self, transfer: Transfer) -> Findings:
        """Return the tables and findings; nothing where the answers are not known."""
        if transfer.behavior is None:
            return Findings()
        settings, alpha = tuple(further_keys(transfer.rows)), transfer.conventions.alpha
        names = transfer.order.targets(transfer.scores["target"].unique())
        found = _Collected(settings, alpha)
        for target in closed_targets(names, transfer.behavior):
            found.add(target)
        if not found.confusion:
            return Findings(notes=("confusion: no answers to a closed target are kept",))
        return found.findings(transfer)


@dataclass
class _Collected:
    """What is kept of targets that were gone through, whose answers are not."""

    settings: tuple[str, ...]
    alpha: float
    confusion: list[pd.DataFrame] = field(default_factory=list)
    scores: tuple[list[Estimates], list[Estimates]] = field(default_factory=lambda: ([], []))
    shares: tuple[list[Estimates], list[Estimates]] = field(default_factory=lambda: ([], []))
    ranked: list[Estimates] = field(default_factory=list)
    tests: list[pd.DataFrame] = field(default_factory=list)
    gold: dict[tuple[str, str], float] = field(default_factory=dict)
    sides: list[dict[str, Sides]] = field(default_factory=list)

    def add(self, target: ClosedTarget) -> None:
        """Take what is needed of one target."""
        self.confusion.append(confusion_table(target, self.settings, self.alpha))
        values, influence = scores_of_runs(target)
        self.scores[0].append(levels(target, SCORES, (values, influence)))
        self.scores[1].append(changes(target, SCORES, (values, influence)))
        self.ranked.append(levels(target, ("accuracy", "macro_f1"), (values[:, _RANKED], influence[:, :, _RANKED])))
        answered = (target.predicted[:, :, None] == np.arange(len(target.predictions))).astype(float)
        shares = answered.mean(axis=1)
        statistics = shares, answered - shares[:, None]
        self.shares[0].append(levels(target, target.predictions, statistics))
        self.shares[1].append(changes(target, target.predictions, statistics))
        gold = [*np.bincount(target.gold, minlength=len(target.labels)) / target.n, 0.0]
        self.gold |= {(target.name, label): share for label, share in zip(target.predictions, gold, strict=True)}
        self.tests.append(_tests(target, self.settings))
        self.sides.append(sides_of_scores(target, self.alpha) | {"predicted": predicted_sides(target, self.alpha)})

    def findings(self, transfer: Transfer) -> Findings:
        """Tables and lines."""
        scores = beside_base(*self.scores, self.settings, self.alpha, tests=False)
        scores = with_score_sides(scores, self.sides)
        shares = beside_base(*self.shares, self.settings, self.alpha)
        shares = with_sides(shares, pd.Series(True, shares.index), [of_target["predicted"] for of_target in self.sides])
        scores, shares = scores.rename(columns={"name": "measure"}), shares.rename(columns={"name": "predicted"})
        pairs = zip(shares["target"], shares["predicted"], strict=True)
        shares = shares.assign(gold_share=[self.gold[pair] for pair in pairs])
        scores, shares = (table.assign(home=is_home(table, transfer.order)) for table in (scores, shares))
        tests = _of_all_seeds(shares, pd.concat(self.tests, ignore_index=True), self.settings)
        tests = tested(tests, self.settings, self.alpha)
        rankings, looked_at = ranked_differently(self.ranked, self.settings, self.alpha)
        frames = (
            pd.concat(self.confusion, ignore_index=True),
            scores[[*column_names(CONFUSION_SCORES), *self.settings]],
            shares[[*column_names(PREDICTED_SHARES), *self.settings]],
            tests[[*column_names(HOMOGENEITY), *self.settings]],
            rankings,
        )
        notes = (
            () if len(tests) else ("confusion: no base model was scored on a closed target, so nothing is compared",)
        )
        return Findings(
            tables=tuple(Table(schema, frame) for schema, frame in zip(TABLES, frames, strict=True)),
            lines=(*homogeneity_line(tests, shares, self.alpha), *ranking_line(rankings, looked_at)),
            notes=(*notes, *self._notes(transfer)),
        )

    def _notes(self, transfer: Transfer) -> Sequence[str]:
        """How many targets there was nothing to say of."""
        without = transfer.scores["target"].nunique() - len(self.confusion)
        return (
            [f"confusion: {counted(without, 'target')} without classes, or without answers, left out"]
            if without
            else []
        )


def _tests(target: ClosedTarget, settings: Sequence[str]) -> pd.DataFrame:
    """The test of every run against its base model."""
    places, bases = target.against_base()
    statistic, df, p = homogeneity_tests(target.predicted[places], target.predicted[bases], len(target.predictions))
    keys = [(runs.source, seed, *runs.settings) for runs in target.tuned for seed in runs.seeds]
    frame = pd.DataFrame(keys, columns=["source", "seed", *settings]).astype({"seed": "Int64"})
    return frame.assign(target=target.name, statistic=statistic, df=df, p=p)


def _of_all_seeds(shares: pd.DataFrame, of_runs: pd.DataFrame, settings: Sequence[str]) -> pd.DataFrame:
    """One row per run and per mean over seeds: the label that changed most, and the test.

    Over several seeds every label is tested over examples and seeds; of m that anything is told of, the smallest p
    times m is the cell's (Bonferroni). Where nothing is, because all answers moved from one label to another, it is the
    largest p of the seeds, and 1 where none moved.
    """
    keys = ["source", "target", "seed", "seeds", "home", *settings]
    known = shares[shares["change"].notna()]
    groups = known.groupby(keys, dropna=False, sort=False)
    most = known.loc[known["change"].abs().groupby([known[key] for key in keys], dropna=False, sort=False).idxmax()]
    smallest = (groups["p"].min() * groups["p"].count()).clip(upper=1)
    cells = most[[*keys, "predicted", "change", "n"]].merge(smallest.rename("over_seeds").reset_index(), on=keys)
    cells = cells.merge(of_runs, on=["source", "target", "seed", *settings], how="left")
    largest = of_runs.groupby(["source", "target", *settings], sort=False)["p"].max().rename("of_seeds").reset_index()
    cells = cells.merge(largest, on=["source", "target", *settings], how="left")
    cells["over_seeds"] = cells["over_seeds"].fillna(cells["of_seeds"].where(cells["change"] != 0, 1.0))
    return cells.assign(p=cells["p"].where(cells["seeds"] == 1, cells["over_seeds"]), df=cells["df"].astype("Int64"))
