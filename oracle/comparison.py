"""One comparison and its verdict; the table of all."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Comparison:
    """The largest difference between our numbers and the oracle's, and how large it may be."""

    what: str
    n: int
    """Numbers compared."""
    difference: float
    tolerance: float
    unit: str

    @property
    def holds(self) -> bool:
        """Whether the difference is within the tolerance; a difference that is not a number is not."""
        return self.difference <= self.tolerance


def table(comparisons: Sequence[Comparison]) -> str:
    """Return all comparisons as a Markdown table."""
    lines = ["| comparison | n | largest difference | tolerance | verdict |", "|---|---|---|---|---|"]
    for c in comparisons:
        verdict = "agrees" if c.holds else "**DISAGREES**"
        lines.append(f"| {c.what} | {c.n} | {c.difference:.3g} {c.unit} | {c.tolerance:g} {c.unit} | {verdict} |")
    return "\n".join(lines)
