"""The sandbox that a process runs in: what bubblewrap is asked for, and whether it can do that here.

Inside there are /usr, the libraries that programs are started with, the Python that crosstask runs on, the folder of
programs beside this file and /dev/null, all read-only; nothing can be written anywhere. There are no network, no other
processes, no environment, no capabilities, and `seccomp` says what of the kernel.
"""

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from crosstask.errors import UserError
from crosstask.sandbox.seccomp import bpf_filter
from crosstask.sandbox.system_calls import MACHINES

NOBODY = "65534"
PROGRAMS = Path(__file__).parent / "inside"
INSIDE = "/programs"
"""Where the sandbox has a folder that holds them under the names of their packages, and nothing else."""
SEALS = ("F_SEAL_SEAL", "F_SEAL_SHRINK", "F_SEAL_GROW", "F_SEAL_WRITE")
PROBE_SECONDS = 60
INSTALL = "apt-get install bubblewrap (Debian, Ubuntu) or dnf install bubblewrap (Fedora, RHEL) does that"


def command(filter_file: int, program: str, files: Sequence[int] = ()) -> list[str]:
    """Return the command that runs a program in a sandbox.

    Parameters
    ----------
    filter_file
        Number of the open file that the filter of system calls is read from.
    program
        Name of a module beside this file, in ``inside``, whose ``main`` is called.
    files
        Numbers of the open files that it is called with.
    """
    called = f"main({', '.join(map(str, files))})"
    start = f"import sys; sys.path.insert(0, {INSIDE!r}); from {__package__}.inside.{program} import main; {called}"
    python = (_python(), "-B", "-s", "-S", "-P", "-X", "utf8")  # no site packages
    return [_bubblewrap(), *_walls(), "--seccomp", str(filter_file), "--", *python, "-c", start]


def memory_file(content: bytes) -> int:
    """Return the number of an open file with this content, which is nowhere on disk and cannot be changed."""
    import fcntl

    file = os.memfd_create("crosstask", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    with open(file, "wb", closefd=False) as opened:
        opened.write(content)
    os.lseek(file, 0, os.SEEK_SET)
    fcntl.fcntl(file, fcntl.F_ADD_SEALS, sum(getattr(fcntl, name) for name in SEALS))
    return file


def filter_file() -> int:
    """Return the number of an open file with the filter of system calls of this machine."""
    return memory_file(bpf_filter(platform.machine()))


def check_sandbox(what: str) -> None:
    """Refuse a machine on which no sandbox can be made.

    Parameters
    ----------
    what
        Needs it; what the error begins with.

    Raises
    ------
    UserError
        With what is missing, and what installs it.
    """
    if fault := sandbox_fault():
        raise UserError(f"{what}: runs code that a model wrote, in a sandbox, and here is none: {fault}")


@lru_cache
def sandbox_fault() -> str | None:
    """Return why no sandbox can be made on this machine; None if one was made."""
    if sys.platform != "linux" or platform.machine() not in MACHINES:
        here = f"{platform.system()} on {platform.machine()}"
        return f"bubblewrap is for Linux, and its filter for {' and '.join(MACHINES)}; this is {here}"
    if shutil.which("bwrap") is None:
        return f"bubblewrap (the program bwrap) is not installed; {INSTALL}"
    opened = filter_file()
    try:
        made = subprocess.run(
            command(opened, "nothing"),
            pass_fds=[opened],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PROBE_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"bwrap cannot be run: {error}"
    finally:
        os.close(opened)
    if made.returncode == 0:
        return None
    said = made.stderr.decode(errors="replace").strip().splitlines() or [f"exit status {made.returncode}"]
    return (
        f"bwrap fails: {said[-1]}; it needs user namespaces, which a container or a setting of the kernel"
        " (kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns, user.max_user_namespaces)"
        " may forbid"
    )


def _bubblewrap() -> str:
    """Return the path of bubblewrap, which is there."""
    path = shutil.which("bwrap")
    assert path is not None
    return path


@lru_cache
def _walls() -> tuple[str, ...]:
    """Return the arguments that are the same for every sandbox."""
    return (
        *("--unshare-user", "--unshare-all", "--uid", NOBODY, "--gid", NOBODY, "--hostname", "sandbox"),
        *("--cap-drop", "ALL", "--new-session", "--die-with-parent"),
        *("--clearenv", "--setenv", "PYTHONHASHSEED", "0"),  # sets have one order, so an answer is always judged alike
        *_read_only(),
        *("--dev-bind", os.devnull, os.devnull),
        *("--ro-bind", str(PROGRAMS), "/".join((INSIDE, *__package__.split("."), PROGRAMS.name))),
        *("--remount-ro", "/", "--chdir", "/"),
    )


def _read_only() -> Iterator[str]:
    """Yield the arguments for what Python needs of the file system, under the names that it has outside."""
    yield from ("--ro-bind", "/usr", "/usr", "--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache")
    for folder in ("/lib", "/lib32", "/lib64"):
        if os.path.islink(folder):
            yield from ("--symlink", os.readlink(folder), folder)
        else:
            yield from ("--ro-bind-try", folder, folder)
    libraries = (os.path.join(sys.base_prefix, name) for name in ("lib", "lib64"))
    for path in (_python(), *libraries):
        if not path.startswith("/usr/"):
            yield from ("--ro-bind-try", path, path)


def _python() -> str:
    """Return the path of the Python that this one is, outside of any virtual environment."""
    return os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)
