"""Amounts of a plan, with what is known of them."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Self


class Certainty(IntEnum):
    """How well an amount is known; of a sum, as well as the worst of its parts."""

    exact = 0
    about = 1
    at_least = 2
    """A part of it is not known."""


MARKS = {Certainty.exact: "", Certainty.about: "~", Certainty.at_least: ">"}
"""What stands before an amount."""


@dataclass(frozen=True)
class Amount:
    """A number that is counted, estimated, or known in part.

    Examples
    --------
    >>> str(Amount(1234)), str(about(51_234_567)), str(about(3) + UNKNOWN), str(UNKNOWN)
    ('1234', '~51 M', '>3', '?')
    """

    value: float = 0
    certainty: Certainty = Certainty.exact

    def __add__(self, other: Self) -> "Amount":
        return Amount(self.value + other.value, max(self.certainty, other.certainty))

    def __mul__(self, factor: float) -> "Amount":
        return Amount(self.value * factor, self.certainty)

    def __str__(self) -> str:
        return self.shown(scaled(self.value))

    def shown(self, text: str) -> str:
        """Return what its value is written as, marked by how well it is known."""
        if self.certainty is Certainty.at_least and not self.value:
            return "?"
        return f"{MARKS[self.certainty]}{text}"

    @property
    def estimated(self) -> "Amount":
        """The same as an estimate."""
        return Amount(self.value, max(self.certainty, Certainty.about))


UNKNOWN = Amount(0, Certainty.at_least)


def about(value: float) -> Amount:
    """Return an estimate."""
    return Amount(value, Certainty.about)


def scaled(value: float) -> str:
    """Return a number in at most four digits or two and a unit.

    Examples
    --------
    >>> scaled(0), scaled(9999), scaled(12_345), scaled(1_234_567), scaled(2.5e9)
    ('0', '9999', '12 k', '1.2 M', '2.5 G')
    """
    if value < 10_000:
        return f"{value:.0f}"
    for unit, size in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if value >= size:
            return f"{value / size:.{1 if value < 10 * size else 0}f} {unit}"
    raise AssertionError(value)
