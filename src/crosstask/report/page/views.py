"""What the matrix can show: score, gain, relative gain, headroom and residual, cell by cell."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from crosstask.analysis.schema import BASE
from crosstask.analysis.transfer import Transfer
from crosstask.report.page.axes import Axis
from crosstask.report.page.lines import Lines
from crosstask.report.page.numbers import Scale, is_missing, number
from crosstask.report.page.over import Over
from crosstask.report.page.tables import KEYS, Grouped, Row, Tables
from crosstask.report.page.tones import Place, diverging, largest, sequential
from crosstask.report.page.units import Units

DENSE = 30
"""Rows or columns beyond which cells are small and numbers have one decimal less."""
_HEADROOM = "Headroom: percent of what there is left to gain; of a loss, of what there was to lose, down to chance."
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
    scale: Callable[[str], Scale]
    """Target -> how its numbers are written."""
    ends: tuple[float, float]
    """What the darkest colors stand for: numbers that the colors are of."""
    named_ends: tuple[str, str]
    """The same in words."""
    line: Callable[[Row], str]
    told: Grouped
    """By source and target, the rows that say whether it is significant."""
    color: Callable[[Place], float | None] | None = None
    """What the colors are of, where that is not the number itself."""
    is_signed: bool = True
    """Whether it is a difference, which base has none of."""


class Views:
    """Makes the views of a matrix.

    Parameters
    ----------
    transfer : Transfer
        The matrix, and each source's own task.
    units : Units
        How numbers are written.
    tables : Tables
        What was found.
    axes : tuple of Axis
        Rows and columns of the matrix.
    """

    def __init__(self, transfer: Transfer, units: Units, tables: Tables, axes: tuple[Axis, Axis]) -> None:
        rows, columns = axes
        self.rows, self.columns, self.transfer = rows, columns, transfer
        self.fewer = int(max(len(rows.names), len(columns.names)) > DENSE)
        """Decimals that there is no room for."""
        self.units, self.over = units, Over(tables)
        self.lines = Lines(units, self.over)
        self.scores, self.gains, self.residuals = (
            tables.by(name, *KEYS) for name in ("matrix_long", "gains_long", "residuals_long")
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
        yield "gain", self._gain()
        yield "score", self._score()
        percent = Scale(100.0)
        ends = (-1.0, 1.0), _signed((-1.0, 1.0), percent)
        for name, label, meaning in (
            ("relative", "relative gain", "Relative gain: the gain in percent of the score that it is over."),
            ("headroom", "headroom", _HEADROOM),
        ):
            yield name, _Kind(label, meaning, self.gains, name, lambda _: percent, *ends, self.lines.gain, self.gains)
        yield "residual", self._residual()

    def _gain(self) -> _Kind:
        """Gains, colored by what compares targets."""
        gains = {(str(s), str(t)): float(v) for s, row in self.transfer.gains.iterrows() for t, v in row.items()}
        limit = largest(gains, self.homes)
        unit = self.transfer.unit.gain_label if self.units.is_common else "the unit of each target"
        meaning = f"Gain over {self.over.scores}, in {'; '.join([unit, *self.transfer.orientation])}."
        low, high = _signed((-limit, limit), self.units.common)
        ends = (-limit, limit), (low, high if self.units.is_common else f"{high} {self.units.common_label}")
        return _Kind("gain", meaning, self.gains, "gain", self.units.of, *ends, self.lines.gain, self.gains, gains.get)

    def _score(self) -> _Kind:
        """Scores; of targets of several units colored from the lowest to the highest of each."""
        scores = {place: row["score"] for place in self._places() if (row := self.scores.first(*place))}
        unit = self.transfer.unit
        meaning = "Score on the target, mean over seeds"
        bold = "".join(f"; {which}" for which in self.transfer.orientation)
        bold += ". Bold: the gain is distinguishable from 0."
        if not self.units.is_common:
            meaning = f"{meaning}, in the unit of each target{bold}"
            of = self.scores, "score", self.units.of, (0.0, 1.0), ("lowest of a target", "highest")
            return _Kind("score", meaning, *of, self.lines.score, self.gains, _within_targets(scores).get, False)
        known = [value for value in scores.values() if not is_missing(value)]
        ceiling = unit.ceiling
        ends = (0.0, ceiling) if ceiling == ceiling else (min(known, default=0.0), max(known, default=1.0))
        low, high = (number(end, *self.units.common) for end in ends)
        meaning = f"{meaning}, {self.units.score_label}{bold}"
        of_scores = self.scores, "score", self.units.of, ends, (low, high)
        return _Kind("score", meaning, *of_scores, self.lines.score, self.gains, None, False)

    def _residual(self) -> _Kind:
        """What donor and recipient leave."""
        residuals = {p: float(row["residual"]) for p in self._places() if (row := self.residuals.first(*p))}
        limit = largest(residuals, self.homes)
        meaning = f"Residual: what donor and recipient leave of the gain, in {self.transfer.unit.gain_label}."
        common = self.units.common
        ends = (-limit, limit), _signed((-limit, limit), common)
        rows = self.residuals
        return _Kind("residual", meaning, rows, "residual", lambda _: common, *ends, self.lines.residual, rows)

    def _view(self, key: str, kind: _Kind) -> View:
        """One of them."""
        cells = [[self._cell((s, t), kind) for t in self.columns.names] for s in self.rows.names]
        scale = "diverging" if kind.is_signed else "shares"
        return View(key, kind.label, kind.meaning, kind.named_ends, scale, cells)

    def _cell(self, place: Place, kind: _Kind) -> Cell:
        """One cell of a view."""
        row, signed = kind.rows.first(*place), kind.is_signed
        if signed and place[0] == BASE:
            return self._reference(place)
        value: Any = row.get(kind.column)
        if is_missing(value):
            return NOTHING
        text = number(value, *self._written(kind.scale(place[1])), signed)
        color: Any = value if kind.color is None else kind.color(place)
        tone = diverging(color, kind.ends[1]) if signed else sequential(color, *kind.ends)
        told = kind.told.first(*place).get("significant")
        in_doubt = signed and not is_missing(told) and not told
        return Cell(f"({text})" if in_doubt else text, tone, not is_missing(told) and bool(told), kind.line(row))

    def _written(self, scale: Scale) -> Scale:
        """How numbers are written in a cell, which may be small."""
        return scale._replace(decimals=scale.decimals - self.fewer)

    def _reference(self, place: Place) -> Cell:
        """The score of the base model, which gains are over."""
        if not (row := self.scores.first(*place)):
            return NOTHING
        text = number(row["score"], *self._written(self.units.of(place[1])))
        return Cell(text, REFERENCE, False, f"{self.over.score(place[1])}: {self.lines.score(row)}")

    def _places(self) -> Iterator[Place]:
        """Source and target of every cell."""
        return ((source, target) for source in self.rows.names for target in self.columns.names)


def _signed(ends: tuple[float, float], scale: Scale) -> tuple[str, str]:
    """Both ends of the colors of a difference."""
    low, high = (number(end, *scale, sign=True) for end in ends)
    return f"≤ {low}", f"≥ {high}"


def _within_targets(scores: dict[Place, float]) -> dict[Place, float]:
    """Scores as shares of the way from the lowest of their target to its highest."""
    if not scores:
        return {}
    frame = pd.Series({place: float(score) for place, score in scores.items()}, dtype=float)
    groups = frame.groupby(level=1)
    low, high = groups.transform("min"), groups.transform("max")
    shares: dict[Place, float] = ((frame - low) / (high - low).replace(0, 1)).to_dict()
    return shares
