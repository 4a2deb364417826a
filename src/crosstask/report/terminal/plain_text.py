"""Text for a terminal, whatever names it has in it."""

from rich.text import Text

from crosstask.errors import printable


def plain(text: str, style: str = "") -> Text:
    """Return text that is printed as it stands: without markup, control characters written out."""
    return Text(printable(text), style=style)
