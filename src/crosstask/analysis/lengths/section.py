"""Lengths of generated answers."""

from dataclasses import dataclass

import pandas as pd

from crosstask.analysis.lengths.carryover import carryover
from crosstask.analysis.lengths.columns import LENGTH_CARRYOVER, TABLES
from crosstask.analysis.lengths.findings import lines
from crosstask.analysis.lengths.known import best_unit, logs, open_targets, source_lengths
from crosstask.analysis.lengths.options import Options
from crosstask.analysis.lengths.shifts import KnownLengths, shifts
from crosstask.analysis.lengths.tables import lengths_table
from crosstask.analysis.matrix.row_keys import further_keys
from crosstask.analysis.schema import BASE, column_names
from crosstask.analysis.section import Findings, Table
from crosstask.analysis.statistics.inference import Inference
from crosstask.analysis.transfer import Transfer
from crosstask.analysis.wording import listed


@dataclass(frozen=True)
class Section:
    """Lengths of generated answers beside those of base, of the gold answers and of what the source trains on."""

    options: Options
    title = "Lengths"
    method = (
        "Logarithms of lengths are paired with base's on the same test rows, and tested by swapping both row by row."
    )
    tables = TABLES
    figures = ()

    def __call__(self, transfer: Transfer) -> Findings:
        """Return the tables, findings and notes; nothing where no answers are kept."""
        if transfer.behavior is None:
            return Findings()
        targets, sources = open_targets(transfer), source_lengths(transfer)
        if not targets:
            return Findings(notes=("lengths: no target with generated answers that are kept",))
        unit = best_unit(targets, sources)
        counted = {name: target for name, target in targets.items() if unit in target.lengths}
        known = KnownLengths(unit, counted, sources[unit], tuple(map(str, transfer.matrix.index)))
        table = lengths_table(targets, sources, further_keys(transfer.rows))
        moved = self._shifts(transfer, known)
        carried = self._carried(transfer, known)
        frames = (table, moved, carried)
        return Findings(
            tables=tuple(Table(schema, frame) for schema, frame in zip(TABLES, frames, strict=True) if len(frame)),
            lines=tuple(lines(*frames)),
            notes=tuple(self._notes(transfer, known)),
        )

    def _shifts(self, transfer: Transfer, known: KnownLengths) -> pd.DataFrame:
        """Does each cell move to the source's length?"""
        alpha = transfer.conventions.alpha
        generator = Inference(alpha).generator("swapped lengths")
        return shifts(known, transfer.home, self.options.swaps, alpha, generator)

    def _carried(self, transfer: Transfer, known: KnownLengths) -> pd.DataFrame:
        """Do sources with long answers make answers long?"""
        evidence = known.evidence()
        if evidence is None:
            return pd.DataFrame(columns=column_names(LENGTH_CARRYOVER))
        means = evidence.means
        matrix = pd.DataFrame(means.mean, list(means.sources), list(means.targets))
        tuned = matrix.drop(index=BASE)
        home = transfer.home.reindex(index=tuned.index, columns=tuned.columns, fill_value=False).astype(bool)
        of_sources = {name: float(logs(values).mean()) for name, values in known.sources.items()}
        alpha = transfer.conventions.alpha
        generator = Inference(alpha).generator("relabeled lengths")
        found = carryover(tuned.mask(home), of_sources, matrix.loc[BASE], self.options.relabelings, alpha, generator)
        return found.assign(unit=known.unit)[column_names(LENGTH_CARRYOVER)]

    def _notes(self, transfer: Transfer, known: KnownLengths) -> list[str]:
        """Where lengths of sources come from, and of which they are not known."""
        notes = [f"lengths are compared in {known.unit}, as log(1 + length), on {listed(list(known.targets), 6)}"]
        if any(len(target.base) > 1 for target in known.targets.values()):
            notes.append(
                "lengths: nearer is not told beside several base models; lengths.csv has each run beside its own"
            )
        missing = [name for name in known.names if name != BASE and name not in known.sources]
        if missing and transfer.data_sets is not None:
            notes.append(f"lengths of what they train on are not known: {listed(missing, 6)}")
        return notes
