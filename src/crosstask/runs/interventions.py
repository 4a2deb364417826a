"""Runs on changed sources, each paired with the run on the source as it is, for the analysis.

Where targets were asked in several prompts, a run is a pair in each of them, and a change counts on a target in all the
prompts that the matrix has of it, over which scores are means.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from crosstask.analysis.matrix.interventions import PAIRS, Interventions, PairedScores
from crosstask.analysis.schema import column_names
from crosstask.analysis.wording import counted
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
    table, paired, unchanged = [], [], 0
    for row in varied:
        use = row.record.variant
        assert use is not None
        if row.record.adapter == use.original:
            unchanged += 1
            continue
        if (original := originals.get((use.original, *_asked(row.record)))) is None:
            continue
        run, seed = original
        names = (row.record.source, use.name, use.kind, use.dose, seed, use.changed, use.what, row.record.run, run)
        table.append(names)
        paired.append(row)
    pairs = pd.DataFrame(table, columns=column_names(PAIRS)).astype({"seed": "Int64", "dose": float})
    pairs = pairs.sort_values(["source", "kind", "dose", "variant", "seed"], kind="stable", ignore_index=True)
    found = _Paired(rows, chosen, pairs, folders)
    notes = (*_left_out(len(varied) - len(paired) - unchanged, unchanged), *found.notes)
    return Interventions(pairs, found.scores, found.profiles(profiles), notes)


def _left_out(alone: int, unchanged: int) -> list[str]:
    """Return the notes on runs without an original, and on those that are the original itself."""
    notes = []
    if alone:
        runs, them = ("run on a changed source is", "it") if alone == 1 else ("runs on changed sources are", "them")
        notes.append(f"{alone} {runs} left out: the matrix has no run on the source as it is beside {them}")
    if unchanged:
        runs = "run whose variant changes" if unchanged == 1 else "runs whose variants change"
        is_out = "is" if unchanged == 1 else "are"
        notes.append(f"{unchanged} {runs} no row of the source {is_out} left out: the adapter is that of the original")
    return notes


def _asked(record: RunRecord) -> tuple[str, int, object]:
    """Return which test rows a run was asked, in which prompt, and with how many rows shown before it."""
    return record.data_id, record.config.get("scoring.prompt", 0), record.config.get("scoring.shots")


def _originals(rows: Sequence[ScoredRun], chosen: pd.DataFrame) -> dict[tuple[object, ...], tuple[str, int | None]]:
    """Return run and seed of each run of the matrix by its adapter and what it was asked."""
    seeds = dict(zip(chosen["run"], chosen["seed"], strict=True))
    return {
        (row.record.adapter, *_asked(row.record)): (row.record.run, seeds[row.record.run])
        for row in rows
        if row.record.adapter and not row.record.variant and row.record.run in seeds
    }


class _Paired:
    """What lies behind pairs of runs."""

    def __init__(self, rows: Sequence[ScoredRun], chosen: pd.DataFrame, pairs: pd.DataFrame, folders: Folders) -> None:
        names = {*pairs["run"], *pairs["original"]}
        self.rows = {row.record.run: row for row in rows if row.record.run in names}
        asked = chosen.drop_duplicates(["target", "target_id"])
        self.columns = asked.groupby("target", sort=False)["target_id"].agg(list).to_dict()
        """Target -> its prompts, each by the fingerprint of its test."""
        self.pairs = pairs
        self.folders = folders

    @property
    def notes(self) -> list[str]:
        """Return what is to be known of prompts, where there are several."""
        several = sum(len(prompts) > 1 for prompts in self.columns.values())
        if self.pairs.empty or not several:
            return []
        on = counted(several, "target")
        return [
            f"effects are means over the prompts of a target, on {on} with several, and intervals are for these very"
            " prompts; a change that was not asked in all of them is left out there"
        ]

    def scores(self, target: str) -> PairedScores | None:
        """Return the answers to a target, of pairs of which both runs have its cell on the same test rows."""
        prompts = [self._in_prompt(target, prompt) for prompt in self.columns.get(target, ())]
        found = [one for one in prompts if one is not None]
        if not found or len(found) < len(prompts):
            return None
        return found[0] if len(found) == 1 else self._in_all(found)

    def _in_prompt(self, target: str, target_id: str) -> PairedScores | None:
        """Return the answers to a target in one prompt."""
        cells = cell_table(self.rows.values())
        cells = cells[(cells["target"] == target) & (cells["target_id"] == target_id)]
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

    def _in_all(self, found: Sequence[PairedScores]) -> PairedScores | None:
        """Return the answers in several prompts, of changes that were asked in all, to the rows that all have."""
        shared = set.intersection(*(set(one.examples) for one in found))
        examples = [example for example in found[0].examples if example in shared]
        in_order = [
            [{example: place for place, example in enumerate(one.examples)}[example] for example in examples]
            for one in found
        ]
        labels = np.concatenate([one.pairs for one in found])
        records = [self.rows[run].record for run in self.pairs.loc[list(labels), "run"]]
        changes = pd.Series([(record.adapter, record.variant, record.data_id) for record in records])
        whole = (changes.groupby(changes, sort=False).transform("size") == len(found)).to_numpy()
        if not whole.any() or not examples:
            return None
        changed, original = (
            np.concatenate([getattr(one, name)[:, places] for one, places in zip(found, in_order, strict=True)])[whole]
            for name in ("changed", "original")
        )
        return PairedScores(found[0].target, labels[whole], np.array(examples, dtype=object), changed, original)

    def profiles(self, files: Profiles) -> pd.DataFrame:
        """Return the profiles of the training rows, named by the run."""
        records = [
            replace(row.record, profiles={"source": dict.fromkeys([run], data_set)})
            for run, row in self.rows.items()
            for data_set in row.record.profiles.get("source", {}).values()
        ]
        return profile_table(records, files([self.rows[record.run].record for record in records]))
