"""Which runs are compared: the same base model, data and training settings, and nothing out of date."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crosstask.analysis.matrix.columns import CELLS, STALE
from crosstask.analysis.matrix.prompts import shared_prompts
from crosstask.analysis.matrix.row_keys import further_keys
from crosstask.analysis.matrix.shared_inputs import SHARED, require_distinct_names, require_one_of_each, shared_hashes
from crosstask.analysis.matrix.training_draws import TRAIN_SEED, numbered_by_draw
from crosstask.analysis.schema import BASE, column_names, require_columns
from crosstask.analysis.wording import counted, listed
from crosstask.errors import UserError

MAKE_RUNS = "python train.py -m 'source=glob(*)'"
"""Command that makes one run per source."""

_FILTERS = ("group", "model", "data", "source", "seed")


@dataclass(frozen=True)
class SelectedCells:
    """What a `Selection` keeps, and what it leaves out."""

    cells: pd.DataFrame
    """The cells to compare, columns ``CELLS`` and further ones of the rows; one run per source, seed and what else rows
    distinguish, one target_id per target. Of base models only ``model`` and ``base`` are distinguished."""
    stale: pd.DataFrame
    """Columns ``STALE``: cells scored on other rows, or in another way, than the newest of their target."""
    runs: str
    """How many runs of what were chosen, in a line."""
    notes: tuple[str, ...]
    """One line for each thing the user should know about the choice; the first begins with ``runs``."""
    redrawn: bool
    """Whether the seeds of a source have other training rows each."""
    shown: pd.DataFrame
    """Cells of the same base model that was shown examples before every prompt (scoring.shots), a reference for gains;
    of each target those of the newest run in each prompt."""


@dataclass(frozen=True)
class Selection:
    """Choose comparable runs from the cell table.

    Without a filter: the runs that share base model, data and training settings with the one updated last.
    With filters: the runs that match. They must be of one base model and one data; of those, the ones that
    share the newest one's training settings count, or all where ``group`` names the set. The base model joins
    from whatever group or settings, as long as base model and data agree. Of several runs with the same
    source, seed and training rows, the one updated last counts.

    What rows distinguish need not be shared. With ``model`` (or ``base``) among them runs may be of several base
    models, each with its own base run; with ``data`` (or ``data_id``) of several data; with training settings, such as
    ``lora.rank``, of settings that differ in these alone (with ``settings``: in whatever).

    A column is comparable only if every cell of it is the same test, whichever model takes it: same target_id, which
    knows the test rows and the way of scoring but no base model. The number of training rows is a training setting
    (``data.train_rows``) and touches no test. Other data are comparable on those targets alone whose test rows are the
    same, such as two folders with the same test files; the cells of the others are stale. Then the base run of either
    data serves both.

    Parameters
    ----------
    group, source : str, optional
        Keep runs of this group, or fine-tuned on this source.
    model, data : str, optional
        Keep runs of this base model or data, by name or by hash.
    seed : int, optional
        Keep fine-tuned runs of this seed.
    rows : tuple of str
        What a row is, the source first: columns of the cell table.
    """

    group: str | None = None
    model: str | None = None
    data: str | None = None
    source: str | None = None
    seed: int | None = None
    rows: tuple[str, ...] = ("source",)

    @property
    def run(self) -> list[str]:
        """What tells the runs apart that were asked in one prompt."""
        return ["source", "seed", "train_seed", *further_keys(self.rows)]

    def __call__(self, cells: pd.DataFrame) -> SelectedCells:
        """Apply the choice to a table with columns ``CELLS`` and those of the rows.

        Raises
        ------
        UserError
            If there are no cells, a filter matches nothing, the filters leave several base models or data that rows do
            not distinguish, or rows distinguish them by names that several share.
        """
        require_columns(cells, [*CELLS, *self.rows], "cell table")
        if cells.empty:
            raise UserError(f"no runs to analyze; make some with {MAKE_RUNS}")
        cells = _oldest_first(cells)
        shown = cells["shots"].notna()
        of_base, cells = cells[shown & (cells["source"] == BASE)], cells[~shown]
        matching = self._matching(cells)
        if any(getattr(self, name) is not None for name in _FILTERS):
            require_one_of_each(matching, self.rows)
        comparable, settings_note = self._comparable(cells, matching)
        require_distinct_names(comparable, self.rows)
        current, superseded_note = self._newest_runs(comparable)
        kept, stale = _one_target_id(current)
        kept, prompt_notes = shared_prompts(kept, self.run)
        kept, draws_note = (kept, "") if TRAIN_SEED in self.rows else numbered_by_draw(kept)
        runs = _description(current)
        notes = [runs + _others(cells, comparable), settings_note, superseded_note, *prompt_notes, draws_note]
        kept = self._one_base_run(kept)
        shown = _shown_alike(of_base, kept)
        return SelectedCells(kept, stale, runs, tuple(filter(None, notes)), bool(draws_note), shown)

    def _matching(self, cells: pd.DataFrame) -> pd.DataFrame:
        """Rows that pass every filter."""
        earlier: list[str] = []
        for name in _FILTERS:
            wanted = getattr(self, name)
            if wanted is None:
                continue
            rows = cells[cells[name].eq(wanted).fillna(False)]
            if rows.empty and name in SHARED:
                rows = cells[cells[SHARED[name][1]].eq(wanted).fillna(False)]
            if rows.empty:
                there = ", ".join(map(repr, sorted(cells[name].dropna().unique().tolist()))) or "none"
                given = f" among those with {', '.join(earlier)}" if earlier else ""
                raise UserError(f"no run has runs.{name}={wanted!r}{given}; there are: {there}")
            earlier.append(f"runs.{name}={wanted!r}")
            cells = rows
        return cells

    def _comparable(self, cells: pd.DataFrame, matching: pd.DataFrame) -> tuple[pd.DataFrame, str]:
        """Rows that share with the newest what rows do not distinguish, base models' included, and a note."""
        newest = matching.iloc[-1]
        same = pd.Series(True, cells.index)
        for code in shared_hashes(self.rows):
            same &= cells[code] == newest[code]
        tuned, note = self._one_settings(matching[same[matching.index] & (matching["source"] != BASE)])
        of = matching if tuned.empty else tuned
        joins = same & (cells["source"] == BASE)
        for code in ("base", "data_id"):
            joins &= cells[code].isin(of[code].unique())
        return cells[cells.index.isin(tuned.index) | joins], note

    def _one_settings(self, tuned: pd.DataFrame) -> tuple[pd.DataFrame, str]:
        """Fine-tuned rows with the newest row's settings; in a named group all of them, with a note.

        What was made elsewhere is of unknown settings, and always among them.
        """
        distinct = tuned["settings"].nunique()
        if distinct <= 1 or "settings" in self.rows:
            return tuned, ""
        if self.group is not None:
            return tuned, f"group {self.group!r} holds runs of {distinct} different training settings"
        of_known = tuned["settings"].dropna()
        kept = tuned[tuned["settings"].isna() | (tuned["settings"] == of_known.iloc[-1])]
        others = tuned["run"].nunique() - kept["run"].nunique()
        note = f"{others} runs differ from the newest in training settings that analysis.rows does not name"
        return kept, note if further_keys(self.rows) else ""

    def _newest_runs(self, cells: pd.DataFrame) -> tuple[pd.DataFrame, str]:
        """Rows of the last run of each source, seed and what else rows distinguish, and a note on the runs left out."""
        further = further_keys(self.rows)
        runs = cells.drop_duplicates("run", keep="last")
        newest = runs.drop_duplicates([*self.run, "prompt"], keep="last")["run"]
        older = sorted(set(runs["run"]) - set(newest))
        same = " and ".join([", ".join(["source", "seed", *further][:-1]), ["seed", *further][-1]])
        note = f"superseded by a newer run of the same {same}: {listed(older)}" if older else ""
        return cells[cells["run"].isin(newest)], note

    def _one_base_run(self, cells: pd.DataFrame) -> pd.DataFrame:
        """The cells with one of each base model and target, named by nothing but the base model."""
        is_base = cells["source"] == BASE
        again = cells[is_base].duplicated(
            ["base", "target", "prompt"], keep="last"
        )  # the same cell, in the base run of other data
        cells = cells.drop(index=again.index[again]).reset_index(drop=True)
        unnamed = [name for name in further_keys(self.rows) if name not in ("model", "base")]
        cells.loc[cells["source"] == BASE, unnamed] = None
        return cells


