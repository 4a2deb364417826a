"""What sandboxes leave behind is looked for after each test; limits that make attacks end soon."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from crosstask.sandbox.problem import Limits
from tests.integration.sandbox.attacks import MARK

PLACES = ("/", "/tmp", "/var/tmp", "/dev/shm", "/usr", ".", str(Path.home()))
SECONDS = 5.0
"""How long the kernel may take to end the processes of a sandbox that was killed."""


def sandboxed() -> set[str]:
    """The processes whose command line is that of a sandbox."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if b"crosstask.sandbox.inside" in (folder / "cmdline").read_bytes():
                found.add(folder.name)
        except OSError:
            continue
    return found


def children() -> set[str]:
    """The processes of this one, dead ones that nobody has asked for included."""
    found = set()
    for task in Path("/proc/self/task").iterdir():
        try:
            found |= set((task / "children").read_text().split())
        except FileNotFoundError:  # a thread that has ended
            continue
    return found


def left_behind(place: Path) -> dict[str, set[str]]:
    """What there is of processes, mounts, files of attacks, open files and shared memory."""
    folders = [Path(folder) for folder in (*PLACES, str(place)) if Path(folder).is_dir()]
    shared = Path("/proc/sysvipc/shm")
    return {
        "processes": sandboxed(),
        "children": children(),
        "mounts": set(Path("/proc/self/mountinfo").read_text().splitlines()),
        "files": {name for folder in folders for name in os.listdir(folder) if MARK in name},
        "open files": set(os.listdir("/proc/self/fd")),
        "shared memory": set(shared.read_text().splitlines()) if shared.exists() else set(),
    }


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder outside of every sandbox."""
    return tmp_path


@pytest.fixture(autouse=True)
def _nothing_is_left(place: Path) -> Iterator[None]:
    """After a test there is nothing that was not there before."""
    before = left_behind(place)
    yield
    end = time.monotonic() + SECONDS
    while (after := left_behind(place)) != before and time.monotonic() < end:
        time.sleep(0.05)
    assert {name: after[name] - before[name] for name in after if after[name] - before[name]} == {}


@pytest.fixture
def limits() -> Limits:
    """Limits that make attacks end soon."""
    return Limits(wall_seconds=10, processor_seconds=2)
