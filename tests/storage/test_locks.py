"""Locks between real processes."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from crosstask.errors import UserError
from crosstask.storage import locks

HOLDER = """
import sys, time
from pathlib import Path
from crosstask.storage import locks
with locks.held(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


def holder(path: Path) -> subprocess.Popen[str]:
    """Start a process that holds the lock."""
    process = subprocess.Popen([sys.executable, "-c", HOLDER, str(path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_killed_process_holds_nothing(tmp_path: Path):
    path = tmp_path / "locks" / "a"
    process = holder(path)
    assert locks.is_held(path)
    with locks.held_if_free(path) as free:
        assert not free
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not locks.is_held(path)


def test_who_waits_says_so_once_and_then_gets_it(tmp_path: Path):
    path = tmp_path / "a"
    process = holder(path)
    said: list[float] = []

    def waits() -> None:
        said.append(time.monotonic())
        process.kill()

    with locks.held(path, waits):
        assert process.wait() == -signal.SIGKILL
        assert locks.is_held(path)
    assert len(said) == 1
    assert not locks.is_held(path)
    with locks.held(path, lambda: pytest.fail("nobody holds it")):
        pass


def test_a_lock_that_nobody_ever_took_is_free(tmp_path: Path):
    assert not locks.is_held(tmp_path / "a")
    assert not (tmp_path / "a").exists()


def test_a_lock_that_cannot_be_written_can_be_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with locks.held(tmp_path / "a"):
        monkeypatch.setattr(locks, "keep", None)  # which opens the file for writing
        assert locks.is_held(tmp_path / "a")
    assert not locks.is_held(tmp_path / "a")


def test_what_cannot_be_locked_is_named(tmp_path: Path):
    (tmp_path / "a").mkdir()
    message = r"/a: cannot be locked: .*directory.*; the store has to lie on a file system with flock"
    with pytest.raises(UserError, match=message), locks.held(tmp_path / "a"):
        pass
