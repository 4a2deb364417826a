"""The files of one job, alone or in a sweep: how far it is, how it ended, and whether its process lives.

::

    job.json        how the job ended
    progress.json   how far it was when it last said so
    lock            held as long as it runs
    *.log           what it had to say
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
from crosstask.storage import locks

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
        """Write one of the job's files."""
        write_json(self.path / name, content)


def write_json(path: Path, content: Any) -> None:
    """Write a JSON file atomically."""
    text = json.dumps(content, indent=1) + "\n"
    write_atomic(path, lambda file: file.write(text.encode()))
