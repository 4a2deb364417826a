"""What of a gain is a leaning towards some labels, from the tables of the class shift."""

from collections.abc import Iterator

from crosstask.report.page.numbers import is_missing, number, with_interval
from crosstask.report.page.tables import KEYS, Row, Tables, over_seeds

LEFT = {
    "remaining": "left without the shift",
    "rescaled_remaining": "left without the shift beyond sharpness",
}
"""Columns of what is left of a gain in accuracy, and what they are called."""


class Leaning:
    """Says what is left of gains on targets with labels.

    Parameters
    ----------
    tables : Tables
        What was found.
    """

    def __init__(self, tables: Tables) -> None:
        self._cells = tables.by("class_shift_cells", *KEYS, of=over_seeds)

    def row(self, source: str, target: str) -> Row:
        """What is known of a cell; without columns where that is nothing."""
        return self._cells.first(source, target)

    def limit(self, source: str, target: str, sign: int) -> float:
        """The limit of what is left that is nearest to 0 or beyond it, infinitely far where nothing is known.

        Parameters
        ----------
        source, target : str
            Of a cell.
        sign : int
            1 for a gain, -1 for a loss.
        """
        row = self.row(source, target)
        end = "low" if sign > 0 else "high"
        known = [name for name in LEFT if not is_missing(row.get(name))]
        limits = [float(row[name] if is_missing(row[f"{name}_{end}"]) else row[f"{name}_{end}"]) for name in known]
        return sign * min((sign * limit for limit in limits), default=float("inf"))

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
