"""Interventions: what a change of one property of a source does, beside what nothing but other rows do."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crosstask.analysis.figures import InterventionPlot
from crosstask.analysis.interventions.checks import checks
from crosstask.analysis.interventions.columns import MEANS, TABLES
from crosstask.analysis.interventions.doses import doses
from crosstask.analysis.interventions.effects import Effects, effects
from crosstask.analysis.interventions.families import corrected, families
from crosstask.analysis.interventions.findings import Wording, lines
from crosstask.analysis.interventions.kept_gains import kept_gains
from crosstask.analysis.interventions.kinds import APART, RANDOM
from crosstask.analysis.interventions.options import Options
from crosstask.analysis.interventions.over_sources import cells_of, means
from crosstask.analysis.interventions.paired_runs import PairedRuns
from crosstask.analysis.interventions.random_updates import random_updates
from crosstask.analysis.interventions.reading import paired_runs
from crosstask.analysis.matrix.base_changes import of_cells
from crosstask.analysis.matrix.interventions import Interventions
from crosstask.analysis.schema import column_names
from crosstask.analysis.section import Findings, Table
from crosstask.analysis.statistics.multiple_testing import false_discovery_rates
from crosstask.analysis.transfer import Transfer
from crosstask.analysis.wording import counted

FEWEST = 6
"""Sources from which exact sign flips can show anything at 5 %."""


@dataclass(frozen=True)
class Section:
    """Effects of interventions on every target, over sources and over doses, and what they leave of gains."""

    options: Options
    title = "Interventions"
    method = (
        "Runs on a source with one property changed are paired with those on it as it is, and held against a"
        " mere redraw of its rows."
    )
    tables = TABLES
    figures = ("interventions",)

    def __call__(self, transfer: Transfer) -> Findings:
        """Return the tables and findings; nothing where no source was changed."""
        known = transfer.interventions
        if known is None:
            return Findings()
        notes = tuple(f"interventions: {note}" for note in known.notes)
        runs = list(paired_runs(transfer, known))
        if not runs:
            return Findings(notes=(*notes, "interventions: no answers of changed runs and their originals to compare"))
        alpha, margin = transfer.conventions.alpha, self.options.margin
        found = effects(runs, transfer.order, alpha, margin)
        frames = {
            "interventions": found.table,
            "intervention_means": mean_effects(found, transfer, margin),
            "intervention_doses": doses(runs, transfer.order, alpha, margin),
            "intervention_checks": checks(known, found.table, _scores(runs)),
            "intervention_gains": kept_gains(runs, transfer.order, alpha, margin),
            "random_updates": random_updates(runs, transfer.order, alpha),
        }
        wording = Wording(transfer.unit, alpha, margin)
        return Findings(
            tables=tuple(Table(schema, frames[schema.name]) for schema in TABLES if len(frames[schema.name])),
            figures=_figures(found, transfer),
            lines=tuple(lines(frames, wording)),
            notes=(*notes, *_notes(known, found.table, runs, wording)),
        )


def mean_effects(found: Effects, transfer: Transfer, margin: float) -> pd.DataFrame:
    """Columns ``MEANS``; random updates are left out."""
    alpha = transfer.conventions.alpha
    kinds = found.table.drop_duplicates("variant").set_index("variant")
    cells = cells_of(found.lots, found.cells, transfer.order)
    # The same draw has the same directions for all sources, so that these would not be independent.
    table = means({name: of for name, of in cells.items() if kinds.loc[name, "kind"] != RANDOM}, alpha, margin)
    table = table.rename(columns={"name": "variant", "value": "effect"})
    table = table.assign(kind=table["variant"].map(kinds["kind"]), dose=table["variant"].map(kinds["dose"]))
    of_sources, of_targets = (table[name].isna().astype(str) for name in ("source", "target"))
    family = families(table.assign(over=of_sources + of_targets), "over")
    table = corrected(table, family, alpha)
    rates = table["these_p"].groupby(family).transform(lambda p: pd.Series(false_discovery_rates(p), p.index))
    table = table.assign(these_q=rates.astype(float))
    general = (table["q"] <= alpha) & (table["flip_p"] <= alpha) & (table["sources"] >= FEWEST)
    table["holds_for"] = np.select([general, table["these_q"] <= alpha], ["sources", "these sources"], "not told")
    return table[column_names(MEANS)].astype({"dose": float, "sources": "Int64"})


def _scores(runs: list[PairedRuns]) -> pd.DataFrame:
    """Mean scores over seeds of changed runs and originals."""
    lots = [
        of.pairs.assign(target=of.target, original=of.original.mean(axis=1), changed=of.changed.mean(axis=1))
        for of in runs
    ]
    groups = pd.concat(lots).groupby(["source", "variant", "target"], sort=False)
    return groups[["original", "changed"]].mean().reset_index()


def _figures(found: Effects, transfer: Transfer) -> tuple[InterventionPlot, ...]:
    """Effects by source, with those of the placebo."""
    shown = found.table[of_cells(found.table, ["variant"]) & ~found.table["kind"].isin(APART)]
    if shown.empty:
        return ()
    title = "What a change of the source does to the score, beside other rows of the same data"
    return (
        InterventionPlot(
            name="interventions", title=title, subtitle=transfer.caption, effects=shown, unit=transfer.unit
        ),
    )


def _notes(known: Interventions, table: pd.DataFrame, runs: list[PairedRuns], wording: Wording) -> list[str]:
    """How many tests there were, of what, and what could not be done."""
    tests = table[table["q"].notna()]
    is_property = ~tests["kind"].isin(APART)
    away, home = (int((is_property & (tests["home"] == at_home)).sum()) for at_home in (False, True))
    apart = [f"{counted(int((tests['kind'] == kind).sum()), 'test')} of {kind}" for kind in APART]
    pairs = known.pairs.drop_duplicates(["source", "variant"])
    notes = [
        f"interventions: {counted(len(pairs), 'changed source')} beside the source as it is, same seeds and test rows;"
        f" {counted(away, 'test')} off the diagonal are one family, {home} on own tasks, {' and '.join(apart)} others;"
        f" equivalent: within {wording.limit} (analysis.interventions.margin)"
    ]
    if not all(of.base is not None for of in runs):
        notes.append("interventions: without the base model's own answers nothing is said of gains that changes leave")
    return notes
