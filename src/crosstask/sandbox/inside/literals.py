"""Literals as JSON: values that cannot execute anything, whoever wrote them and whoever reads them."""

import json
import sys
from collections import deque
from itertools import islice
from math import isfinite
from typing import Any

SMALL = 2**53
"""Whole numbers below it are JSON's own; larger ones are written in base 16, which takes no longer than it should."""
MOST_DRAWN = 10**6
"""Most values that are drawn from an iterator."""
ITERATORS = ("builtins", "itertools")
"""Modules whose kinds of values that give others once are drawn from: generators, map, zip, chain and the like."""


class NotALiteral(Exception):
    """A value, or the text of one, that is no literal."""


def dumps(value: Any) -> bytes:
    """Return a value as text.

    Parameters
    ----------
    value
        None, a bool, int, float, complex, Decimal, Fraction, str, bytes, bytearray or range, or a list, tuple, set,
        frozenset, dict, deque or view of a dict of such, or an iterator over such, which is drawn from to its end. An
        instance of a subclass, such as a Counter, is written as the plain value that it holds; its methods are not
        asked.

    Raises
    ------
    NotALiteral
        If it is or holds anything else, nests too deeply, or is an iterator without an end.

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
    """Return the value that a text stands for, made of built-in types; an iterator comes out as a generator.

    Raises
    ------
    NotALiteral
        If the text stands for none.
    """
    try:
        return _decoded(json.loads(text, parse_constant=_refused))
    except (ArithmeticError, ValueError, TypeError, RecursionError) as error:
        raise NotALiteral(f"a text that stands for no value: {type(error).__name__}") from None


def _encoded(value: Any) -> Any:
    """Return a value as JSON can hold it: what JSON does not have is a list of a letter and its parts."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        text = str.__str__(value)
        # Halves of a pair, side by side, would come out of JSON as one character.
        return text if text.isascii() or _is_whole(text) else ["u", text.encode("utf-8", "surrogatepass").hex()]
    if isinstance(value, int):
        number = int.__int__(value)
        return number if abs(number) < SMALL else ["i", f"{number:x}"]
    if isinstance(value, float):
        plain = float.__float__(value)
        return plain if isfinite(plain) else ["f", float.hex(plain)]
    if isinstance(value, dict):
        return ["d", _pairs(dict.items(value))]
    for letter, kind in _COLLECTIONS.items():
        if isinstance(value, kind):
            return [letter, [_encoded(part) for part in kind.__iter__(value)]]
    return _encoded_rarely(value)


def _encoded_rarely(value: Any) -> Any:
    """Return a value of a kind that few functions return."""
    if isinstance(value, complex):
        return ["c", float.hex(complex.__complex__(value).real), float.hex(complex.__complex__(value).imag)]
    for letter, kind in _BYTES.items():
        if isinstance(value, kind):
            return [letter, kind.hex(value)]
    if isinstance(value, range):
        return ["r", [_encoded(part) for part in (value.start, value.stop, value.step)]]
    if isinstance(value, deque):
        return ["q", [_encoded(part) for part in deque.__iter__(value)], _encoded(value.maxlen)]
    for letter, kind in _VIEWS.items():
        if isinstance(value, kind):
            return [letter, _pairs(value) if letter == "I" else [_encoded(part) for part in value]]
    if hasattr(type(value), "__next__") and type(value).__module__ in ITERATORS:
        drawn = [_encoded(part) for part in islice(value, MOST_DRAWN + 1)]
        if len(drawn) > MOST_DRAWN:
            raise NotALiteral(f"{type(value).__name__} of more than {MOST_DRAWN} values")
        return ["g", drawn]
    return _encoded_number(value)


def _encoded_number(value: Any) -> Any:
    """Return a number of a kind that is imported: where its module is not, this is none."""
    decimal, fractions = (_imported(module, kind) for module, kind in _NUMBERS)
    if isinstance(value, decimal):
        return ["D", decimal.__str__(value)]
    if isinstance(value, fractions):
        return ["F", _encoded(value.numerator), _encoded(value.denominator)]
    raise NotALiteral(type(value).__name__)


def _decoded(content: Any) -> Any:
    """Return what `_encoded` was given."""
    if not isinstance(content, list):
        if isinstance(content, dict):  # which `_encoded` does not make
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
    return _decoded_rarely(letter, parts)


def _decoded_rarely(letter: Any, parts: list[Any]) -> Any:
    """Return what `_encoded_rarely` was given."""
    if letter in _BYTES:
        return _BYTES[letter].fromhex(_only(parts))
    if letter == "u":
        return bytes.fromhex(_only(parts)).decode("utf-8", "surrogatepass")
    if letter in _VIEWS:
        return _view(letter, _only(parts))
    if letter == "g":
        drawn = [_decoded(part) for part in _only(parts)]
        return (part for part in drawn)
    if letter == "r":
        return range(*(_decoded(part) for part in _only(parts)))
    if letter == "q":
        held, most = parts
        return deque([_decoded(part) for part in held], _decoded(most))
    return _decoded_number(letter, parts)


def _view(letter: str, parts: list[Any]) -> Any:
    """Return a view of a dictionary."""
    if letter == "K":
        return dict.fromkeys(_decoded(part) for part in parts).keys()
    if letter == "V":
        return dict(enumerate(_decoded(part) for part in parts)).values()
    return {_decoded(key): _decoded(part) for key, part in parts}.items()


def _decoded_number(letter: Any, parts: list[Any]) -> Any:
    """Return a number of a kind that few functions return."""
    if letter == "D":
        from decimal import Decimal

        return Decimal(str(_only(parts)))
    first, second = parts
    if letter == "c":
        return complex(float.fromhex(first), float.fromhex(second))
    if letter == "F":
        from fractions import Fraction

        return Fraction(_decoded(first), _decoded(second))
    raise ValueError


def _imported(module: str, kind: str) -> Any:
    """Return a type of a module; where that is not imported, what nothing is an instance of."""
    return getattr(sys.modules.get(module), kind, ())


def _pairs(items: Any) -> list[Any]:
    """Return keys and values as JSON can hold them."""
    return [[_encoded(key), _encoded(part)] for key, part in items]


def _is_whole(text: str) -> bool:
    """Return whether a text has no halves of characters."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _refused(_: str) -> None:
    """Refuse a number that JSON does not have."""
    raise ValueError


def _only(parts: list[Any]) -> Any:
    """Return the only part."""
    (part,) = parts
    return part


_COLLECTIONS: dict[str, Any] = {"l": list, "t": tuple, "s": set, "z": frozenset}
_BYTES: dict[str, Any] = {"b": bytes, "a": bytearray}
_VIEWS: dict[str, Any] = {"K": type({}.keys()), "V": type({}.values()), "I": type({}.items())}
_NUMBERS = (("decimal", "Decimal"), ("fractions", "Fraction"))
