"""Literals as JSON: values that cannot execute anything, whoever wrote them and whoever reads them."""

import json
from typing import Any

SMALL = 2**53
"""Whole numbers below it are JSON's own; larger ones are written in base 16, which takes no longer than it should."""


class NotALiteral(Exception):
    """A value, or the text of one, that is no literal."""


def dumps(value: Any) -> bytes:
    """Return a value as text.

    Parameters
    ----------
    value
        None, a bool, int, float, complex, str or bytes, or a list, tuple, set, frozenset or dict of such. An instance
        of a subclass, such as a Counter, is written as the plain value that it holds; its methods are not asked.

    Raises
    ------
    NotALiteral
        If it is or holds anything else, or nests too deeply.

    Examples
    --------
    >>> loads(dumps({"a": [1, (2.5, None)], "b": {float("inf")}}))
    {'a': [1, (2.5, None)], 'b': {inf}}
    >>> dumps(print)
    Traceback (most recent call last):
    crosstask.sandbox.inside.literals.NotALiteral: builtin_function_or_method
    """
    try:
        return json.dumps(_encoded(value), separators=(",", ":")).encode("ascii")
    except RecursionError:
        raise NotALiteral(f"{type(value).__name__} that nests too deeply") from None


def loads(text: bytes) -> Any:
    """Return the value that a text stands for, made of built-in types.

    Raises
    ------
    NotALiteral
        If the text stands for none.
    """
    try:
        return _decoded(json.loads(text))
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise NotALiteral(f"a text that stands for no value: {type(error).__name__}") from None


def _encoded(value: Any) -> Any:
    """Return a value as JSON can hold it: what JSON does not have is a list of a letter and its parts."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        number = int.__int__(value)
        return number if abs(number) < SMALL else ["i", f"{number:x}"]
    if isinstance(value, float):
        return ["f", float.hex(value)]
    if isinstance(value, complex):
        return ["c", float.hex(complex.__complex__(value).real), float.hex(complex.__complex__(value).imag)]
    if isinstance(value, bytes):
        return ["b", bytes.hex(value)]
    if isinstance(value, dict):
        return ["d", [[_encoded(key), _encoded(part)] for key, part in dict.items(value)]]
    for letter, kind in _COLLECTIONS.items():
        if isinstance(value, kind):
            return [letter, [_encoded(part) for part in kind.__iter__(value)]]
    raise NotALiteral(type(value).__name__)


def _decoded(content: Any) -> Any:
    """Return what `_encoded` was given."""
    if not isinstance(content, list):
        if isinstance(content, dict | float):  # which `_encoded` does not make
            raise ValueError
        return content
    letter, *parts = content
    if letter in _COLLECTIONS:
        return _COLLECTIONS[letter](_decoded(part) for part in _only(parts))
    if letter == "d":
        return {_decoded(key): _decoded(part) for key, part in _only(parts)}
    if letter == "i":
        return int(_only(parts), 16)
    if letter == "f":
        return float.fromhex(_only(parts))
    if letter == "b":
        return bytes.fromhex(_only(parts))
    if letter == "c":
        real, imaginary = parts
        return complex(float.fromhex(real), float.fromhex(imaginary))
    raise ValueError


def _only(parts: list[Any]) -> Any:
    """Return the only part."""
    (part,) = parts
    return part


_COLLECTIONS: dict[str, Any] = {"l": list, "t": tuple, "s": set, "z": frozenset}
