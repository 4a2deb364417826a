"""Numbers as people write them: decimal commas, thousands separators, percent signs, a +- b, words for nothing.

Where a number can be read in two ways, such as 1,250, the other numbers of the table decide, and a note says so; where
they do not, it is refused.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from crosstask.config.analysis import DecimalMark
from crosstask.errors import UserError

_MISSING = {"", "na", "n/a", "n.a.", "nan", "#n/a", "<na>", "null", "none", "missing", "?"}
_MISSING |= {"-", "--", "\u2013", "\u2014"}  # dashes of every length
_BETWEEN = re.compile(r"\s*(?:\u00b1|\+/-|\+-|\$?\\pm\$?)\s*")
_EMPHASIS = re.compile(
    r"(\*{1,3}|_{1,3})(?P<marked>(?:(?!\1).)+)\1"
    r"|<(b|i|u|strong|em)>(?P<tagged>(?:(?!</?\3>).)+)</\3>"
    r"|\\(?:textbf|textit|underline|emph|mathbf|mathit|boldsymbol)\{(?P<braced>(?:[^{}]|\{[^{}]*\})+)\}"
    r"|\$(?P<math>[^$]+)\$"
)
"""Marks of Markdown, HTML and LaTeX around the whole of a text."""
_BEGINNING = re.compile(r"[+-]?(?:\d[\d.,]*|[.,]\d+)(?:\s*%)?(?P<rest>.*)", re.DOTALL)
_BLANKS = re.compile(r"[\u00a0\u2009\u202f]")


@dataclass(frozen=True)
class Score:
    """What the field of a score says."""

    value: float
    stderr: float | None
    """What stands behind +-."""
    percent: bool
    """Whether there is a percent sign."""


@dataclass(frozen=True)
class Notation:
    """How the numbers of a table are written."""

    decimal: DecimalMark = DecimalMark.point

    def number(self, text: str) -> float | None:
        """Return the number written; None where the text is none, as infinity.

        Examples
        --------
        >>> Notation().number("1,250.5"), Notation(DecimalMark.comma).number("0,25"), Notation().number("0,25")
        (1250.5, 0.25, None)
        """
        text = _plain(_bare(_plain(text)))
        if not _FORMS[self.decimal].fullmatch(text):
            return None
        decimal, thousands = _SIGNS[self.decimal]
        number = float(text.replace(thousands, "").replace(decimal, "."))
        return number if math.isfinite(number) else None

    def score(self, text: str) -> Score | None:
        """Return the score written, with its standard error and percent sign; None where the text is no score.

        Examples
        --------
        >>> Notation().score("71.2 ± 0.3 %")
        Score(value=71.2, stderr=0.3, percent=True)
        """
        parts = [self.number(part) for part in _parts(text)]
        value, *rest = parts
        if value is None or len(parts) > 2 or None in rest:
            return None
        return Score(value, rest[0] if rest else None, "%" in text)


def is_missing(text: str) -> bool:
    """Tell whether a field says that there is nothing: empty, NA, n/a, nan, null, none, -, ? and the like."""
    return _bare(text).casefold() in _MISSING


def begins_with_number(text: str) -> bool:
    """Tell whether a field holds a number, and perhaps more behind it.

    Examples
    --------
    >>> begins_with_number("43.5†"), begins_with_number("7"), begins_with_number("(acc)")
    (True, True, False)
    """
    return bool(_BEGINNING.match(_bare(text)))


def has_plus(text: str) -> bool:
    """Tell whether a number has a plus sign, as differences have.

    Examples
    --------
    >>> has_plus("**+5.4**"), has_plus("5.4 +- 0.3")
    (True, False)
    """
    return _bare(text).startswith("+")


def remedy(text: str) -> str:
    """Return what makes a number of a text that is none.

    Examples
    --------
    >>> print(remedy("61.8 (+0.5)"))
    leave out what stands behind the number, '(+0.5)'
    >>> print(remedy("(acc)"))
    a score is a number, a +- b, or NA where it is missing; leave out lines that hold no scores
    """
    begins = _BEGINNING.fullmatch(_bare(text))
    if begins and begins["rest"].strip():
        return f"leave out what stands behind the number, {begins['rest'].strip()!r}"
    return "a score is a number, a +- b, or NA where it is missing; leave out lines that hold no scores"


def notation(texts: Iterable[tuple[str, str]], decimal: DecimalMark | None) -> tuple[Notation, list[str]]:
    """Return how the numbers of a table are written, and what the reader must know of it.

    Parameters
    ----------
    texts : iterable of (str, str)
        Place and text of each field that should hold a score or its error.
    decimal : DecimalMark or None
        What stands before decimals; None to let the numbers tell.

    Raises
    ------
    UserError
        If some numbers have decimal commas and others decimal points, or it cannot be told which they have.
    """
    readings = {mark: Notation(mark) for mark in DecimalMark}
    only: dict[DecimalMark, tuple[str, str]] = {}
    either: tuple[str, str] | None = None
    for where, text in texts:
        for part in _parts(text):
            found = {mark: number for mark, reading in readings.items() if (number := reading.number(part)) is not None}
            if len(found) == 1:
                only.setdefault(next(iter(found)), (where, text))
            elif len(set(found.values())) > 1 and (either is None or "," in part):
                either = (where, text)
    if decimal is None and len(only) > 1:
        comma, point = only[DecimalMark.comma], only[DecimalMark.point]
        raise UserError(
            f"{comma[0]}: {comma[1]!r} has a decimal comma, but {point[1]!r} ({point[0].rpartition(', ')[2]}) a decimal"
            " point; a table has one of them"
        )
    if decimal is None and not only and either is not None and "," in either[1]:
        raise UserError(
            f"{either[0]}: {either[1]!r} has a decimal comma or a thousands separator; runs.decimal=comma or"
            " runs.decimal=point says which"
        )
    chosen = decimal or next(iter(only), DecimalMark.point)
    notes = ["numbers have decimal commas"] if chosen is DecimalMark.comma else []
    if either is not None and (chosen is DecimalMark.comma or "," in either[1]):
        notes.append(f"{either[1]!r} is taken to have a thousands separator: other numbers have a decimal {chosen}")
    return readings[chosen], notes


def _parts(text: str) -> list[str]:
    """The number, and what stands behind +-."""
    return _BETWEEN.split(_bare(text))


def _bare(text: str) -> str:
    """A text without the marks of emphasis around all of it, such as bold.

    Examples
    --------
    >>> print(_bare("**76.8**"), _bare("<b><u>76.8</u></b>"), _bare("76.8*"))
    76.8 76.8 76.8*
    """
    text = text.strip()
    while found := _EMPHASIS.fullmatch(text):
        text = (found["marked"] or found["tagged"] or found["braced"] or found["math"]).strip()
    return text


def _plain(text: str) -> str:
    """A number without percent sign and unusual blanks, with the hyphen for minus."""
    return _BLANKS.sub(" ", text).replace("%", "").strip().replace("\u2212", "-")


_SIGNS = {DecimalMark.point: (".", ","), DecimalMark.comma: (",", ".")}
"""The decimal mark, and the one between thousands."""


def _form(decimal: str, thousands: str) -> re.Pattern[str]:
    """What a number looks like; thousands begin with no 0."""
    whole, point = rf"(?:\d+|[1-9]\d{{0,2}}(?:{re.escape(thousands)}\d{{3}})+)", re.escape(decimal)
    return re.compile(rf"[+-]?(?:{whole}(?:{point}\d*)?|{point}\d+)(?:[eE][+-]?\d+)?", re.ASCII)


_FORMS = {mark: _form(*signs) for mark, signs in _SIGNS.items()}
