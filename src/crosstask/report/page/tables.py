"""The tables of an analysis by name, as the page reads them."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any

import pandas as pd

from crosstask.analysis.section import Findings

KEYS = ("source", "target")
"""Columns that tell the cells of the matrix apart."""
Row = dict[Hashable, Any]
"""A row of a table, by column."""


class Tables:
    """Every table that the sections of an analysis gave.

    Parameters
    ----------
    findings : iterable of Findings
        What its sections found.
    """

    def __init__(self, findings: Iterable[Findings]) -> None:
        tables = [table for found in findings for table in found.tables]
        self._frames = {table.schema.name: table.frame for table in tables}

    def __getitem__(self, name: str) -> pd.DataFrame:
        """A table, a named index being its first column; without rows and columns where there is none."""
        frame = self._frames.get(name, pd.DataFrame())
        return frame.reset_index(allow_duplicates=True) if frame.index.name else frame

    def rows(self, name: str) -> list[Row]:
        """The rows of a table."""
        return self[name].to_dict("records")

    def by(self, name: str, *keys: str, of: Callable[[pd.DataFrame], pd.DataFrame] = lambda frame: frame) -> "Grouped":
        """The rows of a table by the values of some columns.

        Parameters
        ----------
        name : str
            Of the table.
        *keys : str
            Columns.
        of : callable
            Chooses the rows that count, of a table that has some.
        """
        frame = self[name]
        return Grouped([] if frame.empty else of(frame).to_dict("records"), keys)


class Grouped:
    """Rows by the values of their keys; no rows for values that no row has."""

    def __init__(self, rows: Sequence[Row], keys: Sequence[str]) -> None:
        self._rows: dict[tuple[Any, ...], list[Row]] = {}
        for row in rows:
            self._rows.setdefault(tuple(row[key] for key in keys), []).append(row)

    def __call__(self, *values: Any) -> list[Row]:
        """The rows with these values."""
        return self._rows.get(values, [])

    def first(self, *values: Any) -> Row:
        """The first of them; without columns where there is none."""
        return self(*values)[0] if self(*values) else {}


def over_seeds(frame: pd.DataFrame) -> pd.DataFrame:
    """Of a table with a row for each seed and one for their mean the latter, or the only seed."""
    most = frame.groupby(["source", "target"], sort=False)["seeds"].transform("max")
    return frame[frame["seeds"] == most]
