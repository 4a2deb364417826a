"""The figures of an analysis as pictures in a page: the same drawing in a third of the bytes."""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from xml.etree import ElementTree

SVG, XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
_HREF = f"{{{XLINK}}}href"
_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters of names that XML cannot have; nothing is drawn for them."""
_SPACE = re.compile(r"\s+")
_SHIFT = re.compile(r"translate\((\S+) 0\)")
_NUMBERS_IN = ("d", "transform", "x", "y", "width", "height", "points")
"""Attributes with places, of which a hundredth of a point is not seen."""


@dataclass(frozen=True)
class Picture:
    """A figure as an image of a page."""

    source: str
    """A ``data:`` URL. Shown as an image, nothing in it can run, load or be styled by the page."""
    width: int
    height: int
    """In pixels of CSS."""


def picture(svg: bytes) -> Picture:
    """Return a figure, as matplotlib writes it, for a page."""
    root = ElementTree.fromstring(_NOT_XML.sub("", svg.decode()))
    width, height = (round(float(root.attrib[name].removesuffix("pt")) * 96 / 72) for name in ("width", "height"))
    return Picture(f"data:image/svg+xml;base64,{base64.b64encode(compact(root)).decode()}", width, height)


def compact(root: ElementTree.Element) -> bytes:
    """Return a drawing without what is not drawn: metadata, names, white space and decimals that nobody sees.

    Parameters
    ----------
    root : Element
        The ``svg`` element; it is changed.
    """
    ElementTree.register_namespace("", SVG)
    ElementTree.register_namespace("xlink", XLINK)
    for metadata in root.findall(f"{{{SVG}}}metadata"):
        root.remove(metadata)
    used = {name for element in root.iter() for name in _references(element)}
    short = {name: f"i{number}" for name, number in zip(sorted(used), count(), strict=False)}
    for element in root.iter():
        _shorten(element, short)
    return ElementTree.tostring(root).replace(b" />", b"/>")  # in texts and values ">" is escaped


def _references(element: ElementTree.Element) -> Iterator[str]:
    """Names of other elements that one refers to."""
    if (name := element.get(_HREF, "")).startswith("#"):
        yield name[1:]
    for value in element.attrib.values():
        yield from re.findall(r"url\(#(.+?)\)", value)


def _shorten(element: ElementTree.Element, short: dict[str, str]) -> None:
    """Shorten names, numbers and white space of one element."""
    for part in ("text", "tail"):
        text = getattr(element, part)
        if text is not None and not text.strip():
            setattr(element, part, None)
    attributes = element.attrib
    if (name := attributes.pop("id", None)) in short:
        attributes["id"] = short[name]
    for key in _NUMBERS_IN:
        if key in attributes:
            attributes[key] = _NUMBER.sub(_rounded, _SPACE.sub(" ", attributes[key]).strip())
    for key, value in attributes.items():
        if "url(#" in value:
            attributes[key] = re.sub(r"url\(#(.+?)\)", lambda found: f"url(#{short[found[1]]})", value)
    if attributes.get(_HREF, "").startswith("#"):
        attributes["href"] = f"#{short[attributes.pop(_HREF)[1:]]}"
        if shift := _SHIFT.fullmatch(attributes.get("transform", "")):  # as letters of a word have it
            del attributes["transform"]
            attributes["x"] = shift[1]


def _rounded(found: re.Match[str]) -> str:
    """A number to two decimals; one of less than that as it is, since scales of letters are."""
    value = float(found[0])
    return f"{value:.2f}".rstrip("0").rstrip(".") if abs(value) >= 0.1 else f"{value:.4g}"
