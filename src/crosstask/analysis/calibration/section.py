"""Calibration of every closed cell whose labels were compared."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from crosstask.analysis.calibration.columns import CALIBRATION, TABLES
from crosstask.analysis.calibration.decomposition import DECOMPOSITION, decomposition
from crosstask.analysis.calibration.expected_error import expected_errors
from crosstask.analysis.calibration.findings import loss_line, slope_line
from crosstask.analysis.calibration.losses import LOSSES, log_softmax, losses
from crosstask.analysis.calibration.options import Options
from crosstask.analysis.calibration.recalibration import recalibration
from crosstask.analysis.matrix.base_changes import Statistics, beside_base, changes, levels, tested
from crosstask.analysis.matrix.closed_targets import ClosedTarget, closed_targets
from crosstask.analysis.matrix.crossed_parts import Estimates
from crosstask.analysis.matrix.row_keys import further_keys
from crosstask.analysis.matrix.task_order import is_home
from crosstask.analysis.schema import column_names
from crosstask.analysis.section import Findings, Table
from crosstask.analysis.statistics.inference import Inference
from crosstask.analysis.statistics.variance_parts import Array
from crosstask.analysis.transfer import Transfer
from crosstask.analysis.wording import counted

_OF_LABEL = "/"
"""Between a measure and the label that it is of, until the two are columns."""
_PER_BIN = 5
"""Fewest rows of a bin."""


@dataclass(frozen=True)
class Section:
    """Losses of the probabilities, how they would have to be recalibrated, reliability, resolution, expected error."""

    options: Options
    title = "Calibration"
    method = "Losses of label probabilities are paired with base's on the same test rows and corrected over all cells."
    tables = TABLES
    figures = ()

    def __call__(self, transfer: Transfer) -> Findings:
        """Return the table and findings; nothing where the answers are not known."""
        if transfer.behavior is None:
            return Findings()
        found = _Collected(self.options, tuple(further_keys(transfer.rows)), transfer.conventions.alpha)
        names, inference = transfer.order.targets(transfer.scores["target"].unique()), Inference()
        for target in closed_targets(names, transfer.behavior):
            values = target.behavior.log_probabilities
            if values is not None:
                chosen_by = target.behavior.decision
                logarithms = log_softmax(values if chosen_by is None else chosen_by)
                found.add(target, logarithms, inference.generator(f"calibration {target.name}"))
        if not found.targets:
            return Findings(notes=("calibration: no log-probabilities of labels of a closed target are kept",))
        table = found.table(transfer)
        without = transfer.scores["target"].nunique() - found.targets
        named = f"calibration: {counted(without, 'target')} without log-probabilities of labels, left out"
        return Findings(
            tables=(Table(TABLES[0], table),),
            lines=(*loss_line(table, found.alpha), *slope_line(table, found.settings)),
            notes=(named,) if without else (),
        )


@dataclass
class _Collected:
    """What is kept of targets that were gone through."""

    options: Options
    settings: tuple[str, ...]
    alpha: float
    targets: int = 0
    kinds: dict[str, tuple[list[Estimates], list[Estimates]]] = field(default_factory=dict)
    """By kind of statistic the estimates of each target, and their changes."""
    nulls: list[pd.DataFrame] = field(default_factory=list)

    def add(self, target: ClosedTarget, logarithms: Array, generator: np.random.Generator) -> None:
        """Take what is needed of one target."""
        self.targets += 1
        self._keep("losses", target, LOSSES, losses(logarithms, target.gold))
        names = ["slope", *(f"intercept{_OF_LABEL}{label}" for label in target.labels)]
        self._keep("recalibration", target, names, recalibration(logarithms, target.gold))
        known = ~np.isnan(logarithms).any(axis=(0, 2))
        probabilities, gold = np.exp(logarithms[:, known]), target.gold[known]
        if len(gold) < _PER_BIN * self.options.bins:
            return
        values, influence = decomposition(probabilities, gold, self.options.bins)
        of_all = np.zeros((len(values), target.n, 2))
        of_all[:, known] = influence * target.n / len(gold)
        self._keep("decomposition", target, DECOMPOSITION, (values, of_all))
        uniform = generator.random((self.options.redraws, len(gold)))
        errors, null = expected_errors(probabilities, gold, self.options.bins, uniform)
        nothing = np.full((len(errors), target.n, 1), np.nan)
        self._keep("ece", target, ("ece",), (errors[:, None], nothing))
        self.nulls.append(_nulls(target, null, self.settings, self.alpha))

    def _keep(self, kind: str, target: ClosedTarget, names: "tuple[str, ...] | list[str]", found: Statistics) -> None:
        """Variances between seeds are compared within a kind."""
        of_levels, of_changes = self.kinds.setdefault(kind, ([], []))
        of_levels.append(levels(target, names, found))
        of_changes.append(changes(target, names, found))

    def table(self, transfer: Transfer) -> pd.DataFrame:
        """Columns ``CALIBRATION`` and those of the settings."""
        frames = [
            beside_base(*estimates, self.settings, self.alpha, tests=kind == "losses")
            for kind, estimates in self.kinds.items()
        ]
        table = pd.concat(frames, ignore_index=True)
        parts = table["name"].str.partition(_OF_LABEL)
        table = table.assign(
            measure=parts[0], label=parts[2].where(parts[1] != ""), home=is_home(table, transfer.order)
        )
        keys = ["source", "target", "seed", "seeds", "measure", *self.settings]
        if self.nulls:
            table = table.merge(pd.concat(self.nulls, ignore_index=True), on=keys, how="left")
        else:
            table = table.assign(null_mean=np.nan, null_high=np.nan)
        table = tested(table, self.settings, self.alpha)
        order = {name: place for place, name in enumerate(transfer.order.targets(table["target"].unique()))}
        table = table.iloc[np.argsort(table["target"].map(order), kind="stable")].reset_index(drop=True)
        return table[[*column_names(CALIBRATION), *self.settings]]


def _nulls(target: ClosedTarget, null: Array, settings: tuple[str, ...], alpha: float) -> pd.DataFrame:
    """Mean and quantile of the null of every run's error; of a mean over seeds its mean."""
    rows = []
    for runs in target.runs:
        of_runs = null[list(runs.places)]
        for seed, draws in zip(runs.seeds, of_runs, strict=True):
            rows.append((runs.source, seed, 1, draws.mean(), np.quantile(draws, 1 - alpha), *runs.settings))
        if len(runs.seeds) > 1:
            rows.append((runs.source, None, len(runs.seeds), of_runs.mean(), np.nan, *runs.settings))
    columns = ["source", "seed", "seeds", "null_mean", "null_high", *settings]
    frame = pd.DataFrame(rows, columns=columns).astype({"seed": "Int64", "seeds": "Int64"})
    return frame.assign(target=target.name, measure="ece")
