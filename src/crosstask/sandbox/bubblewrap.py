"""The sandbox that a process runs in, as bubblewrap is asked for it.

Inside there are /usr, the libraries that programs are started with, the Python that crosstask runs on, the folder of
programs beside this file and /dev/null, all read-only; nothing can be written anywhere. There are no network, no other
processes, no environment, no capabilities, and `seccomp` says what of the kernel.
"""

import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from crosstask.sandbox.users import NOBODY

PROGRAMS = Path(__file__).parent / "inside"
INSIDE = "/programs"
"""Where the sandbox has a folder that holds them under the names of their packages, and nothing else."""


def command(
    program: str, files: Sequence[int], filter_file: int, information: tuple[int, int], users: int | None
) -> list[str]:
    """Return the command that runs a program in a sandbox.

    Parameters
    ----------
    program
        Name of a module beside this file, in ``inside``, whose ``main`` is called.
    files
        Numbers of the open files that it is called with.
    filter_file
        Number of the open file that the filter of system calls is read from.
    information
        Numbers of the two ends of a pipe to which bubblewrap writes the number of the first process inside. It has
        both, so that writing works when nobody else reads: it would end, and leave a process that waits for it.
    users
        Number of the open file at which it waits until its user namespace has two users, of which the program leaves
        the first at once; None for nobody alone.
    """
    called = f"main({', '.join(map(str, files))})"
    ready = f"import os, sys; os.close({information[0]}); sys.path.insert(0, {INSIDE!r})"
    start = f"{ready}; from {__package__}.inside.{program} import main; {called}"
    python = (python_path(), "-B", "-s", "-S", "-P", "-X", "utf8")  # no site packages
    files_of_bubblewrap = ("--seccomp", str(filter_file), "--info-fd", str(information[1]))
    return [_bubblewrap(), *_walls(), *_users(users), *files_of_bubblewrap, "--", *python, "-c", start]


def bubblewrap_path() -> str | None:
    """Return the path of bubblewrap, from the root on; None if it is not installed."""
    path = shutil.which("bwrap")
    return None if path is None else os.path.abspath(path)


def python_path() -> str:
    """Return the path of the Python that this one is, outside of any virtual environment."""
    return os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)


def _bubblewrap() -> str:
    """Return the path of bubblewrap, which is there."""
    path = bubblewrap_path()
    assert path is not None
    return path


def _users(waits_at: int | None) -> tuple[str, ...]:
    """Return the arguments for the users inside, and for what the process may do besides: become the second of two."""
    if waits_at is None:
        return ("--uid", str(NOBODY), "--gid", str(NOBODY), "--cap-drop", "ALL")
    kept = ("--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID")
    return ("--userns-block-fd", str(waits_at), "--cap-drop", "ALL", *kept)


@lru_cache
def _walls() -> tuple[str, ...]:
    """Return the arguments that are the same for every sandbox."""
    return (
        *("--unshare-user", "--unshare-all", "--hostname", "sandbox", "--new-session", "--clearenv"),
        *("--setenv", "PYTHONHASHSEED", "0"),  # sets have one order, so an answer is always judged alike
        *("--setenv", "MALLOC_ARENA_MAX", "1"),  # a thread has its stack of the address space, and nothing more
        *_read_only(),
        *_seen("--dev-bind", os.devnull, os.devnull),
        *_seen("--ro-bind", str(PROGRAMS), "/".join((INSIDE, *__package__.split("."), PROGRAMS.name))),
        *("--remount-ro", "/", "--chdir", "/"),
    )


def _read_only() -> Iterator[str]:
    """Yield the arguments for what Python needs of the file system, under the names that it has outside."""
    yield from ("--ro-bind", "/usr", "/usr", *_seen("--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"))
    for folder in ("/lib", "/lib32", "/lib64"):
        if os.path.islink(folder):
            yield from ("--symlink", os.readlink(folder), folder)
        else:
            yield from ("--ro-bind-try", folder, folder)
    libraries = (os.path.join(sys.base_prefix, name) for name in ("lib", "lib64"))
    for path in (python_path(), *libraries):
        if not path.startswith("/usr/"):
            yield from _seen("--ro-bind-try", path, path)


def _seen(bind: str, source: str, path: str) -> Iterator[str]:
    """Yield the arguments for something at a path whose folders everybody may look into: bwrap makes others."""
    for folder in reversed(Path(path).parents[:-1]):
        yield from ("--perms", "0755", "--dir", str(folder))
    yield from (bind, source, path)
