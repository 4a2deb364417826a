"""Paths as they may be shown to others."""

import os
import re


def without_home(text: str) -> str:
    """Return a text with the path of the user's home folder written as ``~``.

    Examples
    --------
    >>> home = os.path.expanduser("~")
    >>> without_home(f"store={home}/runs"), without_home(home), without_home(f"{home}s/runs") == f"{home}s/runs"
    ('store=~/runs', '~', True)
    """
    home = os.path.expanduser("~")
    for folder in {home, os.path.realpath(home)} - {"/", "~"}:
        text = re.sub(rf"{re.escape(folder)}(?![\w.-])", "~", text)
    return text
