"""Where a run took place, as W&B keeps it: command, commit and machine, without what is private to a person.

W&B's client would collect this itself, and with it the name of the account, the folders of its home, options of the
command line of whatever process it finds, the variables of Slurm, and the user's name in the address of a repository.
So its own collection is off, and here is what is kept instead.
"""

import logging
import os
import platform
import re
import socket
import subprocess
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import wandb
from wandb.proto import wandb_internal_pb2 as messages

from crosstask.config.job import Tracking
from crosstask.config.task_files import CONF
from crosstask.paths import without_home
from crosstask.tracking.report import RunIdentity

log = logging.getLogger(__name__)

CPU_INFO = Path("/proc/cpuinfo")


@dataclass(frozen=True)
class Commit:
    """The commit that is checked out."""

    hash: str
    remote: str
    """Address of the repository it comes from, without a user's name or password; empty if there is none."""


def client_settings(settings: Tracking, identity: RunIdentity) -> wandb.Settings:
    """Return how the client behaves in a run.

    Parameters
    ----------
    settings
        ``system`` decides whether commit, machine and system metrics are kept.
    identity
        Which run.
    """
    commit = checked_out(CONF.parent) if settings.system else None
    script = next(iter(identity.command), identity.kind)
    return wandb.Settings(
        silent=True,
        console="off",
        init_timeout=settings.init_timeout,
        finish_timeout=settings.finish_timeout,
        finish_timeout_raises=True,
        program=script,  # or it would be the path of whatever process this is
        program_relpath=script,
        host=socket.gethostname() if settings.system else "",
        disable_git=commit is None,
        git_commit=commit.hash if commit else None,
        git_remote_url=commit.remote if commit else None,
        x_disable_meta=True,
        x_disable_stats=not settings.system,
    )


def send_environment(run: Any, identity: RunIdentity) -> None:
    """Send the command and the machine of a run; its client offers that to itself only, so it may cease to."""
    try:
        run._interface.publish_environment(environment(identity))
    except Exception:
        log.debug("W&B's client does not take the environment", exc_info=True)


def environment(identity: RunIdentity) -> Any:
    """Return the client's message about the command and the machine of a run."""
    commit = checked_out(CONF.parent)
    script, *arguments = identity.command or (identity.kind,)
    found = messages.EnvironmentRecord(
        os=platform.platform(),
        python=f"{platform.python_implementation()} {platform.python_version()}",
        program=script,
        args=[without_home(argument) for argument in arguments],
        host=socket.gethostname(),
        cpu_count_logical=os.cpu_count() or 0,
        gpu_type=next(iter(identity.gpus), ""),
        gpu_count=len(identity.gpus),
    )
    found.started_at.GetCurrentTime()
    found.cpu.model = _cpu_model()
    found.memory.total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if commit is not None:
        found.git.commit, found.git.remote_url = commit.hash, commit.remote
    return found


@lru_cache
def checked_out(folder: Path) -> Commit | None:
    """Return the commit that is checked out in a folder; None where git does not know one."""
    commit = _git(folder, "rev-parse", "HEAD")
    return Commit(commit, without_user(_git(folder, "remote", "get-url", "origin"))) if commit else None


def without_user(address: str) -> str:
    """Return the address of a repository without a user's name and password.

    Examples
    --------
    >>> without_user("https://jane:secret@git.example.org/team/code.git")
    'https://git.example.org/team/code.git'
    >>> without_user("ssh://git@git.example.org:22/code.git"), without_user("git@git.example.org:team/code.git")
    ('ssh://git.example.org:22/code.git', 'git.example.org:team/code.git')
    """
    return without_home(re.sub(r"^(\w+://)?[^/]*@", r"\1", address))


def _git(folder: Path, *arguments: str) -> str:
    """Return what git answers; nothing if it fails, or is not there."""
    try:
        ended = subprocess.run(["git", "-C", folder, *arguments], capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return ended.stdout.strip() if ended.returncode == 0 else ""


def _cpu_model() -> str:
    """Return the name of the processor."""
    lines = CPU_INFO.read_text(encoding="utf-8").splitlines() if CPU_INFO.exists() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor())
