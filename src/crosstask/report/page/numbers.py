"""Numbers as the page writes them: a minus sign that is one, nothing where a number is missing."""

from typing import Any, NamedTuple

MINUS = "\N{MINUS SIGN}"


class Scale(NamedTuple):
    """How numbers of one unit are written; ``number(value, *scale)``."""

    factor: float = 1.0
    """From a table's numbers to those shown."""
    decimals: int = 1


def is_missing(value: Any) -> bool:
    """Whether a cell of a table is empty: None, NaN or <NA>.

    Examples
    --------
    >>> import pandas as pd
    >>> [is_missing(value) for value in (None, float("nan"), pd.NA, 0, "")]
    [True, True, True, False, False]
    """
    return value is None or type(value).__name__ == "NAType" or (isinstance(value, float) and value != value)


def number(value: Any, factor: float = 1.0, decimals: int = 1, sign: bool = False) -> str:
    """A number times a factor; an empty text where it is missing.

    With a sign, what is below 0 has a minus however small it is, and 0 itself has none.

    Examples
    --------
    >>> number(0.3456, 100, sign=True), number(-0.0004, 100), number(float("nan"))
    ('+34.6', '0.0', '')
    >>> number(-0.0004, 100, sign=True), number(0.0, sign=True)
    ('−0.0', '0.0')
    """
    if is_missing(value):
        return ""
    kind = "+" if sign and value != 0 else "z"
    return f"{factor * float(value):{kind}.{decimals}f}".replace("-", MINUS)


def interval(low: Any, high: Any, factor: float = 1.0, decimals: int = 1, sign: bool = False) -> str:
    """Both limits of an interval; an empty text where one is missing.

    Examples
    --------
    >>> interval(-0.012, 0.5, 100, sign=True)
    '−1.2 to +50.0'
    """
    if is_missing(low) or is_missing(high):
        return ""
    return f"{number(low, factor, decimals, sign)} to {number(high, factor, decimals, sign)}"


def with_interval(value: Any, low: Any, high: Any, factor: float = 1.0, decimals: int = 1, sign: bool = False) -> str:
    """A number, and its interval in brackets where it is known."""
    limits = interval(low, high, factor, decimals, sign)
    return f"{number(value, factor, decimals, sign)} ({limits})" if limits else number(value, factor, decimals, sign)


def level(p: Any) -> str:
    """A p value, or a false discovery rate, to two digits.

    Examples
    --------
    >>> level(0.01234), level(3e-17), level(None)
    ('0.012', '3e-17', '')
    """
    return "" if is_missing(p) else f"{p:.2g}"


def significant_digits(value: Any, digits: int = 4) -> str:
    """A number of any size as a table of many units writes it, whole numbers in full.

    Examples
    --------
    >>> significant_digits(0.0123456), significant_digits(-3.0), significant_digits(12345678)
    ('0.01235', '−3', '12345678')
    """
    if is_missing(value):
        return ""
    text = str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else f"{value:.{digits}g}"
    return text.replace("-", MINUS) if not text.lstrip("-").count("e") else text
