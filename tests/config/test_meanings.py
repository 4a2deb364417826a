"""What a key is, as the source of its schema says it."""

import dataclasses
import inspect
from dataclasses import dataclass, field, make_dataclass
from enum import StrEnum

import pytest

from crosstask.commands.schemas import SCHEMAS
from crosstask.config.groups import group_meaning, group_options, option_meaning
from crosstask.config.meanings import Key, docstrings, keys
from crosstask.limits import at_least


class Color(StrEnum):
    """How it is painted."""

    red = "red"
    blue = "blue"
    """Like the ``sky``."""


@dataclass
class Wheel:
    """A wheel."""

    size: float = at_least(0, 1.5, below=9)
    """In inches,
    rim included."""
    color: Color = Color.red


@dataclass
class Vehicle:
    """Something with wheels."""

    names: list[str] = field(default_factory=lambda: ["a"])
    """What it is called.

    Several are possible.
    """
    colors: list[Color] = field(default_factory=list)
    """Of the parts."""
    seats: int | None = at_least(1, default=None)
    """Seats."""
    front: Wheel = field(default_factory=Wheel)
    spare: Wheel | None = None
    others: dict[str, Wheel] = field(default_factory=dict)


WHEEL = [
    ("size", "number, at least 0, below 9", "In inches, rim included.", {}),
    ("color", "red or blue", "How it is painted.", {"red": "", "blue": "Like the ``sky``."}),
]


def told(key: Key) -> tuple[str, str, str, dict[str, str]]:
    return key.name, key.type, key.meaning, dict(key.choices)


def test_keys_are_those_of_the_dataclass_and_of_all_dataclasses_in_it():
    assert [told(key) for key in keys(Vehicle)] == [
        ("names", "list of text", "What it is called.\nSeveral are possible.", {}),
        ("colors", "list of red or blue", "Of the parts.", {"red": "", "blue": "Like the ``sky``."}),
        ("seats", "integer or null, at least 1", "Seats.", {}),
        *((f"front.{name}", *rest) for name, *rest in WHEEL),
        *((f"spare.{name}", *rest) for name, *rest in WHEEL),
        *((f"others.NAME.{name}", *rest) for name, *rest in WHEEL),
    ]
    assert [key.default for key in keys(Vehicle)][:4] == [["a"], [], None, 1.5]


def test_a_class_that_is_made_at_run_time_has_the_keys_and_meanings_of_its_bases():
    made = make_dataclass("Made", [("more", Wheel, field(default_factory=Wheel))], bases=(Vehicle,))
    assert [told(key) for key in keys(made)] == [
        *(told(key) for key in keys(Vehicle)),
        *((f"more.{name}", *rest) for name, *rest in WHEEL),
    ]


def test_docstrings_are_the_lines_below_the_fields():
    lines = inspect.getsource(SCHEMAS["status"]).splitlines()
    (below,) = (lines[i + 1].strip().strip('"') for i, line in enumerate(lines) if line.strip().startswith("sweep:"))
    assert docstrings(SCHEMAS["status"])["sweep"] == below


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS)
def test_every_key_every_group_and_every_choice_of_a_group_says_what_it_is(schema: type):
    assert [key.name for key in keys(schema) if len(key.meaning) < 10] == []
    for group, options in group_options(schema).items():
        assert len(group_meaning(group, schema)) > 10
        if len(options) > 1:
            assert [name for name in options if not option_meaning(group, name)] == []
    names = {field.name for field in dataclasses.fields(schema)}
    assert {key.name.partition(".")[0] for key in keys(schema)} == names
