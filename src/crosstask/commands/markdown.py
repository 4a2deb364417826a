"""Tables of the manuals, as Markdown."""

from collections.abc import Iterable, Iterator


def table(head: str, lines: Iterable[str]) -> Iterator[str]:
    """Yield the lines of a table; the cells of the head and of each line are parted by ``|``."""
    yield f"| {head} |"
    yield f"|{'---|' * (head.count('|') + 1)}"
    yield from (f"| {line} |" for line in lines)


def cell(text: str) -> str:
    r"""Return a text that can stand in a cell: in one line, and what looks like a tag of HTML is none.

    Examples
    --------
    >>> print(cell("one | two ``a<b>`` <c>"))
    one \| two `a<b>` \<c>
    """
    text = " ".join(text.replace("``", "`").split()).replace("|", "\\|")
    return "`".join(
        part.replace("<", "\\<") if number % 2 == 0 else part for number, part in enumerate(text.split("`"))
    )
