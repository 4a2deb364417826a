"""The version of what is written: what a record's JSON says of itself, and what of it is read."""

import dataclasses
from collections.abc import Mapping
from typing import Any, ClassVar, Protocol

from crosstask.errors import UserError

KEY = "schema"
"""Where a record's JSON holds the version of its schema; what was written before there was one has none."""


class Versioned(Protocol):
    """A dataclass that is written."""

    SCHEMA: ClassVar[int]
    __dataclass_fields__: ClassVar[dict[str, Any]]


def written(record: Versioned) -> dict[str, Any]:
    """Return the fields of a record as JSON has them, one level deep, with the version of its schema."""
    values = {field.name: getattr(record, field.name) for field in dataclasses.fields(record)}
    plain = {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
    return {**plain, KEY: record.SCHEMA}


def known_fields(kind: type[Versioned], content: Mapping[str, Any]) -> dict[str, Any]:
    """Return what JSON says of the fields of a record of some kind.

    Raises
    ------
    UserError
        If a newer version wrote it, which may have given a field another meaning.
    """
    if (version := content.get(KEY, 0)) > kind.SCHEMA:
        raise UserError(f"{KEY} {version} of a newer version of crosstask; this one reads up to {kind.SCHEMA}")
    return {field.name: content[field.name] for field in dataclasses.fields(kind) if field.name in content}
