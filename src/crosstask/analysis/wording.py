"""Numbers with their nouns, and text as a terminal may have it."""


def counted(count: int, word: str) -> str:
    """Return a number with its noun.

    Examples
    --------
    >>> counted(1, "source"), counted(2, "source"), counted(0, "pair")
    ('1 source', '2 sources', '0 pairs')
    """
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def printable(text: str) -> str:
    r"""Return text whose control characters, which could move the cursor or color the screen, are written out.

    Examples
    --------
    >>> print(printable("red \x1b[31m, two\nlines"))
    red \x1b[31m, two\nlines
    """
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)
