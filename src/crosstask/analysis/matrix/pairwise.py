"""How many sources or targets may be compared with one another, each pair of them.

Time and memory of what looks at pairs go with the square of their number.
"""

from collections.abc import Mapping, Sequence

MOST = 2_000
"""Sources, or targets, of which all pairs are looked at."""


def too_many(count: int) -> bool:
    """Whether so many are not compared with one another."""
    return count > MOST


def pairwise_note(what: Sequence[str], counts: Mapping[str, int]) -> list[str]:
    """A line on what is not made of a matrix, if its sources or targets are too many.

    Examples
    --------
    >>> pairwise_note(["clusters", "affinity"], {"sources": 7000, "targets": 6})
    ['no clusters, affinity of 7,000 sources: they compare all pairs, of 2,000 at most']
    """
    return [
        f"no {', '.join(what)} of {count:,} {side}: they compare all pairs, of {MOST:,} at most"
        for side, count in counts.items()
        if what and too_many(count)
    ]
