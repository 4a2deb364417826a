"""What a reader sees first: what was run, three findings that stand, and what cannot be concluded."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crosstask.analysis.transfer import Transfer
from crosstask.analysis.wording import counted
from crosstask.report.page.leaning import Leaning, Verdict
from crosstask.report.page.lines import TESTS
from crosstask.report.page.numbers import is_missing, level, number, with_interval
from crosstask.report.page.open_questions import open_questions
from crosstask.report.page.over import Over
from crosstask.report.page.tables import Row, Tables
from crosstask.report.page.units import Units

MOST = 3
"""Findings that are shown."""


@dataclass(frozen=True)
class Finding:
    """Something that stands: what, with its interval and test."""

    what: str
    evidence: str
    link: tuple[str, str] | None = None
    """Source and target, of a cell."""
    is_doubtful: bool = False
    """Whether it may be a mere leaning towards labels."""


@dataclass(frozen=True)
class FirstScreen:
    """The head of the page."""

    run: list[tuple[str, str]]
    """What was run: names with values."""
    findings: list[Finding]
    nothing: str
    """What is said where there are none."""
    open: list[tuple[str, str]]
    """What cannot be concluded, and what would settle it."""
    alarms: list[str]
    """Of some kinds one line for several."""
    alarm_count: int


def first_screen(
    transfer: Transfer, units: Units, tables: Tables, alarms: Sequence[str], notes: Sequence[str]
) -> FirstScreen:
    """Return the head of the page.

    Parameters
    ----------
    transfer : Transfer
        What was run.
    units : Units
        How numbers are written.
    tables : Tables
        What was found.
    alarms, notes : sequence of str
        Of all sections.
    """
    questions = open_questions(transfer.scores, transfer.is_table, tables, notes)
    count = max(len(tables["alarms"]), len(alarms))
    standing = _Standing(units, tables).first()
    run = list(_run(transfer, units, tables))
    return FirstScreen(
        run, standing, _nothing(tables, transfer.conventions.alpha), list(questions), list(alarms), count
    )


def _run(transfer: Transfer, units: Units, tables: Tables) -> Iterator[tuple[str, str]]:
    """What was run."""
    yield from ((row["what"], row["value"]) for row in tables.rows("analyzed") if row["what"] != "level")
    missing = len(tables["missing"])
    yield "missing", f"{counted(missing, 'cell')} without a score" if missing else "no cell"
    over = Over(tables)
    scores = over.scores + ("" if transfer.has_base else ": no base model was run")
    unit = transfer.gain_label if units.is_common else f"the unit of each target; donors in {transfer.gain_label}"
    yield "gains", f"over {scores}, in {unit}"
    if over.has_other_base:
        yield "besides", "labels, probabilities and lengths of answers are held against the base model itself"
    alpha = transfer.conventions.alpha
    yield "level", f"intervals of {100 * (1 - alpha):g} %; significant: q ≤ {alpha:g}"


class _Standing:
    """Looks for findings that stand: of each kind the one whose interval is farthest from 0."""

    def __init__(self, units: Units, tables: Tables) -> None:
        self.units, self.tables = units, tables
        self.leaning, self.over = Leaning(tables), Over(tables)

    def first(self) -> list[Finding]:
        """The first of them, of different kinds: gain and loss, abilities, donors, what is particular to pairs.

        What may be a mere leaning towards labels comes last.
        """
        found = [finding for finding in self._kinds() if finding is not None]
        return sorted(found, key=lambda finding: finding.is_doubtful)[:MOST]

    def _kinds(self) -> Iterator[Finding | None]:
        """One of each kind, where there is one."""
        yield from map(self._gain, (1, -1))
        yield self._ability()
        yield from map(self._donor, (1, -1))
        yield from map(self._residual, (1, -1))

    def _gain(self, sign: int) -> Finding | None:
        """The surest gain, or loss, off the diagonal, of those that are most surely no mere leaning towards labels."""
        gains = self.tables["gains_long"]
        off = _standing(gains[~gains["home"].astype(bool)] if len(gains) else gains, "gain", sign)
        if off.empty:
            return None
        verdicts = [self.leaning.verdict(row["source"], row["target"], sign) for row in off.to_dict("records")]
        best = off[np.array(verdicts) == max(verdicts)]
        row = _surest(best, "gain", sign, best["target"].map(self.units.size).astype(float))
        return None if row is None else self._of_gain(row, sign, max(verdicts))

    def _of_gain(self, row: Row, sign: int, verdict: Verdict) -> Finding:
        """A gain, or loss, in words."""
        scale = self.units.of(row["target"])
        text = with_interval(row["gain"], row["ci_low"], row["ci_high"], *scale, sign=True)
        doubt = ", perhaps a mere leaning towards labels" if verdict == Verdict.MERE else ""
        expected = number(row["shrunken"], *scale, sign=True)
        place = str(row["source"]), str(row["target"])
        parts = [f"{expected} to be expected of it, chosen as it was for its size"] if expected else []
        parts += self._leanings(place, verdict)
        seeds = counted(int(row["seeds"]), "seed")
        said = "".join(f"; {part}" for part in parts)
        return Finding(
            f"{self._said(place, sign)}: {text} {self.units.label(row['target'])}{doubt}",
            f"q = {level(row['q'])} ({TESTS.get(row['test'], row['test'])}, {_rows(row)}{seeds}){said}",
            place,
            verdict == Verdict.MERE,
        )

    def _said(self, place: tuple[str, str], sign: int) -> str:
        """What a source does to a target."""
        source, target = place
        if self.over.is_mean:
            return f"Training on {source} does {'better' if sign > 0 else 'worse'} on {target} than the mean source"
        over = "" if self.over.is_plain(target) else f", against {self.over.score(target)}"
        return f"Training on {source} {'helps' if sign > 0 else 'hurts'} on {target}{over}"

    def _leanings(self, place: tuple[str, str], verdict: Verdict) -> Iterator[str]:
        """What is left of it without a leaning towards labels, or that this is not known."""
        of = "points of accuracy" if self.over.is_plain(place[1]) else "points of accuracy over base itself"
        for what, value in self.leaning.left(*place):
            yield f"{what}: {value} {of}"
        if verdict == Verdict.UNKNOWN:
            yield "whether it is a mere leaning towards labels is not known"

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
        text = with_interval(row["residual"], row["ci_low"], row["ci_high"], *self.units.common, sign=True)
        holm, relabelings = level(within.iloc[0]["p_adjusted"]), within.iloc[0]["relabelings"]
        return Finding(
            f"Sources gain on targets of their own ability beyond donor and recipient: {row['ability']} {text}"
            f" {self.units.common_label}",
            f"q = {level(row['q'])}; over all abilities Holm p = {holm} ({relabelings} relabelings)",
        )

    def _donor(self, sign: int) -> Finding | None:
        """The surest donor."""
        donors = self.tables["donors"]
        row = _surest(donors[donors["role"] == "donor"] if len(donors) else donors, "effect", sign)
        if row is None:
            return None
        text = with_interval(row["effect"], row["ci_low"], row["ci_high"], *self.units.common, sign=True)
        word = "more" if sign > 0 else "less"
        what = f"{row['name']} gives {word} than the mean source: {text} {self.units.common_label}"
        return Finding(what, f"q = {level(row['q'])}, over {counted(int(row['cells']), 'target')}")

    def _residual(self, sign: int) -> Finding | None:
        """The surest pair beyond, or below, donor and recipient."""
        rows = self.tables["residuals_long"]
        row = _surest(rows[~rows["home"].astype(bool)] if len(rows) else rows, "residual", sign)
        if row is None:
            return None
        text = with_interval(row["residual"], row["ci_low"], row["ci_high"], *self.units.common, sign=True)
        word = "beyond" if sign > 0 else "below"
        what = f"{row['source']} on {row['target']} is {word} what donor and recipient give: {text}"
        what += f" {self.units.common_label}"
        return Finding(what, f"q = {level(row['q'])}", (str(row["source"]), str(row["target"])))


def _nothing(tables: Tables, alpha: float) -> str:
    """What is said where no finding stands."""
    gains, others = tables["gains_long"], (tables["donors"], tables["residuals_long"])
    off = gains[~gains["home"].astype(bool)] if len(gains) else gains
    tested = [frame["q"].notna().sum() for frame in (off, *others) if len(frame)]
    if not sum(tested):
        if off.empty:
            return "Nothing off the diagonal, where there is no gain."
        return (
            "No gain, donor or pair: none could be tested. What tests of the whole matrix say stands in its sections."
        )
    told = [int(frame["significant"].eq(True).sum()) for frame in (off, *others) if len(frame)]
    if sum(told):
        return f"Nothing with an interval that leaves 0 out, though q is at most {alpha:g} in {sum(told)} tests."
    return "Nothing: no gain, donor or pair off the diagonal is distinguishable from 0."


def _standing(frame: pd.DataFrame, value: str, sign: int) -> pd.DataFrame:
    """The significant rows of one sign whose interval leaves 0 out."""
    if frame.empty:
        return frame
    limit = frame["ci_low" if sign > 0 else "ci_high"]
    return frame[frame["significant"].eq(True) & (sign * frame[value] > 0) & (sign * limit > 0)]


def _surest(frame: pd.DataFrame, value: str, sign: int, sizes: pd.Series | float = 1.0) -> Row | None:
    """Of these rows that whose interval is farthest from 0; None where there is none.

    Sizes are what the numbers of each row are multiplied by to be held against those of others.
    """
    rows = _standing(frame, value, sign)
    if rows.empty:
        return None
    return rows.loc[(sign * sizes * rows["ci_low" if sign > 0 else "ci_high"]).idxmax()].to_dict()


def _rows(row: Row) -> str:
    """Test rows."""
    return "" if is_missing(row["n"]) else f"n = {row['n']}, "
