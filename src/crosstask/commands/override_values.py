"""The values of an override: its members where it is a sweep, without Hydra's quotes."""

import math
from collections.abc import Iterator
from itertools import islice
from typing import Any

from hydra.core.override_parser.types import ChoiceSweep, Override, QuotedString, RangeSweep, Sweep

from crosstask.errors import UserError

CHECKED = 1000
"""Most numbers of a range that are checked one by one before it is launched."""


def members(override: Override) -> list[Any]:
    """Return the members of a sweep, or the one value of an override that is none; texts have no quotes.

    Raises
    ------
    UserError
        If the sweep has no members.

    Examples
    --------
    >>> from hydra.core.override_parser.overrides_parser import OverridesParser
    >>> members(OverridesParser.create().parse_override("seed=range(2),7"))
    [0, 1, 7]
    """
    found = list(_members(override, override.value()))
    if not found:
        raise UserError(f"{override.input_line}: names no values, so there is no job to run")
    return found


def count(override: Override) -> int:
    """Return the number of members, without making them."""
    value = override.value()
    parts = value.list or [] if isinstance(value, ChoiceSweep) else [value]
    return sum(_length(part) if isinstance(part, RangeSweep) else 1 for part in parts)


def _length(value: RangeSweep) -> int:
    """Return the length of a range."""
    step = value.step or 1
    return max(0, math.ceil(((value.stop or 0) - (value.start or 0)) / step))


def _members(override: Override, value: Any) -> Iterator[Any]:
    """Yield the members of a value, one after the other."""
    if isinstance(value, ChoiceSweep):
        for part in value.list or []:
            yield from _members(override, part)
    elif isinstance(value, RangeSweep):
        if not value.step:
            raise UserError(f"{override.input_line}: a range has a step other than 0")
        yield from islice(value.range(), CHECKED)
    elif isinstance(value, Sweep):
        raise UserError(f"{override.input_line}: such a sweep has no jobs; list the values, or write range(...)")
    else:
        yield _unquoted(value)


def _unquoted(value: Any) -> Any:
    """Return a value without Hydra's quotes, however deep."""
    if isinstance(value, QuotedString):
        return value.text
    if isinstance(value, list):
        return [_unquoted(part) for part in value]
    if isinstance(value, dict):
        return {_unquoted(key): _unquoted(part) for key, part in value.items()}
    return value
