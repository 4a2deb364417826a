"""Text files with separated fields -> raw rows."""

import codecs
import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path

from crosstask.errors import UserError
from crosstask.runs.score_tables.raw_rows import RawRows, below_a_title, raw_rows

_MARKS = (  # that of UTF-32 begins with that of UTF-16
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_RULE = re.compile(r"[-:=+]*")
"""A field of a line that divides the header from the rows."""
_OTHERS = {"{": "JSON", "[": "JSON", "<": "HTML or XML", "\\": "LaTeX"}


def read_text(data: bytes, path: Path) -> RawRows:
    """Return the rows of a text file.

    Its encoding is that of its byte-order mark, else UTF-8, else, with a note, Windows-1252, which Latin-1 is part of.
    Its fields are separated by whichever of comma, semicolon, tab and bar splits the header into the most.

    Raises
    ------
    UserError
        If it is not text, or no header and rows; naming the line.
    """
    text, notes = _decoded(data, path)
    begin = text.lstrip()[:1]
    if begin in _OTHERS:
        raise UserError(f"{path}: {_OTHERS[begin]} is not read; a table is CSV, Parquet or Excel")
    separator = _separator(text, path)
    if separator != ",":
        notes.append(f"fields are separated by {_SEPARATORS[separator]}")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        lines = [(reader.line_num, fields) for fields in reader]
    except csv.Error as error:
        raise UserError(f"{path}, line {reader.line_num}: {error}; is a quotation mark not closed?") from error
    return raw_rows(path, _without_rule(lines) if separator == "|" else lines, "line", notes)


def _without_rule(lines: Sequence[tuple[int, list[str]]]) -> list[tuple[int, list[str]]]:
    """The lines without the one of dashes that Markdown has below a header, such as ``|---|:---:|``.

    Examples
    --------
    >>> _without_rule([(1, ["a", "b"]), (2, ["---", ":-:"]), (3, ["x", "-"])])
    [(1, ['a', 'b']), (3, ['x', '-'])]
    """
    filled = [number for number, fields in lines if any(field.strip() for field in fields)]
    below = filled[1:2]
    return [
        (number, fields)
        for number, fields in lines
        if number not in below or not all(_RULE.fullmatch(field.strip()) for field in fields)
    ]


def _decoded(data: bytes, path: Path) -> tuple[str, list[str]]:
    """The text, and a note where its encoding is a guess."""
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), None)
    if encoding is None and b"\0" in data:
        line = 1 + data[: data.index(b"\0")].count(b"\n")
        raise UserError(f"{path}, line {line}: a NUL byte, which no text has; save the table as UTF-8")
    try:
        text = data.decode(encoding or "utf-8")
    except UnicodeDecodeError as error:
        if encoding is not None:
            raise UserError(f"{path}: not the {encoding} that its first bytes say ({error.reason})") from error
        return _of_windows(data, path)
    if "\0" in text:
        line = 1 + text[: text.index("\0")].count("\n")
        raise UserError(f"{path}, line {line}: a NUL character, which no text has")
    return text, []


def _of_windows(data: bytes, path: Path) -> tuple[str, list[str]]:
    """The text of what is not UTF-8."""
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError as error:
        line = 1 + data[: error.start].count(b"\n")
        raise UserError(f"{path}, line {line}: neither UTF-8 nor Latin-1; save the table as UTF-8") from error
    odd = " ".join(sorted({letter for letter in text if ord(letter) > 127})[:20])
    return text, [f"not UTF-8, read as Latin-1 (Windows-1252): {odd}; save it as UTF-8 if these are wrong"]


def _separator(text: str, path: Path) -> str:
    """What splits the header into the most fields."""
    fields = {mark: _header_fields(text, mark) for mark in _SEPARATORS}
    most = max(fields.values())
    best = [mark for mark, count in fields.items() if count == most]
    if most == 1:
        _require_header(text, path)
    if most > 1 and len(best) > 1:
        named = " or ".join(_SEPARATORS[mark] for mark in best)
        raise UserError(f"{path}: the header has as many fields by {named}; quote the names that contain them")
    return best[0]


def _require_header(text: str, path: Path) -> None:
    """Raise if a first line of one field is a title, or has its names side by side with no separator that is known."""
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    if len(lines) < 2:
        return  # an error of its own
    first, header = lines[0]
    if max(_header_fields(lines[1][1], mark) for mark in _SEPARATORS) > 2:
        raise below_a_title(f"{path}, line {first}", header, f"line {lines[1][0]}")
    if re.search(r"\S(?: {2,}| & )\S", header):
        raise UserError(
            f"{path}, line {first}: {header!r} is one field; fields are to be separated by commas, semicolons, tabs or"
            " bars"
        )


def _header_fields(text: str, mark: str) -> int:
    """Number of fields of the header; 0 where it cannot be read so."""
    try:
        return next((len(fields) for fields in csv.reader(io.StringIO(text, newline=""), delimiter=mark) if fields), 0)
    except csv.Error:
        return 0
