"""JSON Lines: one JSON object a line, in UTF-8; whatever is wrong with a file is named with its line."""

import codecs
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from crosstask.errors import UserError, quoted

ALLOWED = "allowed are JSON Lines, one JSON object a line, in UTF-8"
OTHERS = {
    b"\x1f\x8b": "compressed by gzip",
    b"PK\x03\x04": "a ZIP archive",
    b"PAR1": "a Parquet file",
    codecs.BOM_UTF16_LE: "in UTF-16",
    codecs.BOM_UTF16_BE: "in UTF-16",
    b"[": "a JSON array",
}
"""What files begin with that are often taken for JSON Lines."""


def read_json_lines(path: Path) -> tuple[list[dict[str, Any]], list[int]]:
    """Return the objects of a file, and the line on which each of them stands, as an editor counts lines.

    A byte-order mark, blank lines and any kind of line ends are passed over.

    Raises
    ------
    UserError
        Naming the file, the line and what is allowed.
    """
    try:
        content = path.read_bytes().removeprefix(codecs.BOM_UTF8)
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from error
    for beginning, what in OTHERS.items():
        if content.startswith(beginning):
            raise UserError(f"{path}:1: {what}; {ALLOWED}")
    lines = {number: line for number, line in enumerate(content.splitlines(), start=1) if line.strip()}
    return [_row(line, f"{path}:{number}") for number, line in lines.items()], list(lines)


def _row(line: bytes, where: str) -> dict[str, Any]:
    """Return the object on a line."""
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        around = line[max(0, error.start - 20) : error.start + 10]
        raise UserError(f"{where}: not UTF-8: byte {error.start + 1} of {quoted(around)}; {ALLOWED}") from error
    try:
        row = json.loads(text, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        near = quoted(text[max(0, error.pos - 20) : error.pos + 20])
        raise UserError(f"{where}: not JSON: {error.msg}: column {error.colno}, at {near}; {ALLOWED}") from error
    except (ValueError, RecursionError) as error:
        raise UserError(f"{where}: {str(error).partition(';')[0]}") from error
    if not isinstance(row, dict):
        raise UserError(f"{where}: not a JSON object but {type(row).__name__}: {quoted(row)}; {ALLOWED}")
    if "\\ud" in text.lower():
        _refuse_half_pairs(row, where)
    return row


def _object(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; one that has a key twice is refused."""
    pairs = list(pairs)
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {quoted(twice)} comes twice in one object")
    return found


def _refuse_half_pairs(row: dict[str, Any], where: str) -> None:
    r"""Refuse half a surrogate pair, such as ``\ud83d`` alone: no character, and no tokenizer takes it."""
    try:
        json.dumps(row, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        half = ascii(error.object[error.start])
        raise UserError(f"{where}: {half} is half a surrogate pair and no character; write the whole one") from error
