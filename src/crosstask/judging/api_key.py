"""The key for a judge's endpoint, which is in the environment and nowhere else."""

import html
import os
import re
from collections.abc import Callable

from crosstask.config.judge import Judge
from crosstask.errors import UserError

MASK = "..."
"""What stands for a key."""
SHORT = 8
"""A key of fewer characters, such as EMPTY for a server that checks none, is masked only where it is a whole word."""


def api_key(judge: Judge) -> str:
    """Return the key for a judge's endpoint, empty without one.

    Raises
    ------
    UserError
        If the environment has no such variable, or no header could hold its value.
    """
    if judge.api_key_env is None:
        return ""
    if not (key := os.environ.get(judge.api_key_env, "").strip()):
        raise UserError(f"judge.api_key_env={judge.api_key_env}: the environment has no such variable")
    if not (key.isascii() and key.isprintable()):
        raise UserError(
            f"judge.api_key_env={judge.api_key_env}: no key, of which each character is a letter, a digit or a mark of"
            " ASCII; it is not shown"
        )
    return key


def masking(key: str) -> Callable[[str], str]:
    r"""Return what puts `MASK` for a key in a text, also where its marks are escaped as in JSON, Python, HTML or a URL.

    Examples
    --------
    >>> masking('sk-"12345')(r'{"sent": "Bearer sk-\\\"12345"}')
    '{"sent": "Bearer ..."}'
    """
    if not key:
        return lambda text: text
    written = "".join(map(_as_written, key))
    found = re.compile(rf"(?<!\w){written}(?!\w)" if len(key) < SHORT else written)
    return lambda text: found.sub(MASK, text)


def _as_written(mark: str) -> str:
    """Return a pattern of all that a character of a key may be written as."""
    if mark.isalnum():
        return mark
    escaped = rf"\\+(?i:u00{ord(mark):02x})|(?i:%{ord(mark):02x})|{re.escape(html.escape(mark))}|&\#{ord(mark)};"
    plain = r"\\+" if mark == "\\" else rf"\\*{re.escape(mark)}"
    return f"(?:{escaped}|{plain})"
