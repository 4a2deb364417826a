"""What the reader must know of how the columns of a table were taken."""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence

from crosstask.runs.score_tables.contents import spoilt
from crosstask.runs.score_tables.headers import ALSO, COMMON, FIELDS, Columns
from crosstask.runs.score_tables.raw_rows import RawRows


def taken(found: Columns) -> Iterator[str]:
    """Say what the rows and the columns of a wide table are taken for."""
    rows = found.named["source"]
    swapped = f"; if {rows!r} names targets, transpose the table" * (rows.casefold() in COMMON["target"])
    yield f"a wide table: a row per {rows or 'name'!r}, a column per target{swapped}"
    lacking = {"target": "", "score": "", **found.named}
    if guessed := [name + guess for name in found.targets if (guess := _guess(name, lacking))]:
        yield f"columns that are taken for targets: {', '.join(guessed)}"


def counted(found: Columns) -> tuple[str, ...]:
    """Say which columns are taken for numbers of rows scored."""
    counts = ", ".join(found.counts.values())
    return (f"columns that are taken for the numbers of rows scored: {counts}",) if counts else ()


def left(raw: RawRows, names: Sequence[str]) -> Iterator[str]:
    """Say which columns of a wide table are no scores, and of those that nearly are which cell is not."""
    if names:
        told = [name + (f" ({cell})" if (cell := spoilt(raw, name)) else "") for name in names]
        yield f"columns left out, as no scores: {', '.join(told)}; runs.targets=[...] chooses others"


def unused(raw: RawRows, names: Sequence[str], found: Columns, keys: Sequence[str]) -> tuple[str, ...]:
    """Say which of some columns of a long table nothing reads, and which of them may be one that it lacks."""
    errors = [found.error_of(name, raw.header) for name in raw.header]
    read = {*found.named.values(), *errors, *found.counts.values(), *keys}
    others = [name for name in names if name and name not in read]
    if not others:
        return ()
    return (f"columns that are not read: {', '.join(name + _guess(name, found.named) for name in others)}",)


def _guess(name: str, named: Mapping[str, str]) -> str:
    """Say which of the fields that a table lacks a column may hold; nothing where its name is like none."""
    plain = re.sub(r"[\W_]+", " ", name.casefold()).strip()
    lacking = {field: field for field in FIELDS if field not in named}
    words = lacking | {word: field for word, field in ALSO.items() if field in lacking}
    close = difflib.get_close_matches(plain, words, n=1, cutoff=0.75)
    if not close:
        return ""
    field = words[close[0]]
    return f" (did you mean {field}? runs.columns={{{field}: {name}}})"
