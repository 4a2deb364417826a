"""Runs on changed sources, each paired with the run on the source as it is, for the analysis."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from crosstask.analysis.matrix.interventions import PAIRS, Interventions, PairedScores
from crosstask.analysis.schema import column_names
from crosstask.runs.answers import read_answers
from crosstask.runs.cell_table import cell_table
from crosstask.runs.profiles import profile_table
from crosstask.storage.records import RunRecord
from crosstask.storage.scored_run import ScoredRun

Folders = Callable[[Iterable[RunRecord]], Mapping[tuple[str, str], Path]]
"""Gives the folder of each cell of rows, by run and target."""
Profiles = Callable[[Iterable[RunRecord]], Iterable[Path]]
"""Gives the files with what the data sets of rows look like."""


def interventions(
    rows: Sequence[ScoredRun], chosen: pd.DataFrame, folders: Folders, profiles: Profiles
) -> Interventions | None:
    """Pair runs on changed sources with those on the sources as they are.

    Parameters
    ----------
    rows
        Every row, changed ones among them.
    chosen : DataFrame
        Columns ``CELLS``: those of the matrix. An original must be among them, and the test rows and the way of scoring
        of a column are those that it has there.
    folders, profiles
        Find files of rows.

    Returns
    -------
    Interventions, optional
        None where no row is of a changed source.
    """
    varied = [row for row in rows if row.record.variant]
    if not varied:
        return None
    originals = _originals(rows, chosen)
    table, paired = [], []
    for row in varied:
        use = row.record.variant
        assert use is not None
        if (original := originals.get((use.original, row.record.data_id))) is None:
            continue
        run, seed = original
        names = (row.record.source, use.name, use.kind, use.dose, seed, use.changed, use.what, row.record.run, run)
        table.append(names)
        paired.append(row)
    pairs = pd.DataFrame(table, columns=column_names(PAIRS)).astype({"seed": "Int64", "dose": float})
    pairs = pairs.sort_values(["source", "kind", "dose", "variant", "seed"], kind="stable", ignore_index=True)
    found = _Paired(rows, chosen, pairs, folders)
    left_out = len(varied) - len(paired)
    return Interventions(pairs, found.scores, found.profiles(profiles), (_left_out(left_out),) if left_out else ())


def _left_out(count: int) -> str:
    """Return the note on runs without an original."""
    runs, them = ("run on a changed source is", "it") if count == 1 else ("runs on changed sources are", "them")
    return f"{count} {runs} left out: the matrix has no run on the source as it is beside {them}"


def _originals(rows: Sequence[ScoredRun], chosen: pd.DataFrame) -> dict[tuple[str, str], tuple[str, int | None]]:
    """Return run and seed of each run of the matrix by its adapter and test data."""
    seeds = dict(zip(chosen["run"], chosen["seed"], strict=True))
    return {
        (row.record.adapter, row.record.data_id): (row.record.run, seeds[row.record.run])
        for row in rows
        if row.record.adapter and not row.record.variant and row.record.run in seeds
    }


class _Paired:
    """What lies behind pairs of runs."""

    def __init__(self, rows: Sequence[ScoredRun], chosen: pd.DataFrame, pairs: pd.DataFrame, folders: Folders) -> None:
        names = {*pairs["run"], *pairs["original"]}
        self.rows = {row.record.run: row for row in rows if row.record.run in names}
        self.columns = chosen.drop_duplicates("target").set_index("target")["target_id"]
        self.pairs = pairs
        self.folders = folders

    def scores(self, target: str) -> PairedScores | None:
        """Return the answers to a target, of pairs of which both runs have its cell on the same test rows."""
        cells = cell_table(self.rows.values())
        cells = cells[(cells["target"] == target) & (cells["target_id"] == self.columns.get(target))]
        cells = cells.assign(source=cells["run"], seed=pd.array([None] * len(cells), "Int64"))
        if cells.empty:
            return None
        records = [self.rows[run].record for run in cells["run"]]
        found = read_answers(self.folders(records), cells).targets.get(target)
        if found is None:
            return None
        place = {run[0]: number for number, run in enumerate(found.rows)}
        whole = self.pairs[self.pairs["run"].isin(place) & self.pairs["original"].isin(place)]
        if whole.empty:
            return None
        changed, original = ([place[run] for run in whole[name]] for name in ("run", "original"))
        labels = np.array(whole.index, dtype=object)
        return PairedScores(target, labels, found.examples, found.scores[changed], found.scores[original])

    def profiles(self, files: Profiles) -> pd.DataFrame:
        """Return the profiles of the training rows, named by the run."""
        records = [
            replace(row.record, profiles={"source": dict.fromkeys([run], data_set)})
            for run, row in self.rows.items()
            for data_set in row.record.profiles.get("source", {}).values()
        ]
        return profile_table(records, files([self.rows[record.run].record for record in records]))
