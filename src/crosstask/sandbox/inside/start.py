"""How a process inside a sandbox starts: it becomes nobody's, its limits are set, and it waits until it may go on."""

import os
import random
import resource
import sys
from types import ModuleType
from typing import Any

from crosstask.sandbox.inside.literals import loads

NOBODY = 65534


def started(job_file: int, gate: int) -> dict[str, Any]:
    """Return the job of this process, when it may do it.

    Before, the process is nobody's, its limits are set, and it has waited at the gate: a socket at whose other end is
    the process that started it. If that is no more, this one ends.
    """
    become_nobody()
    with open(job_file, "rb") as opened:
        job = loads(opened.read())
    set_limits(job["limits"])
    random.seed(0)  # tests that draw numbers draw the same each time, so an answer is always judged alike
    pass_gate(gate)
    return job


def become_nobody() -> None:
    """Leave the user of a sandbox that root started, and its capabilities; elsewhere nobody is the only user."""
    if os.getuid() != NOBODY:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)


def set_limits(limits: dict[str, Any]) -> None:
    """Set the limits that the kernel keeps, or lower ones that there are.

    Soon after the soft limit of processor time, which a program can ignore, comes a hard one, which it cannot. Threads
    are counted by user and namespace: those of this sandbox alone, where bwrap has one of its own.
    """
    seconds = limits["processor_seconds"]
    for name, soft, hard in (
        (resource.RLIMIT_AS, limits["memory_bytes"], limits["memory_bytes"]),
        (resource.RLIMIT_CPU, seconds, seconds + 1),
        (resource.RLIMIT_NPROC, limits["threads"] + 1, limits["threads"] + 1),
        (resource.RLIMIT_FSIZE, 0, 0),
        (resource.RLIMIT_NOFILE, limits["files"], limits["files"]),
        (resource.RLIMIT_CORE, 0, 0),
        (resource.RLIMIT_MEMLOCK, 0, 0),
    ):
        most = resource.getrlimit(name)[1]
        soft, hard = (value if most == resource.RLIM_INFINITY else min(value, most) for value in (soft, hard))
        resource.setrlimit(name, (soft, hard))


def pass_gate(gate: int) -> None:
    """Say that this process is here, and wait until it may go on."""
    try:
        os.write(gate, b"h")
        may_go_on = os.read(gate, 1)
    except OSError:
        may_go_on = b""
    if not may_go_on:
        os._exit(1)
    os.close(gate)


def module(name: str) -> dict[str, Any]:
    """Return the names of a new module, which what is defined in it can be looked up in, as dataclasses do."""
    made = ModuleType(name)
    sys.modules[name] = made
    return made.__dict__
