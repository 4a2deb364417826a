"""Regular expressions of task files: written as those of Python, matched within a time limit.

Python's own matcher has no limit, and one bad pattern can take longer than the universe has existed; the package
``regex`` has one. Its version 0 reads patterns as Python does, but for the three extensions that are kept out here.
"""

import re
import warnings
from collections import deque
from functools import lru_cache

import regex

SECONDS = 1.0
"""Most processor time for one pattern on one text."""
_LITERAL_BRACE = re.compile(r"((?<!\\)(?:\\\\)*)(?<!\\N)\{(?!\d*,?\d*\})|((?<!\\)(?:\\\\)*)\{(?=\})")
"""A brace that repeats nothing, which Python takes as it stands and ``regex`` may take for an approximate match."""


@lru_cache
def compiled(pattern: str) -> regex.Pattern[str]:
    r"""Return a pattern ready to be matched.

    Raises
    ------
    ValueError
        If it is no regular expression of Python's, or has more than one group.

    Examples
    --------
    >>> compiled(r"#### (\d+)").findall("#### 1 #### 2")
    ['1', '2']
    >>> compiled("(a")
    Traceback (most recent call last):
    ValueError: missing ), unterminated subpattern at position 0
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error", FutureWarning)  # sets in sets, such as [[:alpha:]]
        try:
            groups = re.compile(pattern).groups
            found = regex.compile(_LITERAL_BRACE.sub(r"\1\\{", pattern), regex.V0)
        except (re.error, regex.error, FutureWarning, OverflowError, RecursionError) as error:
            raise ValueError(str(error)) from error
    if groups > 1:
        raise ValueError(f"{groups} groups; an answer is found by one, the others are written (?:...)")
    return found


def last_match(pattern: str, text: str) -> regex.Match[str] | None:
    """Return the last match of a pattern in a text; None if there is none.

    Raises
    ------
    TimeoutError
        If that takes more than `SECONDS`.
    """
    matches = deque(compiled(pattern).finditer(text, timeout=SECONDS), maxlen=1)
    return matches[0] if matches else None
