"""What the matrix can show: score, gain, relative gain, headroom and residual, cell by cell."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from crosstask.analysis.schema import BASE
from crosstask.analysis.transfer import Transfer
from crosstask.report.page.axes import Axis
from crosstask.report.page.blocks import TONES
from crosstask.report.page.numbers import interval, is_missing, level, number
from crosstask.report.page.tables import Row, Tables

DENSE = 30
"""Rows or columns beyond which cells are small and have whole numbers."""


@dataclass(frozen=True)
class Cell:
    """One cell of the matrix in one view."""

    text: str
    """The number; in parentheses where it is not distinguishable from 0; empty where there is none."""
    tone: str
    """Name of its color, see :mod:`crosstask.report.page.palette`."""
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
class _Numbers:
    """Where the numbers of a view come from, and how they are written."""

    value: Callable[[Row], Any]
    sign: bool
    factor: float
    limit: float
    """Magnitude of the darkest color."""
    line: Callable[[Row], str]
    low: float = 0.0
    """Of a scale of shares: what the lightest color stands for."""


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
        self.rows, self.columns = rows, columns
        self.decimals = 0 if max(len(rows.names), len(columns.names)) > DENSE else 1
        self.unit = transfer.unit
        self.factor = 1.0 if transfer.scales is not None else transfer.unit.factor
        """From gains and scores as tables have them to those shown."""
        self.label = transfer.gain_label if transfer.scales is None else "each target's unit"
        self.over = "the base model's" if transfer.has_base else "the target's mean over sources"
        keys = ("source", "target")
        self.scores, self.gains, self.residuals = (
            tables.by(name, *keys) for name in ("matrix_long", "gains_long", "residuals_long")
        )
        self.common = {
            (str(source), str(target)): float(value)
            for source, of_source in transfer.gains.iterrows()
            for target, value in of_source.items()
        }
        """Gains on one scale, which the colors are of."""

    def made(self) -> list[View]:
        """Every view there is something to show in, gains first."""
        found = [self._scores()]
        if self.common:
            found = [self._gains(), *found, self._relative(), self._headroom(), self._residuals()]
        return [view for view in found if any(cell.text for row in view.cells for cell in row)]

    def _gains(self) -> View:
        limit = self._limit(self.common)
        numbers = _Numbers(lambda row: row.get("gain"), True, self.factor, limit, self._gain_line)
        meaning = f"Gain: score less {self.over}, in {self.label}."
        cells = self._cells(numbers, self.gains, self.common.get)
        return View("gain", "gain", meaning, self._ends(limit, self.unit.factor), "diverging", cells)

    def _scores(self) -> View:
        values = [row["score"] for place in self._places() if (row := self.scores.first(*place))]
        low, high = min(values, default=0.0), max(values, default=1.0)
        if self.unit.ceiling == self.unit.ceiling and self.factor != 1.0:
            low, high = 0.0, self.unit.ceiling
        numbers = _Numbers(lambda row: row.get("score"), False, self.factor, high, self._score_line, low)
        ends = number(low, self.factor), number(high, self.factor)
        meaning = f"Score on the target, mean over seeds, in {self.unit.score_label}."
        return View("score", "score", meaning, ends, "shares", self._cells(numbers, self.scores))

    def _relative(self) -> View:
        numbers = _Numbers(lambda row: row.get("relative"), True, 100.0, 1.0, self._gain_line)
        meaning = f"Relative gain: gain in percent of {self.over} score."
        return View(
            "relative", "relative gain", meaning, ("−100", "+100"), "diverging", self._cells(numbers, self.gains)
        )

    def _headroom(self) -> View:
        numbers = _Numbers(lambda row: row.get("headroom"), True, 100.0, 1.0, self._gain_line)
        meaning = (
            "Headroom: percent of what base has left to gain; of a loss percent of what it had to lose, down to chance."
        )
        return View("headroom", "headroom", meaning, ("−100", "+100"), "diverging", self._cells(numbers, self.gains))

    def _residuals(self) -> View:
        values = {place: row["residual"] for place in self._places() if (row := self.residuals.first(*place))}
        limit = self._limit(values)
        factor = self.unit.factor
        numbers = _Numbers(lambda row: row.get("residual"), True, factor, limit, self._residual_line)
        meaning = f"Residual: what donor and recipient leave of the gain, in {self.unit.gain_label}."
        return View(
            "residual",
            "residual",
            meaning,
            self._ends(limit, factor),
            "diverging",
            self._cells(numbers, self.residuals),
        )

    def _cells(
        self, numbers: _Numbers, rows: Any, color: Callable[[tuple[str, str]], float | None] | None = None
    ) -> list[list[Cell]]:
        """The cells of a view."""
        return [
            [
                self._reference(target)
                if source == BASE and numbers.sign
                else self._cell(numbers, rows.first(source, target), color and color((source, target)))
                for target in self.columns.names
            ]
            for source in self.rows.names
        ]

    def _reference(self, target: str) -> Cell:
        """The score of the base model, which gains are over."""
        if not (row := self.scores.first(BASE, target)):
            return NOTHING
        text = number(row["score"], self.factor, self.decimals)
        return Cell(text, "reference", False, f"the base model's {self._score_line(row)}")

    def _cell(self, numbers: _Numbers, row: Row, color: float | None) -> Cell:
        """One of them; ``color`` is what its tone is of, where that is not the number itself."""
        value = numbers.value(row)
        if is_missing(value):
            return NOTHING
        told = row.get("significant")
        text = number(value, numbers.factor, self.decimals, numbers.sign)
        in_doubt = not is_missing(told) and not told
        shown = value if color is None else color
        tone = diverging(shown, numbers.limit) if numbers.sign else sequential(shown, numbers.low, numbers.limit)
        return Cell(
            f"({text})" if in_doubt else text,
            tone,
            told is True or bool(not is_missing(told) and told),
            numbers.line(row),
        )

    def _gain_line(self, row: Row) -> str:
        """A gain with what is known of it."""
        parts = [f"gain {number(row['gain'], self.factor, sign=True)}"]
        if limits := interval(row["ci_low"], row["ci_high"], self.factor, sign=True):
            parts[0] += f" ({limits})"
        for name, percent in (("relative", "of base's score"), ("headroom", "of the headroom")):
            if not is_missing(row[name]):
                parts.append(f"{number(row[name], 100, sign=True)} % {percent}")
        parts.append(f"q = {level(row['q'])}" if not is_missing(row["q"]) else "not tested")
        return ", ".join([*parts, *_counts(row)])

    def _score_line(self, row: Row) -> str:
        """A score with what is known of it."""
        limits = interval(row["ci_low"], row["ci_high"], self.factor)
        return ", ".join(
            [f"score {number(row['score'], self.factor)}" + (f" ({limits})" if limits else ""), *_counts(row)]
        )

    def _residual_line(self, row: Row) -> str:
        """A residual with what is known of it."""
        factor = self.unit.factor
        limits = interval(row["ci_low"], row["ci_high"], factor, sign=True)
        tested = "not tested" if is_missing(row["q"]) else f"q = {level(row['q'])}"
        return f"residual {number(row['residual'], factor, sign=True)}{f' ({limits})' if limits else ''}, {tested}"

    def _places(self) -> list[tuple[str, str]]:
        """Source and target of every cell."""
        return [(source, target) for source in self.rows.names for target in self.columns.names]

    def _limit(self, values: Mapping[tuple[str, str], float]) -> float:
        """Largest magnitude off the diagonal, else anywhere, else 1: as the figures have it."""
        homes = {place for place in values if self.gains.first(*place).get("home")}
        for chosen in (values.keys() - homes, values.keys()):
            largest = max((abs(values[place]) for place in chosen if math.isfinite(values[place])), default=0.0)
            if largest > 0:
                return largest
        return 1.0

    @staticmethod
    def _ends(limit: float, factor: float) -> tuple[str, str]:
        """Both ends of a diverging scale."""
        return number(-limit, factor, sign=True), number(limit, factor, sign=True)


def diverging(value: float, limit: float) -> str:
    """The step of a diverging scale, see :mod:`crosstask.report.page.palette`.

    Examples
    --------
    >>> diverging(-0.1, 0.1), diverging(0.0, 0.1), diverging(0.001, 0.1)
    ('n8', 'z', 'p1')
    """
    if is_missing(value) or value == 0:
        return "z"
    return f"{'p' if value > 0 else 'n'}{max(1, min(TONES, round(TONES * abs(value) / limit)))}"


def sequential(value: float, low: float, high: float) -> str:
    """The step of a scale of shares."""
    share = (value - low) / (high - low) if high > low else 0.0
    return f"s{max(0, min(TONES, round(TONES * share)))}"


def _counts(row: Row) -> list[str]:
    """Test rows and seeds."""
    n = [] if is_missing(row["n"]) else [f"n = {row['n']}"]
    seeds = row["seeds"]
    return [*n, *([] if is_missing(seeds) or row["source"] == BASE else [f"{seeds} seed{'' if seeds == 1 else 's'}"])]
