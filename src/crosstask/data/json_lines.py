"""JSON Lines, one JSON object a line, and arrays of objects, in UTF-8; what is wrong is named with its place."""

import codecs
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from crosstask.errors import UserError, quoted

ALLOWED = "allowed are JSON Lines, one JSON object a line, in UTF-8"
OTHERS = {
    b"\x1f\x8b": "compressed by gzip, which is named .jsonl.gz",
    b"PK\x03\x04": "a ZIP archive",
    b"PAR1": "a Parquet file, which is named .parquet",
    codecs.BOM_UTF16_LE: "in UTF-16",
    codecs.BOM_UTF16_BE: "in UTF-16",
    b"[": "a JSON array, which is named .json",
}
"""What files begin with that are often taken for JSON Lines."""


def read_json_lines(path: Path, content: bytes) -> tuple[list[dict[str, Any]], list[int]]:
    """Return the objects of a file, and the line on which each of them stands, as an editor counts lines.

    Blank lines and any kind of line ends are passed over.

    Raises
    ------
    UserError
        Naming the file, the line and what is allowed.
    """
    for beginning, what in OTHERS.items():
        if content.startswith(beginning):
            raise UserError(f"{path}:1: {what}; {ALLOWED}")
    lines = {number: line for number, line in enumerate(content.splitlines(), start=1) if line.strip()}
    return [_row(line, f"{path}:{number}") for number, line in lines.items()], list(lines)


def read_json_array(path: Path, content: bytes) -> list[dict[str, Any]]:
    """Return the objects of a file that is one JSON array.

    Raises
    ------
    UserError
        Naming the file, the element where it is one, and what is allowed.
    """
    allowed = "allowed are an array of JSON objects, or one object a line, in UTF-8"
    found = _value(content, str(path), allowed)
    for number, row in enumerate(found):
        if not isinstance(row, dict):
            raise UserError(
                f"{path}, element {number}: not a JSON object but {type(row).__name__}: {quoted(row)}; {allowed}"
            )
    return list(found)


def _row(line: bytes, where: str) -> dict[str, Any]:
    """Return the object on a line."""
    row = _value(line, where, ALLOWED)
    if not isinstance(row, dict):
        raise UserError(f"{where}: not a JSON object but {type(row).__name__}: {quoted(row)}; {ALLOWED}")
    return row


def _value(content: bytes, where: str, allowed: str) -> Any:
    """Return a JSON value."""
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        around = content[max(0, error.start - 20) : error.start + 10]
        raise UserError(f"{where}: not UTF-8: byte {error.start + 1} of {quoted(around)}; {allowed}") from error
    try:
        value = json.loads(text, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        near = quoted(text[max(0, error.pos - 20) : error.pos + 20])
        line = f"line {error.lineno}, " if error.lineno > 1 else ""
        raise UserError(f"{where}: not JSON: {error.msg}: {line}column {error.colno}, at {near}; {allowed}") from error
    except (ValueError, RecursionError) as error:
        raise UserError(f"{where}: {str(error).partition(';')[0]}") from error
    if "\\ud" in text.lower():
        _refuse_half_pairs(value, where)
    return value


def _object(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; one that has a key twice is refused."""
    pairs = list(pairs)
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {quoted(twice)} comes twice in one object")
    return found


def _refuse_half_pairs(row: Any, where: str) -> None:
    r"""Refuse half a surrogate pair, such as ``\ud83d`` alone: no character, and no tokenizer takes it."""
    try:
        json.dumps(row, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        half = ascii(error.object[error.start])
        raise UserError(f"{where}: {half} is half a surrogate pair and no character; write the whole one") from error