def _oldest_first(cells: pd.DataFrame) -> pd.DataFrame:
    """Rows by time of update, then by run and target, numbered afresh; the order of the input is lost."""
    moment = pd.to_datetime(cells["updated"], utc=True, format="ISO8601")
    ordered = cells.assign(_moment=moment).sort_values(["_moment", "run", "target"])
    return ordered.drop(columns="_moment").reset_index(drop=True)


def _one_target_id(cells: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows that share the target_id of the newest row of their target and prompt, and the stale rest."""
    newest = cells.groupby(["target", "prompt"])["target_id"].transform("last")
    current = cells["target_id"] == newest
    stale = cells.loc[~current, column_names(STALE)].sort_values(column_names(STALE))
    return cells[current], stale.reset_index(drop=True)


def _shown_alike(of_base: pd.DataFrame, kept: pd.DataFrame) -> pd.DataFrame:
    """Cells of base models shown examples that are of the same base model, data and prompts as those that are kept."""
    alike = of_base["base"].isin(kept["base"].unique()) & of_base["data_id"].isin(kept["data_id"].unique())
    prompts = set(zip(kept["target"], kept["prompt"], strict=True))
    asked = [pair in prompts for pair in zip(of_base["target"], of_base["prompt"], strict=True)]
    newest = of_base[alike & np.array(asked, dtype=bool)]
    return newest.drop_duplicates(["base", "target", "prompt"], keep="last").reset_index(drop=True)


def _description(chosen: pd.DataFrame) -> str:
    """One line: how many runs of what."""
    models, data = (", ".join(sorted(chosen[name].unique())) for name in ("model", "data"))
    return f"{counted(chosen['run'].nunique(), 'run')} of model {models}, data {data}"


def _others(cells: pd.DataFrame, comparable: pd.DataFrame) -> str:
    """How many runs cannot be compared with them, if any."""
    others = cells["run"].nunique() - comparable["run"].nunique()
    choose = "(runs.group, runs.model, runs.data, runs.source and runs.seed choose)"
    return f"; {others} not chosen {choose}" if others else ""
