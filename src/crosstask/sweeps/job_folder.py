"""The files of one job, alone or in a sweep: its progress, its outcome, and whether its process is alive.

::

    job.json        outcome of the job
    progress.json   progress when it was last reported
    lock            held as long as the job runs
    *.log           log
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from crosstask.atomic import write_atomic
from crosstask.errors import UserError
from crosstask.storage import locks
from crosstask.storage.json_files import read_json

ENDED = "job.json"
PROGRESS = "progress.json"
LOCK = "lock"
REPORT_SECONDS = 1.0
"""Least time between two reports of progress."""


class Status(StrEnum):
    """State of a job of a sweep."""

    done = "done"
    reused = "reused"
    """Nothing was missing."""
    failed = "failed"
    skipped = "skipped"
    """Not started, because another job had failed (``fail_fast=true``)."""
    inapplicable = "inapplicable"
    """It makes no sense for its source: there is nothing to do, and nothing went wrong."""
    running = "running"
    waiting = "waiting"
    interrupted = "interrupted"
    """Its process was killed."""
    not_started = "not started"
    """The sweep was interrupted before."""
    unknown = "unknown"
    """The file with its outcome is damaged."""

    @property
    def good(self) -> bool:
        """Whether the job's row is complete, or there is none."""
        return self in (Status.done, Status.reused, Status.inapplicable)

    @property
    def ended(self) -> bool:
        """Whether the job has an outcome."""
        return self.good or self in (Status.failed, Status.skipped)


@dataclass(frozen=True)
class JobState:
    """A job of a sweep at one moment."""

    name: str
    number: int
    status: Status
    note: str
    share: float
    """Of the job, 0 to 1."""
    started: float | None
    """Seconds since the epoch; None before the job reports progress."""
    log: Path


class JobFolder:
    """The folder of one job."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._reported = 0.0
        self._started = time.time()

    @contextmanager
    def claimed(self) -> Iterator[bool]:
        """Hold the job's lock for the time of the block; yields whether the job is still to be done."""
        with locks.held(self.path / LOCK):
            yield self.ended() is None

    def report(self, share: float, note: str) -> None:
        """Write the progress of the job, unless it has just been written."""
        if time.monotonic() - self._reported > REPORT_SECONDS:
            self._reported = time.monotonic()
            self._write(PROGRESS, {"share": share, "note": note, "begun": self._started})

    def end(self, name: str, status: Status, note: str, **more: Any) -> None:
        """Write the outcome of the job."""
        seconds = round(time.time() - self._started, 3)
        self._write(ENDED, {"job": name, "status": status, "note": note, "seconds": seconds, **more})

    def ended(self) -> dict[str, Any] | None:
        """Return the outcome of the job; None if it has none, or its file is damaged."""
        found = self._whole(ENDED, status=str, note=str)
        return found if found is not None and found["status"] in list(Status) else None

    def progress(self) -> dict[str, Any] | None:
        """Return the progress that was last reported; None if the job has not started, or its file is damaged."""
        return self._whole(PROGRESS, share=float, note=str, begun=float)

    def state(self, name: str, number: int, sweep_alive: bool) -> JobState:
        """Return the state of the job."""
        progress = self.progress()
        alive = progress is not None and locks.is_held(self.path / LOCK)
        ended = self.ended()  # read after the lock: a job that ends in between is not taken for an interrupted one
        started = progress["begun"] if progress else None
        share, note = (progress["share"], progress["note"]) if progress else (0.0, "")
        if ended is not None:
            status, share, note = Status(ended["status"]), 1.0, ended["note"]
        elif not alive and (self.path / ENDED).exists() and self.ended() is None:  # nor has it just been written
            status, note = Status.unknown, f"{self.path / ENDED} is damaged; the same command looks at the job again"
        elif alive:
            status = Status.running
        elif sweep_alive:
            status, note = Status.waiting, f"to continue after: {note}" if progress else ""
        else:
            status = Status.interrupted if progress else Status.not_started
            note = f"its process was killed while {note}" if progress else "the sweep was interrupted before"
        return JobState(name, number, status, note, share, started, self.log)

    @property
    def log(self) -> Path:
        """The job's log file; its folder where there is none."""
        return next(iter(sorted(self.path.glob("*.log"))), self.path)

    def _whole(self, name: str, **types: type) -> dict[str, Any] | None:
        """Return the content of one of the job's files; None if there is no such file, or not with these values."""
        try:
            found = read_json(self.path / name)
        except UserError:  # it is not there, or damaged: one file must not hide the other jobs
            return None
        whole = isinstance(found, dict) and all(isinstance(found.get(key), kind) for key, kind in types.items())
        return found if whole else None

    def _write(self, name: str, content: Any) -> None:
        """Write one of the job's files."""
        write_json(self.path / name, content)


def write_json(path: Path, content: Any) -> None:
    """Write a JSON file atomically."""
    text = json.dumps(content, indent=1) + "\n"
    write_atomic(path, lambda file: file.write(text.encode()))
