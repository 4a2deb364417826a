"""The one exception for errors of the user rather than of the program."""


class UserError(Exception):
    """Something the user can fix: a name, a value, a file.

    The message is one line that names the thing, its value and what is allowed. Entry scripts print it
    without a traceback and exit with status 1.
    """


def require_one_of(name: str, value: object, allowed: tuple[str, ...]) -> None:
    """Raise unless a value is one of those allowed."""
    if value not in allowed:
        raise UserError(f"{name}={value!r}: not one of {', '.join(allowed)}")
