"""The one exception for errors of the user rather than of the program."""

import difflib
from collections.abc import Iterable


class UserError(Exception):
    """Something the user can fix: a name, a value, a file.

    The message is one line that names the thing, its value and what is allowed. Entry scripts print it
    without a traceback and exit with status 1.
    """


def require_one_of(name: str, value: object, allowed: tuple[str, ...]) -> None:
    """Raise unless a value is one of those allowed."""
    if value not in allowed:
        raise UserError(f"{name}={value!r}: not one of {', '.join(allowed)}")


def hint(name: str, allowed: Iterable[str]) -> str:
    """Return a guess at what was meant, in brackets; nothing where no name is similar."""
    close = difflib.get_close_matches(name, allowed, n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""
