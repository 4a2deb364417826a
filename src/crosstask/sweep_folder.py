"""The files of a sweep, from which every process and every machine learns the same about it.

::

    sweep.json            the plan: every job in its order, written before the first begins
    lock                  held as long as the sweep's own process lives
    <number>/job.json     how a job ended
    <number>/progress.json   how far a job was when it last said so
    <number>/lock         held as long as the job runs
    <number>/*.log        what it had to say
"""

import json
import os
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any

from crosstask import locks
from crosstask.errors import UserError

PLAN = "sweep.json"
ENDED = "job.json"
PROGRESS = "progress.json"
LOCK = "lock"
REPORT_SECONDS = 1.0
"""A job writes down how far it is this often at most."""


class Status(StrEnum):
    """What is to be said about a job of a sweep."""

    done = "done"
    reused = "reused"
    """All was there already."""
    failed = "failed"
    skipped = "skipped"
    """Not begun, because another had failed (``fail_fast=true``)."""
    running = "running"
    waiting = "waiting"
    broken_off = "broken off"
    """Its process was killed."""
    not_begun = "not begun"
    """The sweep was broken off before."""

    @property
    def good(self) -> bool:
        """Whether the job's row is complete."""
        return self in (Status.done, Status.reused)

    @property
    def ended(self) -> bool:
        """Whether the job has said how it ended."""
        return self in (Status.done, Status.reused, Status.failed, Status.skipped)


@dataclass(frozen=True)
class PlannedJob:
    """One job of a sweep, as it was planned."""

    name: str
    overrides: list[str]
    work: float
    """Characters through the model, see :mod:`crosstask.forecast`; 0 if nothing is left to do."""
    inputs: dict[str, Any] | None = None
    """Fingerprints of what the job starts from; None where they could not be found out."""


@dataclass(frozen=True)
class Plan:
    """What a sweep is to do."""

    command: str
    script: str
    """``train`` or ``evaluate``."""
    model: str | None
    """Name of the base model, by which earlier jobs are found."""
    jobs: list[PlannedJob]
    seconds: float | None = None
    """How long all jobs take one after the other, by earlier jobs on the same model; None without such jobs."""
    started: float = field(default_factory=time.time)


@dataclass(frozen=True)
class JobState:
    """A job of a sweep at one moment."""

    name: str
    number: int
    status: Status
    note: str
    share: float
    """Of the job, 0 to 1."""
    begun: float | None
    """Seconds since the epoch."""
    log: Path


class JobFolder:
    """The folder of one job."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._reported = 0.0
        self._begun = time.time()

    @contextmanager
    def claimed(self) -> Iterator[bool]:
        """Hold the job for the time of the block; yields whether it is still to be done."""
        with locks.held(self.path / LOCK):
            yield self.ended() is None

    def report(self, share: float, note: str) -> None:
        """Write down how far the job is, unless it has just done so."""
        if time.monotonic() - self._reported > REPORT_SECONDS:
            self._reported = time.monotonic()
            self._write(PROGRESS, {"share": share, "note": note, "begun": self._begun})

    def end(self, name: str, status: Status, note: str, **more: Any) -> None:
        """Write down how the job ended."""
        seconds = round(time.time() - self._begun, 3)
        self._write(ENDED, {"job": name, "status": status, "note": note, "seconds": seconds, **more})

    def ended(self) -> dict[str, Any] | None:
        """Return how the job ended; None if it has not."""
        return self._read(ENDED)

    def progress(self) -> dict[str, Any] | None:
        """Return how far the job was when it last said so; None if it has not begun."""
        return self._read(PROGRESS)

    def state(self, name: str, number: int, sweep_alive: bool) -> JobState:
        """Return what is to be said about the job."""
        progress = self.progress()
        alive = progress is not None and locks.is_held(self.path / LOCK)
        ended = self.ended()  # after the lock: a job that ends now is not taken for one that was broken off
        begun = progress["begun"] if progress else None
        share, note = (progress["share"], progress["note"]) if progress else (0.0, "")
        if ended is not None:
            status, share, note = Status(ended["status"]), 1.0, ended["note"]
        elif alive:
            status = Status.running
        elif sweep_alive:
            status, note = Status.waiting, f"to go on after: {note}" if progress else ""
        else:
            status = Status.broken_off if progress else Status.not_begun
            note = f"its process ended without a word while {note}" if progress else "the sweep was broken off before"
        return JobState(name, number, status, note, share, begun, self.log)

    @property
    def log(self) -> Path:
        """The job's log file; its folder where there is none."""
        return next(iter(sorted(self.path.glob("*.log"))), self.path)

    def _read(self, name: str) -> Any:
        """Return the content of one of the job's files; None if there is no such file."""
        try:
            return json.loads((self.path / name).read_text())
        except FileNotFoundError:
            return None

    def _write(self, name: str, content: Any) -> None:
        """Write one of the job's files, such that nobody reads half of it."""
        _write(self.path / name, content)


