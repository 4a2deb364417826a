"""Numbers with their nouns, and lists of names."""

from collections.abc import Sequence


def counted(count: int, word: str) -> str:
    """Return a number with its noun.

    Examples
    --------
    >>> counted(1, "source"), counted(2, "source"), counted(0, "pair")
    ('1 source', '2 sources', '0 pairs')
    """
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def listed(names: Sequence[object], most: int = 10) -> str:
    """Return names for a line that must stay readable: the first of many, and how many others there are.

    Examples
    --------
    >>> listed(["goat", "imdb"]), listed(["goat", "imdb", "pile"], most=2)
    ('goat, imdb', 'goat, imdb and 1 more')
    """
    shown = ", ".join(map(str, names[:most]))
    return shown if len(names) <= most else f"{shown} and {len(names) - most:,} more"
