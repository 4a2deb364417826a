"""A page as another program reads it: by Python's own parser, without a browser."""

import base64
import gzip
import json
from html.parser import HTMLParser
from typing import Any

MINUS = "\N{MINUS SIGN}"
VOID = {"meta", "link", "img", "input", "br", "base"}


class Parsed(HTMLParser):
    """Elements of a page in order, each with its attributes and its text.

    Parameters
    ----------
    content : bytes
        The page.
    """

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None], list[str]]] = []
        self._open: list[int] = []
        self.feed(content.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs), []))
        if tag not in VOID:
            self._open.append(len(self.elements) - 1)

    def handle_endtag(self, tag: str) -> None:
        while self._open and self.elements[self._open.pop()][0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        for place in self._open:
            self.elements[place][2].append(data)

    def all(self, tag: str, **attributes: str) -> list[tuple[dict[str, str | None], str]]:
        """Attributes and text of all elements of a kind."""
        return [
            (found, " ".join("".join(text).split()))
            for name, found, text in self.elements
            if name == tag
            and all(found.get(key.rstrip("_").replace("_", "-")) == value for key, value in attributes.items())
        ]

    def part(self, name: str) -> Any:
        """Data of the page, as its script reads them."""
        return json.loads(self.file(name))

    def meaning(self, view: str) -> str:
        """The sentence above the matrix."""
        ((_, text),) = self.all("p", data_view=view)
        return text

    def axes(self) -> Any:
        """Names and orders of rows and columns."""
        return json.loads(self.all("script", id="axes")[0][1])

    def file(self, name: str) -> bytes:
        """A file in the page."""
        (content,) = ("".join(text) for tag, found, text in self.elements if found.get("data-name") == name)
        return gzip.decompress(base64.b64decode(content))


def numbers(text: str) -> float:
    """The number in a cell of the matrix."""
    return float(text.strip("()").replace(MINUS, "-"))
