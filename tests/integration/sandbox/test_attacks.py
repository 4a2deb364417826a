"""No attack passes, each ends as it should, and none leaves anything behind; ``make test-sandbox`` runs them."""

import os
import platform
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from crosstask.sandbox.problem import Limits, Outcome, Problem
from crosstask.sandbox.supervisor import run
from tests.integration.sandbox.attacks import ATTACKS, GIVEN, MARK, TESTS

pytestmark = pytest.mark.sandbox

X86 = {"calls as a machine of 32 bits"}
NAMES = [name for name in ATTACKS if name not in X86 or platform.machine() == "x86_64"]


class Listener:
    """A server on this machine that counts who comes."""

    def __init__(self) -> None:
        self.stream = socket.create_server(("127.0.0.1", 0))
        self.port = self.stream.getsockname()[1]
        self.datagrams = socket.socket(type=socket.SOCK_DGRAM)
        self.datagrams.bind(("127.0.0.1", self.port))

    def came(self) -> bool:
        """Whether anybody connected or sent anything."""
        for server in (self.stream, self.datagrams):
            server.settimeout(0.05)
            try:
                server.accept() if server is self.stream else server.recv(1)
            except TimeoutError:
                continue
            return True
        return False

    def close(self) -> None:
        self.stream.close()
        self.datagrams.close()


@pytest.fixture
def listener() -> Iterator[Listener]:
    opened = Listener()
    yield opened
    opened.close()


@pytest.fixture
def victim() -> Iterator["subprocess.Popen[bytes]"]:
    """A process that attacks may look for; it ends by itself in a while."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"])
    yield process
    process.kill()
    process.wait()


def program(name: str, place: Path, port: int, pid: int) -> str:
    """The code of an attack, with what it is told about this machine."""
    told = {"place": str(place), "port": str(port), "pid": str(pid), "mark": MARK}
    code = ATTACKS[name].code
    for key, value in told.items():
        code = code.replace(f"{{{key}}}", value)
    return code


@pytest.mark.parametrize("name", NAMES)
def test_no_attack_passes_or_leaves_anything(
    name: str,
    place: Path,
    limits: Limits,
    listener: Listener,
    victim: "subprocess.Popen[bytes]",
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setenv("CROSSTASK_SECRET", "s")
    limits = replace(limits, memory_bytes=2**28)  # soon taken, on a machine with other work too
    verdict = run(Problem(program(name, place, listener.port, victim.pid), TESTS, "total", GIVEN), limits)
    assert verdict.outcome is not Outcome.passed
    assert verdict.outcome in ATTACKS[name].outcomes, verdict
    assert victim.poll() is None
    assert not listener.came()
    assert list(place.iterdir()) == []


@pytest.mark.parametrize("name", [name for name in NAMES if ATTACKS[name].harmless])
def test_without_a_sandbox_an_attack_succeeds(
    name: str, place: Path, listener: Listener, victim: "subprocess.Popen[bytes]"
):
    code = program(name, place, listener.port, victim.pid) + "\nprint(total([1, 2, 3]))"
    environment = {**os.environ, "CROSSTASK_SECRET": "s"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert done.stdout == "6\n", done.stderr
    for path in place.iterdir():
        path.unlink()


def test_there_are_more_than_twenty_attacks():
    assert len(NAMES) > 20
    assert sum(attack.harmless for attack in ATTACKS.values()) > 10


def test_many_attacks_at_once_leave_nothing_either(place: Path, limits: Limits):
    found = []
    some = ["forks", "never ends", "takes memory by and by", "prints without end"] * 2

    def attack(name: str) -> None:
        found.append(run(Problem(program(name, place, 1, 1), TESTS, "total", GIVEN), limits).outcome)

    threads = [threading.Thread(target=attack, args=(name,)) for name in some]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == len(some)
    assert Outcome.passed not in found
