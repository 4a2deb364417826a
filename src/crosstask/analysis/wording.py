"""Numbers with their nouns."""


def counted(count: int, word: str) -> str:
    """Return a number with its noun.

    Examples
    --------
    >>> counted(1, "source"), counted(2, "source"), counted(0, "pair")
    ('1 source', '2 sources', '0 pairs')
    """
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