class SweepFolder:
    """The folder of a sweep."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, plan: Plan) -> None:
        """Write the plan."""
        self.path.mkdir(parents=True, exist_ok=True)
        _write(self.path / PLAN, asdict(plan))
        self.__dict__.pop("plan", None)

    @cached_property
    def plan(self) -> Plan:
        """The plan."""
        content = json.loads((self.path / PLAN).read_text())
        return Plan(**{**content, "jobs": [PlannedJob(**job) for job in content["jobs"]]})

    def planned(self) -> bool:
        """Tell whether the plan is written."""
        return (self.path / PLAN).exists()

    def alive(self) -> AbstractContextManager[None]:
        """Return what tells others, for the time of a block, that the sweep's own process lives."""
        return locks.held(self.path / LOCK)

    def is_alive(self) -> bool:
        """Tell whether the sweep's own process lives."""
        return locks.is_held(self.path / LOCK)

    def job(self, number: int) -> JobFolder:
        """Return the folder of one job."""
        return JobFolder(self.path / str(number))

    def jobs(self) -> list[JobState]:
        """Return how every job is, in the order of the plan."""
        alive = self.is_alive()
        return [self.job(number).state(job.name, number, alive) for number, job in enumerate(self.plan.jobs)]

    def any_failed(self) -> bool:
        """Tell whether a job has failed."""
        ended = (self.job(number).ended() for number in range(len(self.plan.jobs)))
        return any(end is not None and end["status"] == Status.failed for end in ended)

    def share(self, jobs: list[JobState]) -> float:
        """Return the share of the sweep's work that is done, 0 to 1; every job counts alike where nothing is to do."""
        works = [job.work for job in self.plan.jobs]
        works = works if any(works) else [1.0] * len(works)
        return sum(work * job.share for work, job in zip(works, jobs, strict=True)) / sum(works)


def latest(logs: Path, name: str | None = None) -> SweepFolder:
    """Return the most recent sweep in a folder of logs, or the one with this name.

    Raises
    ------
    UserError
        If there is none.
    """
    plans = {path.parent.name: path for path in logs.glob(f"*/{PLAN}")}
    if name is not None and name not in plans:
        raise UserError(f"sweep={name}: no such sweep in {logs}; there are {', '.join(sorted(plans)) or 'none'}")
    if not plans:
        raise UserError(f"{logs}: no sweep there; python train.py -m 'source=glob(*)' makes one")
    path = plans[name] if name is not None else max(plans.values(), key=lambda path: path.stat().st_mtime)
    return SweepFolder(path.parent)


def _write(path: Path, content: Any) -> None:
    """Write a JSON file whole."""
    unfinished = path.with_name(f".{path.name}-{os.getpid()}")
    unfinished.write_text(json.dumps(content, indent=1) + "\n")
    os.replace(unfinished, path)
