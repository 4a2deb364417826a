"""Whose processes run in a sandbox: nobody's, also where root starts it.

A user namespace gives a process another number for the user that it is, and the kernel goes on to take it for the one
outside: root owns files and is exempt from limits. So a sandbox of root gets two users, and its process changes to the
second of them before it does anything.
"""

import os
from pathlib import Path

NOBODY = 65534


def has_two_users() -> bool:
    """Return whether a sandbox gets root and nobody: this process is root, and there is a nobody here."""
    return os.geteuid() == 0 and all(_is_mapped(f"/proc/self/{kind}_map", NOBODY) for kind in ("uid", "gid"))


def give_two_users(process: int) -> None:
    """Give root and nobody to the user namespace of a process, by its number.

    Raises
    ------
    OSError
        If that is not allowed.
    """
    for kind, own in (("uid", os.geteuid()), ("gid", os.getegid())):
        Path(f"/proc/{process}/{kind}_map").write_text(f"0 {own} 1\n{NOBODY} {NOBODY} 1\n")


def _is_mapped(path: str, number: int) -> bool:
    """Return whether a number is one of the namespace of this process."""
    ranges = (map(int, line.split()) for line in Path(path).read_text().splitlines())
    return any(first <= number < first + count for first, _, count in ranges)
