"""Class shifts of every closed cell."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from crosstask.analysis.class_shift.carry_over import carry_over
from crosstask.analysis.class_shift.collected import Collected
from crosstask.analysis.class_shift.columns import CARRY_OVER, TABLES
from crosstask.analysis.class_shift.findings import carry_over_line, gain_line, shift_line
from crosstask.analysis.class_shift.options import Options
from crosstask.analysis.class_shift.training_shares import training_shares
from crosstask.analysis.figures import ShareMap
from crosstask.analysis.matrix.base_changes import of_cells
from crosstask.analysis.matrix.closed_targets import closed_targets
from crosstask.analysis.matrix.row_keys import further_keys
from crosstask.analysis.schema import column_names
from crosstask.analysis.section import Findings, Table
from crosstask.analysis.statistics.inference import Inference
from crosstask.analysis.statistics.multiple_testing import with_discoveries
from crosstask.analysis.transfer import Transfer
from crosstask.analysis.wording import counted


@dataclass(frozen=True)
class Section:
    """Shift of class intercepts, distance of predicted shares, carry-over from training shares, what gains are left."""

    options: Options
    title = "Class shift"
    method = (
        "Log-probabilities of labels are paired with base's within each right label; shifts are tested and"
        " corrected over all cells."
    )
    tables = TABLES
    figures = ("class_shift",)

    def __call__(self, transfer: Transfer) -> Findings:
        """Return the tables, the heat map and findings; nothing where the answers are not known."""
        if transfer.behavior is None:
            return Findings()
        alpha, inference = transfer.conventions.alpha, Inference()
        found = Collected(self.options, tuple(further_keys(transfer.rows)), alpha)
        names = transfer.order.targets(transfer.scores["target"].unique())
        for target in closed_targets(names, transfer.behavior):
            if target.tuned:
                found.add(target, inference.generator(f"class_shift {target.name}"))
        if not found.targets:
            return Findings(notes=("class_shift: no answers of base and an adapter to a closed target are kept",))
        shares = training_shares(None if transfer.data_sets is None else transfer.data_sets.profiles)
        shifts = found.shift_table(transfer.order, shares)
        cells = found.cell_table(shifts, transfer.order)
        carried = self._carry_over(shifts, shares, alpha, inference.generator("carry_over"))
        frames = (shifts, cells, carried, found.share_table(transfer.order))
        line = shift_line(cells, shifts, alpha)
        return Findings(
            tables=tuple(Table(schema, frame) for schema, frame in zip(TABLES, frames, strict=True)),
            figures=(_map(transfer, cells, found.settings),),
            lines=(*line, *gain_line(cells, found.settings), *carry_over_line(carried, alpha)),
            notes=_notes(found, frames[3], bool(shares)),
        )

    def _carry_over(
        self,
        shifts: pd.DataFrame,
        shares: Mapping[str, Mapping[str, float]],
        alpha: float,
        generator: np.random.Generator,
    ) -> pd.DataFrame:
        """Columns ``CARRY_OVER``: all targets, and each for itself; shifts are means over seeds and settings."""
        away = shifts[~shifts["home"] & (shifts["seeds"] == 1)]
        means = away.groupby(["source", "target", "label"], sort=False)["value"].mean().reset_index()
        lots = [("", means), *means.groupby("target", sort=False)]
        rows = [
            {"target": name, **asdict(carry_over(table, shares, alpha, self.options.relabelings, generator))}
            for name, table in lots
        ]
        table = pd.DataFrame(rows).replace({"target": {"": None}})
        table = table[(table["cells"] > 0) | table["target"].isna()].reset_index(drop=True)
        # The question is about all targets; one by one they are a family of their own.
        table = with_discoveries(table, table["target"].isna(), alpha)
        table.loc[table["target"].isna(), "q"] = np.nan
        table["significant"] = table["significant"].mask(
            table["target"].isna(), (table["p"] <= alpha).astype("boolean")
        )
        return table.assign(significant=table["significant"].mask(table["p"].isna()))[column_names(CARRY_OVER)]


def _map(transfer: Transfer, cells: pd.DataFrame, settings: tuple[str, ...]) -> ShareMap:
    """Distance of predicted shares beyond that of the null, mean over seeds."""
    of_cell = cells[of_cells(cells, settings)]
    beyond = of_cell.assign(beyond=(of_cell["total_variation"] - of_cell["null_mean"]).clip(lower=0))
    means = beyond.groupby(["source", "target"])["beyond"].mean().unstack("target")
    return ShareMap(
        name="class_shift",
        title="How far the labels that adapters predict are from those that base predicts",
        subtitle=transfer.caption,
        shares=means.reindex(
            index=[source for source in transfer.matrix.index if source in means.index],
            columns=[target for target in transfer.matrix.columns if target in means.columns],
        ).astype(float),
        label="total variation beyond its null (%)",
        key="mean predicted shares over seeds; 0: no farther than answers swapped at random",
    )


def _notes(found: Collected, shares: pd.DataFrame, has_profiles: bool) -> tuple[str, ...]:
    """What the reader must know."""
    notes = []
    generated = len(found.targets) - len(found.shifts)
    if generated:
        which = counted(generated, "closed target")
        notes.append(
            f"class_shift: {which} with generated answers: no log-probabilities of labels, so no class intercepts"
        )
    if found.single:
        notes.append(
            f"class_shift: no intervals or tests of class intercepts on {counted(len(found.single), 'target')} with a"
            f" label that is right for a single test row, e.g. {found.single[0]}"
        )
    untold = shares.loc[~shares["identified"], ["target", "reason"]].drop_duplicates("target")
    if len(untold):
        first = untold.iloc[0]
        notes.append(
            f"class_shares: not identified on {len(untold)} of {counted(len(found.targets), 'closed target')}, e.g."
            f" {first['target']}: {first['reason']}"
        )
    if not has_profiles:
        notes.append("carry_over: nothing is known of the labels of the training rows, so none is told")
    return tuple(notes)
