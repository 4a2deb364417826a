"""The values of a row as a template meets them: what has no text of its own cannot become text by accident.

A template reads attributes and fields alike, so these classes keep what they know under names of their own
(``__name``), which no data set has.
"""

import math
from datetime import date, time, timedelta
from numbers import Number
from typing import Any, NoReturn

from jinja2 import Undefined

PRINTED = (str, Number, date, time, timedelta, Undefined)
"""What may become text; an undefined value then says what is undefined."""
CONTENT_FREE = "N/A"
"""Stands for any text in a prompt without content."""


class IncompleteRow(Exception):
    """A row lacks what its task asks it for: a text, a label."""


class NoText(Exception):
    """A template makes text of something that has none of its own, such as a list."""


def reason(error: Exception) -> str:
    """Return what a template raised."""
    kind = "" if isinstance(error, IncompleteRow | NoText | WrongValue) else f"{type(error).__name__}: "
    return f"{kind}{error}"


class WrongValue(Exception):
    """What a task makes of a row is not of the kind that it needs, such as a text where a list is."""


class Null:
    """Stands for a null or a NaN: a template may ask whether it is ``none``, and anything else is an error.

    Parameters
    ----------
    name
        What the template calls it.
    word
        How the data write it.
    """

    def __init__(self, name: str, word: str = "null") -> None:
        self.__name = name
        self.__word = word

    def __eq__(self, other: object) -> bool:
        return other is None or isinstance(other, Null) or self.__refuse()

    def __hash__(self) -> int:
        return hash(None)

    def __refuse(self, *_: Any) -> NoReturn:
        raise IncompleteRow(f"{self.__name} is {self.__word}; a template that allows for it asks `is none`")

    __str__ = __repr__ = __format__ = __int__ = __float__ = __index__ = __bool__ = __refuse
    __len__ = __iter__ = __contains__ = __getitem__ = __call__ = __refuse
    __lt__ = __le__ = __gt__ = __ge__ = __neg__ = __abs__ = __round__ = __refuse
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __mod__ = __rmod__ = __refuse
    __truediv__ = __rtruediv__ = __floordiv__ = __rfloordiv__ = __pow__ = __rpow__ = __refuse


class Items(list[Any]):
    """A list that is no text: a template joins it, loops over it or takes an element."""

    def __init__(self, name: str, values: Any) -> None:
        super().__init__(guarded(value, f"{name}[{place}]") for place, value in enumerate(values))
        self.__name = name

    def __refuse(self, *_: Any) -> NoReturn:
        raise NoText(f"{self.__name} is a list, which is no text; join it, loop over it or take an element")

    __str__ = __repr__ = __format__ = __int__ = __float__ = __refuse


class Fields(dict[str, Any]):
    """A dictionary that is no text: a template takes one of its fields."""

    def __init__(self, name: str, values: dict[str, Any]) -> None:
        super().__init__((key, guarded(value, f"{name}[{key!r}]")) for key, value in values.items())
        self.__name = name

    def __refuse(self, *_: Any) -> NoReturn:
        raise NoText(f"{self.__name} is a dictionary, which is no text; take one of its fields")

    __str__ = __repr__ = __format__ = __int__ = __float__ = __refuse


def guarded(value: Any, name: str) -> Any:
    """Return a value of a row as a template may use it; ``name`` is what the template calls it."""
    if value is None:
        return Null(name)
    if isinstance(value, float) and math.isnan(value):
        return Null(name, "NaN")
    if isinstance(value, list | tuple):
        return Items(name, value)
    return Fields(name, value) if isinstance(value, dict) else value


def printed(value: Any) -> Any:
    """Return what a template prints, or refuse it.

    Raises
    ------
    IncompleteRow
        For a null, or a number that is not finite.
    NoText
        For a list, a dictionary, or anything else that is no text, number, date or time.
    """
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        raise IncompleteRow(f"prints {'null' if value is None else value}")
    if isinstance(value, Null | Items | Fields):
        str(value)  # which says what it is
    if not isinstance(value, PRINTED):
        raise NoText(f"prints a {type(value).__name__}, which is no text")
    return value


def as_json(value: Any) -> None:
    """Return null for the JSON of a null.

    Raises
    ------
    TypeError
        For any other value that JSON cannot hold.
    """
    if isinstance(value, Undefined):
        str(value)  # which says what is undefined
    if not isinstance(value, Null):
        raise TypeError(f"{type(value).__name__} is no JSON")
