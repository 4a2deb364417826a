"""Which runs are compared: the same base model, data and training settings, and nothing out of date."""

from dataclasses import dataclass, fields

import pandas as pd

from crosstask.analysis.columns import BASE, CELLS, STALE, column_names, require_columns
from crosstask.errors import UserError

MAKE_RUNS = "python train.py -m 'source=glob(*)'"
"""Command that makes one run per source."""

_ALSO_BY_HASH = {"model": "base", "data": "data_id"}
"""Filters that may give the hash instead of the name."""


@dataclass(frozen=True)
class SelectedCells:
    """What a `Selection` keeps, and what it leaves out."""

    cells: pd.DataFrame
    """The cells to compare, columns ``CELLS``; one run per source and seed, one target_id per target."""
    stale: pd.DataFrame
    """Columns ``STALE``: cells scored on other rows, or in another way, than the newest of their target."""
    notes: tuple[str, ...]
    """One line for each thing the user should know about the choice."""


@dataclass(frozen=True)
class Selection:
    """Choose comparable runs from the cell table.

    Without a filter: the runs that share base model, data and training settings with the one updated last.
    With filters: the runs that match. They must be of one base model and one data; of those, the ones that
    share the newest one's training settings count, or all where ``group`` names the set. The base model joins
    from whatever group or settings, as long as base model and data agree. Of several runs with the same
    source and seed, the one updated last counts.

    Parameters
    ----------
    group, source : str, optional
        Keep runs of this group, or fine-tuned on this source.
    model, data : str, optional
        Keep runs of this base model or data, by name or by hash.
    seed : int, optional
        Keep fine-tuned runs of this seed.
    """

    group: str | None = None
    model: str | None = None
    data: str | None = None
    source: str | None = None
    seed: int | None = None

    def __call__(self, cells: pd.DataFrame) -> SelectedCells:
        """Apply the choice to a table with columns ``CELLS``.

        Raises
        ------
        UserError
            If there are no cells, a filter matches nothing, or the filters leave several base models or data.
        """
        require_columns(cells, CELLS, "cell table")
        if cells.empty:
            raise UserError(f"no runs to analyse; make some with {MAKE_RUNS}")
        cells = _oldest_first(cells)
        matching = self._matching(cells)
        if self != Selection():
            _require_one_base_and_data(matching)
        newest = matching.iloc[-1]
        same = (cells["base"] == newest["base"]) & (cells["data_id"] == newest["data_id"])
        tuned = matching[same[matching.index] & (matching["source"] != BASE)]
        tuned, settings_note = self._one_settings(tuned)
        comparable = cells[cells.index.isin(tuned.index) | (same & (cells["source"] == BASE))]
        current, superseded_note = _newest_runs(comparable)
        kept, stale = _one_target_id(current)
        notes = [_description(current, cells, comparable), settings_note, superseded_note]
        return SelectedCells(kept.reset_index(drop=True), stale, tuple(note for note in notes if note))

    def _matching(self, cells: pd.DataFrame) -> pd.DataFrame:
        """Rows that pass every filter."""
        earlier: list[str] = []
        for name in (field.name for field in fields(self)):
            wanted = getattr(self, name)
            if wanted is None:
                continue
            rows = cells[cells[name].eq(wanted).fillna(False)]
            if rows.empty and name in _ALSO_BY_HASH:
                rows = cells[cells[_ALSO_BY_HASH[name]].eq(wanted).fillna(False)]
            if rows.empty:
                there = ", ".join(map(repr, sorted(cells[name].dropna().unique().tolist()))) or "none"
                given = f" among those with {', '.join(earlier)}" if earlier else ""
                raise UserError(f"no run has runs.{name}={wanted!r}{given}; there are: {there}")
            earlier.append(f"runs.{name}={wanted!r}")
            cells = rows
        return cells

    def _one_settings(self, tuned: pd.DataFrame) -> tuple[pd.DataFrame, str]:
        """Fine-tuned rows with the newest row's settings; in a named group all of them, with a note."""
        distinct = tuned["settings"].nunique()
        if distinct <= 1:
            return tuned, ""
        if self.group is not None:
            return tuned, f"group {self.group!r} holds runs of {distinct} different training settings"
        return tuned[tuned["settings"] == tuned["settings"].iloc[-1]], ""


def _oldest_first(cells: pd.DataFrame) -> pd.DataFrame:
    """Rows by time of update, then by run and target, numbered afresh; the order of the input is lost."""
    moment = pd.to_datetime(cells["updated"], utc=True, format="ISO8601")
    ordered = cells.assign(_moment=moment).sort_values(["_moment", "run", "target"])
    return ordered.drop(columns="_moment").reset_index(drop=True)


def _require_one_base_and_data(cells: pd.DataFrame) -> None:
    """Raise if several base models or data are left, saying which and how to choose."""
    for word, name, key in (("base models", "model", "base"), ("data", "data", "data_id")):
        choices = cells[[name, key]].drop_duplicates().sort_values([name, key])
        if len(choices) > 1:
            listed = ", ".join(f"{label} ({code})" for label, code in choices.itertuples(index=False))
            option = name if choices[name].is_unique else key
            raise UserError(
                f"the runs chosen are of {len(choices)} {word}: {listed}; "
                f"choose one with runs.{name}={choices[option].iloc[-1]}"
            )


def _newest_runs(cells: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Rows of the last run of each source and seed, and a note that names the runs left out."""
    runs = cells.drop_duplicates("run", keep="last")
    newest = runs.drop_duplicates(["source", "seed"], keep="last")["run"]
    older = sorted(set(runs["run"]) - set(newest))
    note = f"superseded by a newer run of the same source and seed: {', '.join(older)}" if older else ""
    return cells[cells["run"].isin(newest)], note


def _one_target_id(cells: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows that share the target_id of the newest row of their target, and the stale rest."""
    newest = cells.groupby("target")["target_id"].last()
    current = cells["target_id"] == cells["target"].map(newest)
    stale = cells.loc[~current, column_names(STALE)].sort_values(column_names(STALE))
    return cells[current], stale.reset_index(drop=True)


def _description(chosen: pd.DataFrame, cells: pd.DataFrame, comparable: pd.DataFrame) -> str:
    """One line: how many runs of what, and how many runs cannot be compared with them."""
    runs, others = chosen["run"].nunique(), cells["run"].nunique() - comparable["run"].nunique()
    newest = chosen.iloc[-1]
    line = f"{runs} {'run' if runs == 1 else 'runs'} of model {newest['model']}, data {newest['data']}"
    if others:
        line += f"; {others} not chosen (runs.group, runs.model, runs.data, runs.source and runs.seed choose)"
    return line
