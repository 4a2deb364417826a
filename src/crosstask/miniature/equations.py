"""Equations: their operands, their value, and which of them are held out for testing."""

import re
from random import Random
from typing import Any
from zlib import crc32

from crosstask.miniature.relations import relations

EQUATION = re.compile(r"(\d+) ([-+*]) (\d+) = (\d+)")


def operation(rng: Random) -> tuple[int, str, int]:
    """Operands and operator out of the bands in ``relations.yaml``; no result below zero."""
    bands = relations()["arithmetic"]["bands"]
    band: dict[str, Any] = rng.choices(bands, weights=[band["share"] for band in bands])[0]
    while True:
        left, right = rng.randint(*band["left"]), rng.randint(*band["right"])
        if 0 <= result(left, band["operator"], right) <= band.get("most", 999):
            return left, band["operator"], right


def result(left: int, operator: str, right: int) -> int:
    """The value of a sum, difference or product.

    Examples
    --------
    >>> result(7, "*", 6)
    42
    """
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case _:
            return left * right


def held_out(expression: str) -> bool:
    """Whether the sum belongs to Goat's test split; the same for 2 + 1 and 1 + 2.

    Examples
    --------
    >>> held_out("12 + 3") == held_out("3 + 12")
    True
    """
    left, operator, right = expression.split()
    if operator != "-" and int(left) > int(right):
        left, right = right, left
    return crc32(f"{left} {operator} {right}".encode()) % relations()["arithmetic"]["held_out"] == 0
