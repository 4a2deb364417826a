"""The verdict in a judge's reply: its last line alone, or why there is none."""

import re
from enum import StrEnum


class Verdict(StrEnum):
    """What a judge decides of an answer."""

    correct = "correct"
    wrong = "wrong"


CUT_SHORT = ("length", "content_filter", "refusal", "refused", "context_length_exceeded")
"""Ends of a reply that are no end: whatever stands in its last line was not meant to be the last."""
_LINE = re.compile(r"VERDICT\s*:\s*(CORRECT|WRONG|INCORRECT)\s*[.!]?", re.IGNORECASE | re.ASCII)
_MARKUP = re.compile(r"[*_`#>]")


def verdict(text: str, ended: str) -> tuple[Verdict | None, str | None]:
    r"""Return the verdict in a reply, given with why it ended; or None, and why there is no verdict.

    Why: ``length`` (the reply was cut), ``content_filter``, ``refusal`` (by the judge), ``refused`` (by its endpoint),
    ``context_length_exceeded`` (the question was too long for the judge), ``empty``, or ``no verdict`` in the last
    line. Markup and the case of letters do not count, and INCORRECT is WRONG.

    Examples
    --------
    >>> verdict("It says the same.\n\n**Verdict:** correct.\n", "stop")
    (<Verdict.correct: 'correct'>, None)
    >>> verdict("CORRECT", "stop"), verdict("VERDICT: CORRECT", "length")
    ((None, 'no verdict'), (None, 'length'))
    """
    if ended in CUT_SHORT:
        return None, ended
    lines = _MARKUP.sub("", text).split("\n")
    last = next((line.strip() for line in reversed(lines) if line.strip()), None)
    if last is None:
        return None, "empty"
    found = _LINE.fullmatch(last)
    if found is None:
        return None, "no verdict"
    return Verdict.correct if found[1].upper() == "CORRECT" else Verdict.wrong, None
