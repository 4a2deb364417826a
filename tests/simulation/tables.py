"""How the simulations print what they find."""

from collections.abc import Iterable, Mapping

import numpy as np


def print_table(rows: Iterable[Mapping[str, object]]) -> None:
    """Print a Markdown table, row by row as they come."""
    for place, row in enumerate(rows):
        if place == 0:
            print("|", " | ".join(row), "|\n|", " | ".join("---" for _ in row), "|")
        print("|", " | ".join(str(value) for value in row.values()), "|", flush=True)


def fewer_of_the_largest(draws: int, sources: int) -> int:
    """A third of the draws for matrices of 60 sources: each takes long and has many cells."""
    return draws if sources < 60 else max(draws // 3, 1)


def percent(share: float) -> str:
    """A share in percent; nothing for NaN."""
    return "" if np.isnan(share) else f"{100 * share:.1f}"
