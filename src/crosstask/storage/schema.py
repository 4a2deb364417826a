"""What a record's JSON says of itself: the version of its schema, and fields of the types that they must have."""

import dataclasses
from collections.abc import Mapping
from functools import cache
from typing import Any, ClassVar, Protocol, TypeVar, cast, get_type_hints

from pydantic import BaseModel, ValidationError, create_model

from crosstask.errors import UserError
from crosstask.storage.json_files import NotARecord

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


R = TypeVar("R")


def known_fields(kind: type[Versioned], content: Mapping[str, Any]) -> dict[str, Any]:
    """Return what JSON says of the fields of a record of some kind.

    Raises
    ------
    UserError
        If a newer version wrote it, which may have given a field another meaning.
    NotARecord
        If it is something else.
    """
    if not isinstance(content, Mapping):
        raise NotARecord(f"not an object with fields but {content!r:.40}")
    version = content.get(KEY, 0)
    if not isinstance(version, int):
        raise NotARecord(f"{KEY}: {version!r:.40} is no version")
    if version > kind.SCHEMA:
        raise UserError(f"{KEY} {version} of a newer version of crosstask; this one reads up to {kind.SCHEMA}")
    return {name: content[name] for name in _names(kind) if name in content}


def checked(kind: type[R], fields: Mapping[str, Any]) -> R:
    """Return a record of some kind.

    Raises
    ------
    NotARecord
        Naming the field that is lacking or of another type: no text is taken for a number, nor the other way around.
    """
    known = {name: fields[name] for name in _names(cast(Any, kind)) if name in fields}
    try:
        _model(cast(Any, kind)).model_validate(known, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        is_key = first["loc"][-1:] == ("[key]",)  # then it says itself where it stands
        place = ".".join(map(str, first["loc"][:-2] if is_key else first["loc"]))
        if first["type"] in ("string_pattern_mismatch", "string_too_long"):
            raise NotARecord(f"{place:.60}: {first['input']!r:.60} is no name of a file") from error
        raise NotARecord(f"{place:.60}: {first['msg'][0].lower()}{first['msg'][1:]}") from error
    return kind(**known)


@cache
def _names(kind: Any) -> tuple[str, ...]:
    """Return the names of the fields of a record of some kind."""
    return tuple(field.name for field in dataclasses.fields(kind))


@cache
def _model(kind: Any) -> type[BaseModel]:
    """Return what checks the fields of a record of some kind."""
    hints = get_type_hints(kind, include_extras=True)
    lacking = dataclasses.MISSING
    fields = {
        field.name: (hints[field.name], ... if field.default is field.default_factory is lacking else None)
        for field in dataclasses.fields(kind)
    }
    return create_model(kind.__name__, **fields)  # type: ignore[call-overload]


def as_tuple(value: Any) -> Any:
    """Return what JSON has for a tuple as one; anything else as it is, for `checked` to name."""
    return tuple(value) if isinstance(value, list) else value
