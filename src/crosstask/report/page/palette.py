"""Colors of cells: the figures' diverging and sequential scales, in steps, for a light and for a dark page.

Steps have names: ``n8`` (most negative) to ``n1``, ``z`` (zero), ``p1`` to ``p8`` (most positive), and ``s0`` to ``s8``
of shares and scores. The ink of each is the one of black and white with more contrast, at least 4.5 to 1 (WCAG 2, AA).
"""

from collections.abc import Iterator, Sequence

from crosstask.report.page.blocks import TONES

Color = tuple[float, float, float]
"""Red, green and blue, 0 to 255."""

_RED = ("f7f7f7", "fddbc7", "f4a582", "d6604d", "b2182b", "67001f")
_BLUE = ("f7f7f7", "d1e5f0", "92c5de", "4393c3", "2166ac", "053061")
_SHARES = ("f7fbff", "c6dbef", "6baed6", "2171b5", "08306b")
"""RdBu and Blues of ColorBrewer, which color-blind readers can tell apart, from the middle outwards."""
_DARK_RED = ("20242b", "5c2b26", "a13d31", "e5735c", "f9b9a4")
_DARK_BLUE = ("20242b", "1f405c", "2a6da0", "5da9dd", "b5dcf6")
"""The same for a dark page, the middle being its paper: what is far from 0 is light."""
BLACK, WHITE = (0.0, 0.0, 0.0), (255.0, 255.0, 255.0)


LEGENDS = {
    "diverging": [
        *(f"n{place}" for place in range(TONES, 0, -1)),
        "z",
        *(f"p{place}" for place in range(1, TONES + 1)),
    ],
    "shares": [f"s{place}" for place in range(TONES + 1)],
}
"""The steps of both scales, in order."""


def colors(dark: bool) -> dict[str, tuple[Color, Color]]:
    """Paper and ink of every step.

    Parameters
    ----------
    dark : bool
        Whether the page is dark.
    """
    sides = {"n": _DARK_RED, "p": _DARK_BLUE} if dark else {"n": _RED, "p": _BLUE}
    scales = {**sides, "s": _DARK_BLUE if dark else _SHARES}
    found = {}
    for name in (step for steps in LEGENDS.values() for step in steps):
        scale = scales.get(name[0], scales["p"])
        paper = _between([_color(text) for text in scale], 0 if name == "z" else int(name[1:]) / TONES)
        found[name] = paper, max(BLACK, WHITE, key=lambda ink: contrast(ink, paper))
    return found


def rules(dark: bool) -> str:
    """A rule of CSS for every step."""
    return "\n".join(_rules(dark))


def _rules(dark: bool) -> Iterator[str]:
    """The rules, one after the other."""
    for name, (paper, ink) in colors(dark).items():
        yield f".{name} {{ background: {_hex(paper)}; color: {_hex(ink)}; }}"


def contrast(one: Color, other: Color) -> float:
    """Contrast of two colors, 1 to 21, as WCAG 2 defines it.

    Examples
    --------
    >>> round(contrast(BLACK, WHITE))
    21
    """
    low, high = sorted(_luminance(color) for color in (one, other))
    return (high + 0.05) / (low + 0.05)


def _luminance(color: Color) -> float:
    """Relative luminance, 0 to 1."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (c / 255 for c in color)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _between(scale: Sequence[Color], place: float) -> Color:
    """The color at a place, 0 to 1, of a scale."""
    at = min(int(place * (len(scale) - 1)), len(scale) - 2)
    share = place * (len(scale) - 1) - at
    red, green, blue = (a + share * (b - a) for a, b in zip(scale[at], scale[at + 1], strict=True))
    return red, green, blue


def _color(text: str) -> Color:
    """A color as CSS writes it, without the sign before it."""
    red, green, blue = (float(int(text[place : place + 2], 16)) for place in (0, 2, 4))
    return red, green, blue


def _hex(color: Color) -> str:
    """A color as CSS writes it."""
    return "#" + "".join(f"{round(part):02x}" for part in color)
