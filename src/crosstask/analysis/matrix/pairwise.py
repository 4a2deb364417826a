"""How many sources or targets may be compared with one another, each pair of them.

Time and memory of what looks at pairs go with the square of their number.
"""

MOST = 2_000
"""Sources, or targets, of which all pairs are looked at."""


def too_many(count: int) -> bool:
    """Whether so many are not compared with one another."""
    return count > MOST


def pairwise_note(what: str, count: int, side: str) -> list[str]:
    """A line on what is not made of so many sources or targets; nothing where it is.

    Examples
    --------
    >>> pairwise_note("clusters", 7000, "sources"), pairwise_note("clusters", 6, "targets")
    (['no clusters of 7,000 sources: they compare all pairs, of 2,000 at most'], [])
    """
    return [f"no {what} of {count:,} {side}: they compare all pairs, of {MOST:,} at most"] if too_many(count) else []
