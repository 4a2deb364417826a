"""What a reader sees first: what was run, three findings that stand, and what cannot be concluded."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from crosstask.analysis.transfer import Transfer
from crosstask.analysis.wording import counted
from crosstask.report.page.numbers import is_missing, level, number, with_interval
from crosstask.report.page.open_questions import open_questions
from crosstask.report.page.tables import Row, Tables

MOST = 3
"""Findings that are shown."""


@dataclass(frozen=True)
class Finding:
    """Something that stands: what, with its interval and test."""

    what: str
    evidence: str
    link: tuple[str, str] | None = None
    """Source and target, of a cell."""


@dataclass(frozen=True)
class FirstScreen:
    """The head of the page."""

    run: list[tuple[str, str]]
    """What was run: names with values."""
    findings: list[Finding]
    open: list[tuple[str, str]]
    """What cannot be concluded, and what would settle it."""
    alarms: list[str]


def first_screen(transfer: Transfer, tables: Tables, alarms: Sequence[str], notes: Sequence[str]) -> FirstScreen:
    """Return the head of the page.

    Parameters
    ----------
    transfer : Transfer
        What was run.
    tables : Tables
        What was found.
    alarms, notes : sequence of str
        Of all sections.
    """
    questions = open_questions(transfer.scores, tables, notes)
    return FirstScreen(list(_run(transfer, tables)), _Standing(transfer, tables).first(), list(questions), list(alarms))


def _run(transfer: Transfer, tables: Tables) -> Iterator[tuple[str, str]]:
    """What was run."""
    if transfer.notes:
        yield "runs", transfer.notes[0]
    yield "matrix", transfer.caption
    missing = len(tables["missing"])
    yield "missing", f"{counted(missing, 'cell')} without a score" if missing else "no cell"
    over = "the base model's score" if transfer.has_base else "each target's mean over sources: no base model was run"
    yield "gains", f"over {over}, in {transfer.gain_label}"
    alpha = transfer.conventions.alpha
    yield "level", f"intervals of {100 * (1 - alpha):g} %; significant: q ≤ {alpha:g}"


class _Standing:
    """Looks for findings that stand: of each kind the one whose interval is farthest from 0."""

    def __init__(self, transfer: Transfer, tables: Tables) -> None:
        self.tables = tables
        self.factor = transfer.table_factor
        self.common = transfer.unit.factor
        self.unit = transfer.unit.gain_label if transfer.scales is None else "the target's unit"
        self.common_unit = transfer.unit.gain_label

    def first(self) -> list[Finding]:
        """The first of them, of different kinds: gain and loss, abilities, donors, what is particular to pairs."""
        kinds = (self._gain(1), self._gain(-1), self._ability(), self._donor(1), self._donor(-1), self._residual())
        return [finding for finding in kinds if finding is not None][:MOST]

    def _gain(self, sign: int) -> Finding | None:
        """The surest gain, or loss, off the diagonal."""
        gains = self.tables["gains_long"]
        row = _surest(gains[~gains["home"].astype(bool)] if len(gains) else gains, "gain", sign)
        if row is None:
            return None
        text = with_interval(row["gain"], row["ci_low"], row["ci_high"], self.factor, sign=True)
        word = "helps" if sign > 0 else "harms"
        expected = number(row["shrunken"], self.factor, sign=True)
        chosen = f"; {expected} to be expected of it, chosen as it was for its size" if expected else ""
        seeds = counted(int(row["seeds"]), "seed")
        return Finding(
            f"Training on {row['source']} {word} on {row['target']}: {text} {self.unit}",
            f"q = {level(row['q'])} ({row['test']}, {_rows(row)}{seeds}){chosen}",
            (str(row["source"]), str(row["target"])),
        )

    def _ability(self) -> Finding | None:
        """Whether sources gain on targets of their own ability, and where most."""
        tests = self.tables["ability_tests"]
        if tests.empty:
            return None
        within = tests[(tests["question"] == "gain within") & tests["significant"].eq(True)]
        if within.empty:
            return None
        row = _surest(self.tables["ability_residuals"], "residual", 1)
        if row is None:
            return None
        text = with_interval(row["residual"], row["ci_low"], row["ci_high"], self.common, sign=True)
        holm, relabelings = level(within.iloc[0]["p_adjusted"]), within.iloc[0]["relabelings"]
        return Finding(
            f"Sources gain on targets of their own ability beyond donor and recipient: {row['ability']} {text}"
            f" {self.common_unit}",
            f"q = {level(row['q'])}; over all abilities Holm p = {holm} ({relabelings} relabelings)",
        )

    def _donor(self, sign: int) -> Finding | None:
        """The surest donor."""
        donors = self.tables["donors"]
        row = _surest(donors[donors["role"] == "donor"] if len(donors) else donors, "effect", sign)
        if row is None:
            return None
        text = with_interval(row["effect"], row["ci_low"], row["ci_high"], self.common, sign=True)
        word = "more" if sign > 0 else "less"
        what = f"{row['name']} gives {word} than the mean source: {text} {self.common_unit}"
        return Finding(what, f"q = {level(row['q'])}, over {counted(int(row['cells']), 'target')}")

    def _residual(self) -> Finding | None:
        """The surest pair beyond donor and recipient."""
        rows = self.tables["residuals_long"]
        row = _surest(rows[~rows["home"].astype(bool)] if len(rows) else rows, "residual", 1)
        if row is None:
            return None
        text = with_interval(row["residual"], row["ci_low"], row["ci_high"], self.common, sign=True)
        what = f"{row['source']} on {row['target']} is beyond what donor and recipient give: {text} {self.common_unit}"
        return Finding(what, f"q = {level(row['q'])}", (str(row["source"]), str(row["target"])))


def _surest(frame: pd.DataFrame, value: str, sign: int) -> Row | None:
    """Of the significant rows of one sign that whose interval is farthest from 0; None where there is none."""
    if frame.empty:
        return None
    limit = frame["ci_low" if sign > 0 else "ci_high"]
    rows = frame[frame["significant"].eq(True) & (sign * frame[value] > 0) & (sign * limit > 0)]
    return None if rows.empty else rows.loc[(sign * limit[rows.index]).idxmax()].to_dict()


def _rows(row: Row) -> str:
    """Test rows."""
    return "" if is_missing(row["n"]) else f"n = {row['n']}, "
