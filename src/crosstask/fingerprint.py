"""Content hashes: what a thing is made of decides which thing it is, never its name or path."""

import dataclasses
import hashlib
import json
from collections.abc import Iterable
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any


def fingerprint(content: Any) -> str:
    """Return 20 hexadecimal digits that stand for ``content``.

    Parameters
    ----------
    content
        Whatever JSON can hold, dates, times, decimal numbers and bytes, and dataclasses, enums and tuples of it.
        Dictionaries are equal whatever the order of their keys.

    Examples
    --------
    >>> fingerprint({"rank": 8, "alpha": 16}) == fingerprint({"alpha": 16, "rank": 8})
    True
    >>> fingerprint("1") == fingerprint(1)
    False
    """
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def _plain(thing: Any) -> Any:
    """Return what JSON should hold in place of a thing that it cannot."""
    if dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        return dataclasses.asdict(thing)
    if isinstance(thing, Enum):
        return thing.value
    if isinstance(thing, bytes):
        return ["bytes", thing.hex()]
    if isinstance(thing, date | time | timedelta | Decimal):  # values of Parquet
        return [type(thing).__name__, str(thing)]
    raise TypeError(f"cannot fingerprint {type(thing).__name__}: {thing!r}")


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def files_hash(paths: Iterable[Path]) -> str:
    """Return one fingerprint for the names and the bytes of several files, whatever their order."""
    return fingerprint({path.name: file_hash(path) for path in paths})
