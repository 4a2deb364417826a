"""The one exception for errors of the user rather than of the program, and how it shows what comes from outside."""

import difflib
import os
import re
import sys
from collections.abc import Iterable
from typing import NoReturn

BROKEN_PIPE = 141
"""Exit status of a command whose output nobody reads on: 128 + SIGPIPE, as a shell has it."""
_LINE_BREAKS = re.compile(r"\s*[\r\n]\s*")
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters of a terminal, line separators, changes of the writing direction, halves of surrogate pairs."""


class UserError(Exception):
    """Something the user can fix: a name, a value, a file.

    The message is one line that names the thing, its value and what is allowed. Entry scripts print it
    without a traceback and exit with status 1.
    """

    def __init__(self, message: str) -> None:
        super().__init__(printable(_LINE_BREAKS.sub(" ", message.strip())))


class NotAtHand(UserError):
    """What the Hub has and the cache of this machine has not, where nothing may be downloaded."""


class NotApplicable(UserError):
    """A job that makes no sense as it is asked for, such as other labels for a source without labels: there is nothing
    to do, and nothing went wrong.
    """


class UnreachableError(UserError):
    """A server that a command needs does not answer, whatever it is asked for."""


def end_unread() -> NoReturn:
    """End a command whose output nobody reads on, such as `head` that has had enough.

    Python would try, and fail, to write the rest when it exits.
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(BROKEN_PIPE)


def require_one_of(name: str, value: object, allowed: tuple[str, ...]) -> None:
    """Raise unless a value is one of those allowed."""
    if value not in allowed:
        raise UserError(f"{name}={value!r}: not one of {', '.join(allowed)}")


def printable(text: str) -> str:
    r"""Return a text in which no character controls a terminal: each such is written as Python would write it.

    Examples
    --------
    >>> printable("a\x1b[2Jb\tc")
    'a\\x1b[2Jb\\tc'
    """
    return _CONTROLS.sub(lambda found: ascii(found[0])[1:-1], text)


def quoted(value: object, most: int = 60) -> str:
    """Return how an error shows a value from outside: as Python writes it, its middle left out where it is long.

    Examples
    --------
    >>> quoted("positive ")
    "'positive '"
    >>> quoted("0123456789" * 9, most=20)
    "'0123456 ... 456789'"
    """
    text = repr(value)
    tail = (most - len(" ... ")) // 2
    head = most - len(" ... ") - tail
    return text if len(text) <= most else f"{text[:head]} ... {text[-tail:]}"


def distinguished(text: str) -> str:
    r"""Return a text quoted such that it cannot be taken for another that looks the same.

    Examples
    --------
    >>> distinguished("yes"), distinguished("caf\u00e9")
    ("'yes'", "'café' (that is, 'caf\\xe9')")
    """
    shown, spelled = quoted(text), ascii(text)
    return shown if text.isascii() else f"{shown} (that is, {spelled if len(spelled) < 120 else quoted(spelled, 120)})"


def hint(name: str, allowed: Iterable[str]) -> str:
    """Return a guess at what was meant, in brackets; nothing where no name is similar."""
    folded = {known.casefold(): known for known in allowed}
    close = difflib.get_close_matches(name.casefold(), folded, n=1)
    return f" (did you mean {folded[close[0]]!r}?)" if close else ""
