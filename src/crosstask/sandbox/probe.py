"""Whether a sandbox can be made on this machine, which is found out by making one as they are always made."""

import json
import os
import platform
import re
import sys
from dataclasses import asdict
from functools import lru_cache

from crosstask.errors import UserError
from crosstask.sandbox.bubblewrap import bubblewrap_path
from crosstask.sandbox.open_files import memory_file
from crosstask.sandbox.overseer import TooSlow, overseer
from crosstask.sandbox.problem import Limits
from crosstask.sandbox.sandbox import NotMade, sandboxed
from crosstask.sandbox.system_calls import MACHINES

INSTALL = "apt-get install bubblewrap (Debian, Ubuntu) or dnf install bubblewrap (Fedora, RHEL) does that"
OF_NAMESPACES = re.compile(r"namespace|[ug]id map|setgroups|loopback|[Mm]ount|Operation not permitted")
"""What bwrap says where it may not make what a sandbox is made of."""
NEEDED = (
    "it needs user namespaces, which a container or a setting of the kernel"
    " (kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns, user.max_user_namespaces)"
    " may forbid"
)


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
    """Return why no sandbox can be made on this machine; None if one was made and holds what it should."""
    if sys.platform != "linux" or platform.machine() not in MACHINES:
        here = f"{platform.system()} on {platform.machine()}"
        return f"bubblewrap is for Linux, and its filter for {' and '.join(MACHINES)}; this is {here}"
    if bubblewrap_path() is None:
        return f"bubblewrap (the program bwrap) is not installed; {INSTALL}"
    try:
        _make()
    except NotMade as error:
        said = str(error)
        return f"bwrap fails: {said}; {NEEDED}" if OF_NAMESPACES.search(said) else f"bwrap fails: {said}"
    except TooSlow:
        return "bwrap takes too long to start anything"
    except OSError as error:
        return f"bwrap cannot be run: {error}"
    return None


def _make() -> None:
    """Make a sandbox, whose program ends unless it finds what it should."""
    job = memory_file(json.dumps(asdict(Limits())).encode())
    try:
        with overseer() as watching, sandboxed("nothing", [job]) as sandbox:
            sandbox.admit(watching)
            sandbox.meet(watching)
            sandbox.let_in()
    finally:
        os.close(job)
