"""CSV and TSV: a header, then a row of as many fields; quotes around fields that hold a separator or a line break."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from crosstask.errors import UserError, quoted

_WHOLE = re.compile(r"0|-?[1-9]\d{0,17}")
"""A whole number as it is printed: what becomes one is the same text again."""
_NAMES = {",": "commas", "\t": "tabs"}
_OTHERS = {
    ",": "commas; name the file .csv",
    "\t": "tabs; name the file .tsv",
    ";": "semicolons; write commas",
    "|": "bars; write commas",
}
"""Other separators, and what helps."""
_LARGEST = 2**31 - 1


def read_delimited(path: Path, content: bytes, separator: str) -> tuple[list[dict[str, Any]], list[int]]:
    """Return the rows of a file, and the line on which each of them begins.

    A column is of whole numbers if each of its fields is one as it would be printed, or empty, which is null there.
    Any other column is of texts, as they stand: ``007``, ``4.50``, ``NA`` and ``true`` are texts, an empty field is an
    empty one. A column without a name, as pandas writes its index, is left out.

    Raises
    ------
    UserError
        Naming the file, the line and what is allowed.
    """
    lines = _records(path, content, separator)
    first, header = next(lines, (1, []))
    if not header:
        raise UserError(f"{path}: nothing is in it; the first line names the columns")
    names = [name.strip() for name in header]
    _require_names(f"{path}:{first}", names, separator)
    records = list(lines)
    for line, fields in records:
        if len(fields) != len(names):
            raise UserError(
                f"{path}:{line}: {len(fields)} fields, and the header has {len(names)}; a field that holds"
                f" {_NAMES[separator]}, quotes or line breaks stands in double quotes, with quotes in it doubled"
            )
    columns = {name: _typed([fields[place] for _, fields in records]) for place, name in enumerate(names) if name}
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    return rows, [line for line, _ in records]


def _records(path: Path, content: bytes, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the fields of each line that is not blank, with the number of the line, as an editor counts them."""
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        around = content[max(0, error.start - 20) : error.start + 10]
        raise UserError(f"{path}:{line}: not UTF-8: {quoted(around)}; write UTF-8") from error
    before = csv.field_size_limit(_LARGEST)  # which is of all readers
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = 1
    try:
        for fields in reader:
            if len(fields) > 1 or (fields and fields[0].strip()):
                yield line, fields
            line = reader.line_num + 1
    except csv.Error as error:
        raise UserError(
            f"{path}:{line}: {error}; a field that begins with a double quote ends with one, and quotes in it are"
            " doubled"
        ) from error
    finally:
        csv.field_size_limit(before)


def _require_names(where: str, names: Sequence[str], separator: str) -> None:
    """Refuse a header that names nothing or something twice, or whose names have another separator."""
    if twice := next((name for name in names if name and names.count(name) > 1), None):
        raise UserError(f"{where}: the column {quoted(twice)} comes twice")
    if not any(names):
        raise UserError(f"{where}: a header without names; the first line names the columns")
    other = next((help for mark, help in _OTHERS.items() if mark != separator and mark in names[0]), None)
    if len(names) == 1 and other:
        raise UserError(f"{where}: fields are separated not by {_NAMES[separator]} but by {other}")


def _typed(fields: Sequence[str]) -> Sequence[Any]:
    """Return a column as whole numbers and nulls where all of it is that, else as it stands."""
    filled = [field for field in fields if field]
    if not filled or not all(map(_WHOLE.fullmatch, filled)):
        return fields
    return [int(field) if field else None for field in fields]
