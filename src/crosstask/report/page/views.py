"""What the matrix can show: score, gain, relative gain, headroom and residual, cell by cell."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from crosstask.analysis.schema import BASE
from crosstask.analysis.transfer import Transfer
from crosstask.report.page.axes import Axis
from crosstask.report.page.lines import Lines
from crosstask.report.page.numbers import is_missing, number
from crosstask.report.page.tables import Grouped, Row, Tables
from crosstask.report.page.tones import Place, diverging, largest, sequential

DENSE = 30
"""Rows or columns beyond which cells are small and have whole numbers."""
REFERENCE = "reference"
"""The tone of scores of the base model among gains."""


@dataclass(frozen=True)
class Cell:
    """One cell of the matrix in one view."""

    text: str
    """The number; in parentheses where it is not distinguishable from 0; empty where there is none."""
    tone: str
    """Name of its color, see :mod:`crosstask.report.page.palette`; ``none`` without a number."""
    told: bool
    """Whether what is shown is significant."""
    line: str
    """The number with its interval and test, in words."""


NOTHING = Cell("", "none", False, "no number")


@dataclass(frozen=True)
class View:
    """One of the things that the matrix can show."""

    key: str
    label: str
    meaning: str
    """What the numbers are, in one sentence."""
    ends: tuple[str, str]
    """What the darkest colors at both ends stand for."""
    scale: str
    """``diverging`` or ``shares``."""
    cells: list[list[Cell]]
    """Row by row."""


@dataclass(frozen=True)
class _Kind:
    """Where the numbers of a view are, and how they are written."""

    label: str
    meaning: str
    rows: Grouped
    """By source and target."""
    column: str
    factor: float
    """From the numbers of the column to those shown."""
    ends: tuple[float, float]
    """What the darkest colors stand for: numbers that the colors are of."""
    line: Callable[[Row], str]
    color: Callable[[Place], float | None] | None = None
    """What the colors are of, where that is not the number itself."""
    color_factor: float = 100.0


class Views:
    """Makes the views of a matrix.

    Parameters
    ----------
    transfer : Transfer
        The matrix, the units of its numbers and each source's own task.
    tables : Tables
        What was found.
    rows, columns : Axis
        Of the matrix.
    """

    def __init__(self, transfer: Transfer, tables: Tables, rows: Axis, columns: Axis) -> None:
        self.rows, self.columns, self.transfer = rows, columns, transfer
        self.decimals = 0 if max(len(rows.names), len(columns.names)) > DENSE else 1
        self.as_read = transfer.table_factor
        """From scores and gains, which tables have in the unit of each target, to those shown."""
        self.common = transfer.unit.factor
        """The same of what compares targets."""
        self.lines = Lines(self.as_read, self.common)
        self.scores, self.gains, self.residuals = (
            tables.by(name, "source", "target") for name in ("matrix_long", "gains_long", "residuals_long")
        )
        self.homes = [place for place in self._places() if self.gains.first(*place).get("home")]

    def made(self) -> list[View]:
        """Every view that there is a number in, gains first."""
        views = (self._view(key, kind) for key, kind in self._kinds())
        return [
            view for view in views if any(cell.tone not in ("none", REFERENCE) for row in view.cells for cell in row)
        ]

    def _kinds(self) -> Iterator[tuple[str, _Kind]]:
        """Every view that there can be."""
        gains = {(str(s), str(t)): float(v) for s, row in self.transfer.gains.iterrows() for t, v in row.items()}
        residuals = {p: float(row["residual"]) for p in self._places() if (row := self.residuals.first(*p))}
        scores = [row["score"] for place in self._places() if (row := self.scores.first(*place))]
        over = "the base model's" if self.transfer.has_base else "the target's mean over sources"
        unit = self.transfer.unit
        in_unit = unit.gain_label if self.transfer.scales is None else "the unit of each target"
        limit, of_pairs = largest(gains, self.homes), largest(residuals, self.homes)
        is_share = self.transfer.scales is None and unit.ceiling == unit.ceiling
        ends = (0.0, unit.ceiling) if is_share else (min(scores, default=0.0), max(scores, default=1.0))
        meaning = f"Gain: score less {over}, in {in_unit}."
        of_gains, line = (self.gains, "gain", self.as_read), self.lines.gain
        yield "gain", _Kind("gain", meaning, *of_gains, (-limit, limit), line, gains.get, self.common)
        meaning = f"Score on the target, mean over seeds, in {unit.score_label}."
        of_scores = self.scores, "score", self.as_read
        yield "score", _Kind("score", meaning, *of_scores, ends, self.lines.score, color_factor=self.as_read)
        meaning = "Relative gain: the gain in percent of the base model's score."
        yield "relative", _Kind("relative gain", meaning, self.gains, "relative", 100.0, (-1.0, 1.0), line)
        meaning = "Headroom: percent of what base has left to gain; of a loss, of what it had to lose, down to chance."
        yield "headroom", _Kind("headroom", meaning, self.gains, "headroom", 100.0, (-1.0, 1.0), line)
        meaning = f"Residual: what donor and recipient leave of the gain, in {unit.gain_label}."
        of_residuals = self.residuals, "residual", self.common
        ends = -of_pairs, of_pairs
        yield "residual", _Kind("residual", meaning, *of_residuals, ends, self.lines.residual, None, self.common)

    def _view(self, key: str, kind: _Kind) -> View:
        """One of them."""
        signed = kind.ends[0] < 0 and key != "score"
        ends = [number(end, kind.color_factor, sign=signed) for end in kind.ends]
        cells = [[self._cell((s, t), kind, signed) for t in self.columns.names] for s in self.rows.names]
        return View(key, kind.label, kind.meaning, (ends[0], ends[1]), "diverging" if signed else "shares", cells)

    def _cell(self, place: Place, kind: _Kind, signed: bool) -> Cell:
        """One cell of a view."""
        row = kind.rows.first(*place)
        if signed and place[0] == BASE:
            return self._reference(place)
        value: Any = row.get(kind.column)
        if is_missing(value):
            return NOTHING
        told = row.get("significant")
        text = number(value, kind.factor, self.decimals, signed)
        color: Any = value if kind.color is None else kind.color(place)
        tone = diverging(color, kind.ends[1]) if signed else sequential(color, *kind.ends)
        in_doubt = not is_missing(told) and not told
        return Cell(f"({text})" if in_doubt else text, tone, not is_missing(told) and bool(told), kind.line(row))

    def _reference(self, place: Place) -> Cell:
        """The score of the base model, which gains are over."""
        if not (row := self.scores.first(*place)):
            return NOTHING
        text = number(row["score"], self.as_read, self.decimals)
        return Cell(text, REFERENCE, False, f"the base model's {self.lines.score(row)}")

    def _places(self) -> Iterator[Place]:
        """Source and target of every cell."""
        return ((source, target) for source in self.rows.names for target in self.columns.names)
