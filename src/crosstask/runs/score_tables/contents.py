"""What the cells of a column hold: numbers, whole numbers, or numbers but for some, of which the first is named."""

import re
from collections.abc import Sequence

from crosstask.config.analysis import DecimalMark
from crosstask.runs.score_tables.numbers import Notation, begins_with_number, is_missing, remedy
from crosstask.runs.score_tables.raw_rows import RawRows

_DESCRIPTION = re.compile(
    r"(^|[\W_])(size|sizes|param|params|parameters|flops|tokens|year|date|rank|steps?|epochs?|index|id|unnamed|likes|downloads|votes)([\W_]|$)"
)
"""Words of headers over numbers that are no scores."""
_NOTATIONS = [Notation(mark) for mark in DecimalMark]


def describes(name: str) -> bool:
    """Tell whether numbers below a header describe a model, such as its size, and are no scores."""
    return bool(_DESCRIPTION.search(name.casefold()))


def is_of_numbers(raw: RawRows, name: str) -> bool:
    """Tell whether a column holds numbers, and perhaps words for nothing, alone."""
    found = [text for text in raw.column(name) if not is_missing(text)]
    return bool(found) and all(map(_is_score, found))


def is_of_whole_numbers(raw: RawRows, name: str) -> bool:
    """Tell whether a column holds whole numbers from 1 on, and perhaps words for nothing, alone."""
    found = [text for text in raw.column(name) if not is_missing(text)]
    numbers = [[reading.number(text) for reading in _NOTATIONS] for text in found]
    return bool(found) and all(any(x is not None and x >= 1 and x == int(x) for x in row) for row in numbers)


def _is_score(text: str) -> bool:
    """Tell whether a cell holds a number, with a decimal point or comma."""
    return any(reading.score(text) for reading in _NOTATIONS)


def culprit(raw: RawRows, names: Sequence[str]) -> str:
    """The first cell that keeps a column from being one of scores, and what helps; nothing where none nearly is."""
    near = [name for name in names if spoilt(raw, name)]
    if not near:
        return ""
    cells = [(number, name, text) for name in near for number, text in _no_numbers(raw, name)]
    number, name, text = min(cells, key=lambda cell: cell[0])
    return (
        f"; as a table with a column for each target it has {raw.unit} {number}, column {name!r}: {text!r} is not a"
        f" number; {remedy(text)}"
    )


def spoilt(raw: RawRows, name: str) -> str:
    """The first cell without a number of a column of which half the cells begin with one, or nothing."""
    cells = [text for text in raw.column(name) if not is_missing(text)]
    begin = sum(begins_with_number(text) for text in cells)
    bad = _no_numbers(raw, name)
    if not bad or 2 * begin < len(cells) or describes(name):
        return ""
    number, text = bad[0]
    return f"{raw.unit} {number}: {text!r} is not a number"


def _no_numbers(raw: RawRows, name: str) -> list[tuple[int, str]]:
    """Row and text of those cells of a column that hold neither a number nor a word for nothing."""
    cells = zip((number for number, _ in raw.rows), raw.column(name), strict=True)
    return [(number, text) for number, text in cells if not is_missing(text) and not _is_score(text)]
