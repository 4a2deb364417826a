"""What of a gain is a leaning towards some labels, from the tables of the class shift."""

from collections.abc import Iterator
from enum import IntEnum

from crosstask.report.page.numbers import is_missing, number, with_interval
from crosstask.report.page.tables import KEYS, Row, Tables, over_seeds

LEFT = {
    "remaining": "left without the shift towards labels",
    "rescaled_remaining": "left without the part of it that sharpness does not explain",
}
"""Columns of what is left of a gain in accuracy, and what they are called."""


class Verdict(IntEnum):
    """How far it is known that a gain is no mere leaning; more is surer."""

    MERE = 0
    """What is left of it without the leaning is not distinguishable from nothing."""
    UNKNOWN = 1
    """The target has labels, and what is left of the gain, or its interval, is not known."""
    NONE = 2
    """Something is left; or the target has no labels that one could lean to."""


class Leaning:
    """Says what is left of gains on targets with labels.

    Parameters
    ----------
    tables : Tables
        What was found.
    """

    def __init__(self, tables: Tables) -> None:
        self._cells = tables.by("class_shift_cells", *KEYS, of=over_seeds)
        self._closed = {row["target"] for row in tables.rows("class_shift_cells")}

    def row(self, source: str, target: str) -> Row:
        """What is known of a cell; without columns where that is nothing."""
        return self._cells.first(source, target)

    def verdict(self, source: str, target: str, sign: int) -> Verdict:
        """Whether a gain is a mere leaning.

        Parameters
        ----------
        source, target : str
            Of a cell.
        sign : int
            1 for a gain, -1 for a loss.
        """
        row, end = self.row(source, target), "low" if sign > 0 else "high"
        known = [name for name in LEFT if not is_missing(row.get(name))]
        if not known:
            return Verdict.UNKNOWN if target in self._closed else Verdict.NONE
        limits = [row[name] if is_missing(row[f"{name}_{end}"]) else row[f"{name}_{end}"] for name in known]
        if min(sign * limit for limit in limits) <= 0:
            return Verdict.MERE
        return Verdict.UNKNOWN if any(is_missing(row[f"{name}_{end}"]) for name in known) else Verdict.NONE

    def left(self, source: str, target: str) -> Iterator[tuple[str, str]]:
        """What is left, in percentage points, by the names of `LEFT`."""
        row = self.row(source, target)
        for name, meaning in LEFT.items():
            if not is_missing(row.get(name)):
                yield meaning, with_interval(row[name], row[f"{name}_low"], row[f"{name}_high"], 100, sign=True)

    def shift(self, source: str, target: str) -> str:
        """The label that an adapter leans to most, and how far."""
        row = self.row(source, target)
        if is_missing(row.get("label")) or is_missing(row.get("shift")):
            return ""
        return f"{row['label']} {number(row['shift'], decimals=2, sign=True)}"
