"""Limits of fields: those of numbers stand at the field, and one walk checks them all."""

import dataclasses
import math
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

from crosstask.errors import UserError, quoted

Number = TypeVar("Number", int, float, int | None, float | None)
LIMIT = "at_least"
BELOW = "below"
NOT_EMPTY = "not_empty"
LONGEST = "longest"
WITHOUT = "without"
CHECK = "check"
LARGEST = 2**63 - 1
"""What tables and torch hold of a whole number, and its negative."""


def at_least(limit: float, default: Number, below: float = math.inf) -> Number:
    """Return a dataclass field with a default, whose value may not be below a limit nor reach another; None passes."""
    return dataclasses.field(default=default, metadata={LIMIT: limit, BELOW: below})


def not_empty(default: str) -> str:
    """Return a dataclass field with a default, whose text may not be empty."""
    return dataclasses.field(default=default, metadata={NOT_EMPTY: True})


def short_text(longest: int, default: Any = None, without: str = "") -> Any:
    """Return a dataclass field of a text of 1 to ``longest`` characters, of none in ``without``; None passes."""
    return dataclasses.field(default=default, metadata={LONGEST: longest, WITHOUT: without})


def short_texts(longest: int) -> Any:
    """Return a dataclass field of a list of texts, by default empty, each of 1 to ``longest`` characters."""
    return dataclasses.field(default_factory=list, metadata={LONGEST: longest, WITHOUT: ""})


def checked_by(check: Callable[[str, Any], None], default: Any) -> Any:
    """Return a dataclass field with a default, whose value a function refuses by UserError; None passes.

    It is called with the key and the value.
    """
    return dataclasses.field(default=default, metadata={CHECK: check})


def check_ranges(config: Any, path: str = "") -> None:
    """Refuse a value outside its field's limits, anywhere in a dataclass and the dataclasses in it.

    Whatever the field, a number is finite, a whole one has at most 64 bits, and a list has single values.

    Raises
    ------
    UserError
        Naming the key, its value and the limit.

    Examples
    --------
    >>> from crosstask.config.adapter import Lora
    >>> check_ranges(Lora(rank=0), "lora")
    Traceback (most recent call last):
    crosstask.errors.UserError: lora.rank=0: must be at least 1
    """
    for field in dataclasses.fields(config):
        value = getattr(config, field.name)
        key = f"{path}.{field.name}" if path else field.name
        for name, part in value.items() if isinstance(value, dict) else [("", value)]:
            if dataclasses.is_dataclass(part):
                check_ranges(part, f"{key}.{name}".rstrip("."))
        check_limit(key, value, field.metadata)


def check_limit(key: str, value: Any, metadata: Any) -> None:
    """Refuse one value that is outside the limits in its field's metadata."""
    if metadata.get(NOT_EMPTY) and value == "":
        raise UserError(f"{key}=: must not be empty")
    if LONGEST in metadata:
        for text in value if isinstance(value, list) else [value]:
            _check_text(key, text, metadata)
    if CHECK in metadata and value is not None:
        metadata[CHECK](key, value)
    if isinstance(value, list) and any(isinstance(part, list | dict) for part in value):
        raise UserError(f"{key}={quoted(value)}: must be one list, without lists or mappings in it")
    if isinstance(value, int | float):
        _check_number(key, value, metadata)


def _check_text(key: str, text: Any, metadata: Any) -> None:
    """Refuse a text that is too long, empty, or has characters that it may not have."""
    if not isinstance(text, str):
        return
    if not 1 <= len(text) <= metadata[LONGEST]:
        raise UserError(f"{key}={quoted(text)}: must have 1 to {metadata[LONGEST]} characters, not {len(text)}")
    if found := [character for character in metadata[WITHOUT] if character in text]:
        raise UserError(f"{key}={quoted(text)}: must have none of {' '.join(metadata[WITHOUT])}, not {found[0]}")


def _check_number(key: str, value: float, metadata: Any) -> None:
    """Refuse a number that is outside the limits in its field's metadata, or that nothing computes with."""
    if isinstance(value, int) and abs(value) > LARGEST:
        raise UserError(f"{key}={quoted(value)}: must be a whole number of 64 bits, at most {LARGEST}")
    if math.isnan(value):
        raise UserError(f"{key}={value}: must be a number")
    if math.isinf(value):
        raise UserError(f"{key}={value}: must be finite")
    if value < metadata.get(LIMIT, value):
        raise UserError(f"{key}={value}: must be at least {metadata[LIMIT]}")
    if value >= metadata.get(BELOW, math.inf):
        raise UserError(f"{key}={value}: must be below {metadata[BELOW]}")


def refuse(message: str) -> NoReturn:
    """Refuse values of fields that do not go together.

    Raises
    ------
    UserError
        With the message.
    """
    raise UserError(message)
