"""The answer in generated text."""

import re
from decimal import Decimal, InvalidOperation


def extracted(pattern: str, text: str, number: bool) -> str | None:
    r"""Return the last match's group, in a form in which equal answers are equal strings; None if there is none.

    Examples
    --------
    >>> extracted(r"#### (-?[\d.,]+)", "3 + 4 = 7\n#### 7,000.0", number=True)
    '7000'
    >>> extracted(r"#### (-?[\d.,]+)", "I do not know", number=True) is None
    True
    """
    matches = re.findall(pattern, text)
    if not matches:
        return None
    answer = matches[-1].strip()
    return _canonical_number(answer) if number else answer


def _canonical_number(text: str) -> str | None:
    """Return a number without thousands separators or trailing zeros; text that holds more stays as it is."""
    plain = text.replace(",", "").rstrip(".")
    try:
        return f"{Decimal(plain).normalize():f}"
    except InvalidOperation:
        return plain or None
