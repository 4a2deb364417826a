"""What each section of the analysis found: findings, figures and tables, with how it was found in one sentence."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pandas as pd

from crosstask.analysis.schema import BASE
from crosstask.analysis.section import Findings, Table
from crosstask.analysis.wording import counted
from crosstask.report.page.numbers import is_missing, level, significant_digits
from crosstask.report.page.payload import packed
from crosstask.report.page.pictures import Picture, picture
from crosstask.report.page.tables import KEYS

SHOWN = 40
"""Rows of a table that the page shows itself; of a longer one the file has them."""
WIDEST = 14
"""Columns of such a table."""
EMBEDDED = 150_000
"""Bytes of a table up to which the page has a copy of its own, so that it can be moved without the files beside it."""
_LEVELS = {"p", "q"}  # part of the names of columns of p values and false discovery rates


@dataclass(frozen=True)
class Figure:
    """A figure with what stands over it."""

    name: str
    title: str
    subtitle: str
    picture: Picture


@dataclass(frozen=True)
class FileOfTable:
    """A table, as far as the page shows it, and its file."""

    file: str
    meaning: str
    size: str
    """Its rows and columns."""
    head: list[str]
    numeric: list[bool]
    """Which columns are numbers."""
    rows: list[list[str]]
    """Its rows, where it is small."""
    packed: str
    """The file itself, compressed, where it is small; else empty."""


@dataclass(frozen=True)
class Files:
    """What has been written of an analysis."""

    pictures: Mapping[str, bytes]
    """SVG of each figure, by name; a figure without one is left out."""
    folder: Path
    """Where the tables are."""


@dataclass(frozen=True)
class Chapter:
    """One section of the analysis on the page."""

    name: str
    title: str
    caption: str
    """What it asks, of how much, and how it was found."""
    lines: tuple[str, ...]
    alarms: tuple[str, ...]
    notes: tuple[str, ...]
    figures: list[Figure]
    tables: list[FileOfTable]

    @property
    def is_empty(self) -> bool:
        """Whether it found nothing at all."""
        return not (self.lines or self.figures or self.tables)


@dataclass(frozen=True)
class Size:
    """Of how much an analysis is."""

    caption: str
    """Sources, targets, seeds and rows."""
    sources: int
    """In the matrix, the base model not among them."""
    targets: int

    def of(self, found: Findings) -> str:
        """The caption for a section, which may be about fewer sources and targets than the matrix has."""
        tables = [table for table in found.tables if {*KEYS} <= set(table.frame.columns) and len(table.frame)]
        declared = [table for table in tables if table.schema.about]
        cells = [cells for table in declared or tables if len(cells := _cells(table))]
        if not cells:
            return self.caption
        most = max(cells, key=len)
        sources, targets = most.loc[most["source"] != BASE, "source"].nunique(), most["target"].nunique()
        if sources >= self.sources and targets >= self.targets:
            return self.caption
        return f"{self.caption}; here {counted(sources, 'source')} and {counted(targets, 'target')} of these"


def _cells(table: Table) -> pd.DataFrame:
    """The cells that a table tells of."""
    frame, about = table.frame, table.schema.about
    known = frame[frame[about].notna()] if about else frame
    return known[[*KEYS]].drop_duplicates()


class Titled(Protocol):
    """A section of an analysis, whose docstring says what it asks."""

    @property
    def title(self) -> str:
        """What it is called."""

    @property
    def method(self) -> str:
        """How it answers, in one sentence."""


def chapter(name: str, section: Titled, found: Findings, size: Size, files: Files) -> Chapter:
    """Return what a section of the analysis found.

    Parameters
    ----------
    name : str
        Of the section.
    section : Titled
        It.
    found : Findings
        What it found.
    size : Size
        Of the analysis.
    files : Files
        What has been written.
    """
    asked, method = " ".join((type(section).__doc__ or "").split()).rstrip("."), section.method
    return Chapter(
        name,
        section.title,
        f"{asked} ({size.of(found)}): {method[:1].lower()}{method[1:]}",
        found.lines,
        found.alarms,
        found.notes,
        list(_figures(found, files.pictures)),
        [_table(table, files.folder) for table in found.tables if table.is_written],
    )


def _figures(found: Findings, pictures: Mapping[str, bytes]) -> Iterator[Figure]:
    """The figures of a section that have been drawn."""
    for request in found.figures:
        if (drawn := pictures.get(request.name)) is not None:
            yield Figure(request.name, request.title, request.subtitle, picture(drawn))


def _table(table: Table, folder: Path) -> FileOfTable:
    """A table for the page; in full where it is small."""
    frame = table.frame.reset_index(allow_duplicates=True) if table.frame.index.name else table.frame
    is_small = len(frame) <= SHOWN and frame.shape[1] <= WIDEST
    path = folder / table.schema.file
    content = path.read_bytes() if path.stat().st_size <= EMBEDDED else b""
    names = [str(name) for name in frame.columns]
    own = {column.name for column in table.schema.columns}  # the others are names of tasks
    levels = [name in own and bool(_LEVELS & set(name.split("_"))) for name in names]
    return FileOfTable(
        table.schema.file,
        table.schema.meaning.replace("``", ""),
        f"{counted(len(frame), 'row')} x {counted(len(names), 'column')}",
        names,
        [pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_bool_dtype(kind) for kind in frame.dtypes],
        [_written(levels, row) for row in frame.itertuples(index=False, name=None)] if is_small else [],
        packed(content) if content else "",
    )


def _written(levels: list[bool], row: tuple[object, ...]) -> list[str]:
    """The values of a row as the page shows them; of some columns, p values or false discovery rates."""
    return [_value(is_level, value) for is_level, value in zip(levels, row, strict=True)]


def _value(is_level: bool, value: object) -> str:
    """One value."""
    if is_missing(value):
        return ""
    if isinstance(value, bool | str) or not isinstance(value, int | float):
        return str(value)
    return level(value) if is_level else significant_digits(value)
