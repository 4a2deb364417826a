"""Numbers in answers: read as a person reads them, and written such that equal numbers are equal texts."""

import re
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal, InvalidOperation

MINUS_SIGNS = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2212\ufe63\uff0d", "-"))
"""Characters that stand for a minus: hyphens, the figure dash, the en dash, and those for arithmetic."""
PLACES = 1000
"""Zeros and decimal places that are written out at most; a number with more is written with an exponent."""
_EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN)
_WRAPPED = re.compile(r"\\(?:boxed|fbox|text|textbf|mathbf|mathrm)\s*\{([^{}]*)\}")
_MATH = re.compile(r"\\[()\[\]]")
_BOLD = re.compile(r"(?<![\w*])(\*{2,3}|__)(?=\S)([^\n]+?)(?<=\S)\1(?![\w*])")
_DOLLARS = re.compile(r"(?<!\d)\\?\$(?=\s*-?[\d.])|(?<=\d)\\?\$(?!\d)|(?<=\d\.)\\?\$(?!\d)")
_OPERAND = re.compile(r"[\w)\]}%]$")
"""What a minus stands after that takes away, as in ``10-5``, and is no sign."""


def without_markup(text: str) -> str:
    r"""Return a text without what surrounds numbers in Markdown and LaTeX: boldface, boxes, dollars.

    Examples
    --------
    >>> without_markup(r"The answer is **$1,024**, that is \(\boxed{1024}\), and 2**10.")
    'The answer is 1,024, that is 1024, and 2**10.'
    """
    found = 1
    while found:  # a box may hold another
        text, found = _WRAPPED.subn(r"\1", text)
    return _DOLLARS.sub("", _BOLD.sub(r"\2", _MATH.sub("", text)))


def without_operator(number: str, before: str) -> str:
    """Return a number without a minus that takes it away from what stands ``before`` it.

    Examples
    --------
    >>> without_operator("-5", before="10"), without_operator("-5", before="= ")
    ('5', '-5')
    """
    return number[1:] if number.startswith("-") and _OPERAND.search(before) else number


def canonical_number(text: str) -> str | None:
    """Return a number in the one way to write it, at full precision; text that is more than a number stays as it is.

    Examples
    --------
    >>> canonical_number("1,024.50"), canonical_number("-0.0"), canonical_number("12 R 3"), canonical_number(",")
    ('1024.5', '0', '12 R 3', None)
    >>> canonical_number("1e9999999")
    '1E+9999999'
    """
    plain = text.translate(MINUS_SIGNS).replace(",", "").strip().rstrip(".")
    try:
        number = Decimal(plain)
    except InvalidOperation:  # also for exponents of more than 18 digits
        return plain or None
    if not number.is_finite():
        return plain
    number = number.normalize(_EXACT)
    if not number:
        return "0"
    return f"{number:f}" if abs(int(number.as_tuple().exponent)) <= PLACES else f"{number:E}"
