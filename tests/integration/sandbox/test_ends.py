"""A problem ends when its verdict is there, its time is over, or whoever asked for it is interrupted or no more."""

import os
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest

import crosstask
from crosstask.sandbox import sandbox
from crosstask.sandbox.bubblewrap import bubblewrap_path
from crosstask.sandbox.problem import Limits, Outcome, Problem, Verdict
from crosstask.sandbox.supervisor import run
from tests.integration.sandbox.conftest import sandboxed

pytestmark = pytest.mark.sandbox

SECONDS = 30.0
"""How long something may take that takes no time, on a machine with other work."""
RIGHT = Problem("def f():\n    return 1\n", "assert f() == 1", "f")
SUPERVISOR = """
from crosstask.sandbox.bubblewrap import command
from crosstask.sandbox.problem import Limits, Problem
from crosstask.sandbox.supervisor import run_all
print("started", flush=True)
run_all([Problem("import time\\ntime.sleep(1000)", "f()", "f")] * 3, Limits(wall_seconds=500))
"""


def slow(folder: Path, seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a program of bubblewrap's name before it that starts it after a while."""
    path = folder / "bwrap"
    path.write_text(f'#!/bin/sh\nsleep {seconds}\nexec {bubblewrap_path()} "$@"\n')
    path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


def supervisor() -> "subprocess.Popen[bytes]":
    """A process that runs problems which never end."""
    process = subprocess.Popen(
        [sys.executable, "-c", SUPERVISOR], stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"started\n"
    return process


def waits_for(condition: Any) -> bool:
    """Whether something becomes so."""
    end = time.monotonic() + SECONDS
    while not (found := condition()) and time.monotonic() < end:
        time.sleep(0.05)
    return bool(found)


def are_running() -> bool:
    """Whether Python runs in sandboxes: their own processes, not bubblewrap alone."""
    return sum(b"python" in Path(f"/proc/{number}/cmdline").read_bytes()[:200] for number in sandboxed()) >= 2


def test_a_supervisor_that_is_killed_takes_its_sandboxes_with_it():
    process = supervisor()
    assert waits_for(are_running)
    process.kill()
    process.communicate()
    assert waits_for(lambda: not sandboxed())


@pytest.mark.parametrize("signal_", [signal.SIGKILL, signal.SIGINT])
def test_a_supervisor_that_ends_before_its_sandboxes_are_made_leaves_none(
    signal_: signal.Signals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    slow(tmp_path, 1, monkeypatch)
    process = supervisor()
    assert waits_for(sandboxed)
    os.killpg(process.pid, signal_)
    process.communicate()
    time.sleep(2)  # what was to start starts only now
    assert waits_for(lambda: not sandboxed())


@pytest.mark.parametrize("milliseconds", range(0, 200, 20))
def test_a_supervisor_that_is_killed_at_any_moment_leaves_nothing(milliseconds: int):
    process = supervisor()
    time.sleep(milliseconds / 1000)
    process.kill()
    process.communicate()
    assert waits_for(lambda: not sandboxed())


def test_an_interrupt_of_the_process_alone_ends_all_problems_at_once():
    process = supervisor()
    assert waits_for(are_running)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=SECONDS)
    assert said.rstrip().endswith(b"KeyboardInterrupt")
    assert not sandboxed()


def looks_late(seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a supervisor look for the first time after a while, as if it had been stopped."""
    select = selectors.DefaultSelector.select

    def late(self: Any, timeout: float | None = None) -> Any:
        monkeypatch.setattr(selectors.DefaultSelector, "select", select)
        time.sleep(seconds)
        return select(self, 0)

    monkeypatch.setattr(selectors.DefaultSelector, "select", late)


def test_a_verdict_that_was_given_in_time_counts_however_late_it_is_read(monkeypatch: pytest.MonkeyPatch):
    looks_late(4, monkeypatch)
    assert run(RIGHT, Limits(wall_seconds=3)) == Verdict(Outcome.passed)


def test_a_verdict_that_was_given_too_late_does_not_count(monkeypatch: pytest.MonkeyPatch):
    looks_late(3, monkeypatch)
    late = Problem("import time\ndef f():\n    time.sleep(1)\n    return 1\n", "assert f() == 1", "f")
    assert run(late, Limits(wall_seconds=0.5)) == Verdict(Outcome.timeout)


def test_the_time_of_a_problem_begins_when_both_of_its_processes_are_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    slow(tmp_path, 4, monkeypatch)
    assert run(RIGHT, Limits(wall_seconds=3)) == Verdict(Outcome.passed)


def test_a_sandbox_that_does_not_start_in_time_is_the_timeout_of_its_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    slow(tmp_path, 2, monkeypatch)
    monkeypatch.setattr(sandbox, "START_SECONDS", 0.2)
    assert run(RIGHT, Limits()) == Verdict(Outcome.timeout, "the sandbox took too long to start")


def test_when_a_verdict_is_there_no_process_is_left(limits: Limits):
    code = "kept = []\ndef f():\n    kept.extend(b'x' * 2 ** 20 for _ in range(300))\n    return 1\n"
    for _ in range(3):
        run(Problem(code, "assert f() == 1", "f"), limits)
        assert not sandboxed()


def test_a_program_that_closes_its_pipes_and_stays_is_not_waited_for():
    code = "import os, time\ndef f():\n    os.closerange(0, 64)\n    time.sleep(1000)\n"
    found = run(Problem(code, "assert f() == 1", "f"), Limits(wall_seconds=500))
    assert found == Verdict(Outcome.error, "closed its pipes")


BOTH = """
from crosstask.errors import UserError
from crosstask.sandbox.probe import sandbox_fault
from crosstask.sandbox.problem import Limits, Problem
from crosstask.sandbox.supervisor import run_all
fault = sandbox_fault()
try:
    found = run_all([Problem("def f(): return 1", "assert f() == 1", "f")])[0].outcome
except UserError as error:
    found = "none"
print(fault is None, found)
"""


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("exec 0<&-", "True passed"),
        ("exec 0<&- 2>&-", "True passed"),
        ("ulimit -n 60", "True passed"),
        ("ulimit -n 12", "False none"),
        ("ulimit -c 0; ulimit -t 100", "True passed"),
    ],
)
def test_what_is_looked_for_before_is_what_happens_then(before: str, expected: str):
    done = subprocess.run(
        ["bash", "-c", f'{before}; exec "$0" -c "$1"', sys.executable, BOTH], stdout=subprocess.PIPE, text=True
    )
    assert done.stdout.strip() == expected


SYSTEM_PYTHON = Path("/usr/bin/python3")
OF_A_USER = """
import os, sys
assert sys.version_info >= (3, 11), "old"
from crosstask.sandbox.probe import sandbox_fault
from crosstask.sandbox.problem import Limits, Problem
from crosstask.sandbox.supervisor import run_all
bomb = "import _thread\\n_thread.stack_size(2 ** 15)\\nlock = _thread.allocate_lock()\\nlock.acquire()\\n"
bomb += "def f():\\n    for _ in range(1000):\\n        _thread.start_new_thread(lock.acquire, ())\\n    return 1\\n"
found = run_all([Problem(code, "assert f() == 1", "f") for code in ("def f(): return 1", bomb)])
print(os.getuid(), sandbox_fault(), [verdict.outcome.value for verdict in found])
"""


@pytest.mark.skipif(os.geteuid() != 0 or not SYSTEM_PYTHON.exists(), reason="only root can be somebody else")
def test_a_user_who_is_not_root_has_the_same_sandbox():
    """With the Python of the system, as that of the tests may be where root alone can look."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        shutil.copytree(Path(crosstask.__file__).parent, Path(folder) / "crosstask")
        done = subprocess.run(
            [SYSTEM_PYTHON, "-B", "-c", OF_A_USER],
            capture_output=True,
            text=True,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": folder},
            cwd=folder,
            user=12345,
            group=12345,
            extra_groups=[],
        )
    if "AssertionError: old" in done.stderr:
        pytest.skip("the Python of the system is too old")
    assert done.stdout.strip() == "12345 None ['passed', 'error']", done.stderr
