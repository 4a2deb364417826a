"""How a process inside a sandbox starts: its job is read, its limits are set, its pipes leave the standard numbers."""

import os
import random
import resource
import sys
from types import ModuleType
from typing import Any

from crosstask.sandbox.inside.channel import Channel
from crosstask.sandbox.inside.literals import loads


def started(job_file: int) -> tuple[dict[str, Any], Channel]:
    """Return the job of this process, and its channel to the other one.

    Standard input and output are that channel when the process starts; then they are nothing, and what is printed goes
    where standard error goes. Soon after the soft limit of processor time, which a program can ignore, comes a hard
    one, which it cannot.
    """
    job = loads(_whole(job_file))
    limits = job["limits"]
    channel = Channel(os.dup(0), os.dup(1), limits["message_bytes"])
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    for name, soft, hard in (
        (resource.RLIMIT_AS, limits["memory_bytes"], limits["memory_bytes"]),
        (resource.RLIMIT_CPU, limits["processor_seconds"], limits["processor_seconds"] + 1),
        (resource.RLIMIT_FSIZE, 0, 0),
        (resource.RLIMIT_NOFILE, limits["files"], limits["files"]),
        (resource.RLIMIT_CORE, 0, 0),
        (resource.RLIMIT_MEMLOCK, 0, 0),
    ):
        resource.setrlimit(name, (soft, hard))
    random.seed(0)  # tests that draw numbers draw the same each time, so an answer is always judged alike
    return job, channel


def module(name: str) -> dict[str, Any]:
    """Return the names of a new module, which what is defined in it can be looked up in, as dataclasses do."""
    made = ModuleType(name)
    sys.modules[name] = made
    return made.__dict__


def _whole(file: int) -> bytes:
    """Return all of a file, and close it."""
    with open(file, "rb") as opened:
        return opened.read()
