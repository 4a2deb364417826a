"""What crosses between processes is a literal, comes out as it went in, and cannot be anything else."""

import math
from collections import Counter, OrderedDict, deque, namedtuple
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction
from itertools import chain, count
from typing import Any

import pytest

from crosstask.sandbox.inside import literals
from crosstask.sandbox.inside.literals import NotALiteral, dumps, loads
from crosstask.sandbox.problem import Limits

Point = namedtuple("Point", "x y")
PLAIN = {type(None), bool, int, float, complex, str, bytes, list, tuple, set, frozenset, dict}


class Color(IntEnum):
    red = 3


class Any_(int):
    """A number that says that it equals everything."""

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = int.__hash__


class Loud(str):
    """A text whose own methods say something else."""

    def __str__(self) -> str:
        return "other"


def types(value: Any) -> set[type]:
    """The types in a value."""
    inner = [*value, *value.values()] if isinstance(value, dict) else value
    parts = inner if isinstance(value, list | tuple | set | frozenset | dict) else []
    return {type(value)}.union(*map(types, parts))


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        0,
        -5,
        2**53,
        -(2**53),
        10**5000,
        0.1,
        -0.0,
        5e-324,
        math.inf,
        -math.inf,
        1 + 2j,
        "",
        "é\n\u2028\x00",
        "\ud800",
        b"",
        b"\x00\xff",
        [],
        [1, [2.5, (None, "a")]],
        (),
        ((),),
        {1, "a", (2, frozenset({3}))},
        set(),
        {"a": {1: [True]}, (1, 2): None},
        ["i", "ff"],
        ["d", []],
        {"value": ["f", "nan"]},
        1 / 3,
        "\ud83d\ude00",
        ["\U0001f600", "\ud83d\ude00\U0001f600"],
        Decimal("0.10"),
        Decimal("1E+999999999"),
        Fraction(2, 3),
        bytearray(b"x"),
        range(1, 10, 3),
        deque([1, (2,)], 5),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_literal_comes_out_as_it_went_in(value: Any):
    found = loads(dumps(value))
    assert found == value
    assert types(found) == types(value)
    assert isinstance(value, int | set) or repr(found) == repr(value)


def test_what_is_no_number_stays_so():
    assert math.isnan(loads(dumps([math.nan]))[0])


@pytest.mark.parametrize(
    "value",
    [(n for n in "ab"), map(str.lower, "AB"), reversed("ba"), iter({"a": 1, "b": 2}), chain("a", "b")],
    ids=lambda value: type(value).__name__,
)
def test_what_gives_values_once_gives_them_once(value: Any):
    found = loads(dumps(value))
    assert next(found) == "a"
    assert list(found) == ["b"]
    assert list(found) == []
    assert found != ["a", "b"]


def test_views_of_a_dictionary_are_views_of_one():
    held = {"a": [1], 2: (3,)}
    keys, values, items = (loads(dumps(view)) for view in (held.keys(), held.values(), held.items()))
    assert (keys, list(values)) == (held.keys(), list(held.values()))
    assert dict(items) == held
    assert keys == {"a", 2}
    assert keys != ["a", 2]


@pytest.mark.parametrize(
    "value", [iter(count, -1), map(abs, count()), (n for n in count())], ids=["iter", "map", "generator"]
)
def test_what_never_ends_is_refused(value: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(literals, "MOST_DRAWN", 1000)
    with pytest.raises(NotALiteral):
        dumps(value)


def test_many_floats_fit_into_a_message():
    assert len(dumps([n / 3 for n in range(400_000)])) < Limits().message_bytes


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (Counter("aab"), {"a": 2, "b": 1}),
        (OrderedDict(a=1), {"a": 1}),
        (Point(1, 2), (1, 2)),
        (Color.red, 3),
        (Any_(7), 7),
        (Loud("this"), "this"),
        ([Any_(7), {Loud("a")}], [7, {"a"}]),
    ],
    ids=repr,
)
def test_what_only_extends_a_plain_value_is_that_value(value: Any, plain: Any):
    found = loads(dumps(value))
    assert plain == found
    assert types(found) <= PLAIN
    assert dumps(found) == dumps(plain)


NESTED: list[Any] = []
for _ in range(100_000):
    NESTED = [NESTED]
CIRCLE: list[Any] = []
CIRCLE.append(CIRCLE)


@pytest.mark.parametrize(
    "value",
    [
        object(),
        print,
        int,
        {"a": {1: object()}},
        memoryview(b"x"),
        math,
        ...,
        CIRCLE,
    ],
    ids=lambda value: type(value).__name__,
)
def test_anything_else_is_refused(value: Any):
    with pytest.raises(NotALiteral):
        dumps(value)


def test_what_nests_too_deeply_is_refused_on_both_sides():
    with pytest.raises(NotALiteral, match="list that nests too deeply"):
        dumps(NESTED)
    with pytest.raises(NotALiteral):
        loads(b"[" * 10**6)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"nothing",
        b"\xff",
        b"[]",
        b'["x",1]',
        b'["l"]',
        b'["l",1]',
        b'["l",[1],[2]]',
        b'["s",[["l",[]]]]',
        b'["d",[[1]]]',
        b'["d",[[["l",[]],1]]]',
        b'["i",5]',
        b'["i","xyz"]',
        b'["f","much"]',
        b'["f",1]',
        b'["b","x"]',
        b'["c","0x1p0"]',
        b'{"value":true}',
        b"NaN",
        b"-Infinity",
        b'["D","much"]',
        b'["D",["l",[]]]',
        b'["F",1,0]',
        b'["F","x",[]]',
        b'["r",[1,2,0]]',
        b'["r",["a"]]',
        b'["q",[1],"x"]',
        b'["K",[["l",[]]]]',
        b'["g",1]',
        b'["u","zz"]',
        b'[["l",[]],1]',
    ],
)
def test_a_text_that_stands_for_nothing_is_refused(text: bytes):
    with pytest.raises(NotALiteral, match="stands for no value"):
        loads(text)
