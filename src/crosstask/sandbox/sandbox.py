"""A process in a sandbox: how it is started, let in, and ended with all that it is.

::

    bwrap, outside  ->  bwrap, the first process inside  ->  Python, which waits at a gate before it does its job

It does its job only after the guard knows of it (`guard`), and ends at the gate if the process that started it is no
more. So whenever that process ends, nothing of a sandbox lives on.
"""

import contextlib
import json
import os
import platform
import signal
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from crosstask.sandbox.bubblewrap import command
from crosstask.sandbox.open_files import beyond_standard, memory_file, pipe
from crosstask.sandbox.overseer import Overseer, TooSlow, readable, wait_for
from crosstask.sandbox.seccomp import bpf_filter
from crosstask.sandbox.users import give_two_users, has_two_users

PART = 2**16
"""Bytes that are read at a time."""
START_SECONDS = 120.0
"""How long a sandbox may take until its process stands at the gate."""
END_SECONDS = 10.0
"""How long bwrap may take to end after the first process inside, and that to end after it was killed."""


class NotMade(Exception):
    """A sandbox could not be made; with what was said."""


@dataclass
class Sandbox:
    """A process in a sandbox, and bwrap around it."""

    process: "subprocess.Popen[bytes]"
    """bwrap, outside."""
    gate: socket.socket
    """Where the process inside says that it is there, and waits."""
    information: int
    """Where bwrap says which process is the first inside."""
    users: int | None
    """Where bwrap is told that its namespace has two users."""
    told: bytes = b""
    """What bwrap has said there."""
    first: int | None = None
    """Stands for the first process inside (pidfd)."""

    def admit(self, overseer: Overseer) -> None:
        """Find the first process inside, put it under the guard, and give it its users.

        Raises
        ------
        NotMade
            If there is none.
        Stopped, TooSlow
            If it is no use, or no good, to wait.
        """
        number = self._find(overseer)
        if number is None or self.first is None:
            raise self.not_made()
        socket.send_fds(overseer.guard, [b"p"], [self.first])
        if self.users is not None:
            try:
                give_two_users(number)
            except OSError as error:
                raise NotMade(f"it cannot be given the user {error.filename}: {error.strerror}") from None
            os.write(self.users, b"u")

    def meet(self, overseer: Overseer) -> None:
        """Wait until the process stands at the gate; raises as `admit`."""
        wait_for(self.gate.fileno(), overseer, START_SECONDS)
        if not self.gate.recv(1):
            raise self.not_made()

    def let_in(self) -> None:
        """Let the process do its job; one that has ended by then does not."""
        with contextlib.suppress(OSError):
            self.gate.send(b"g")
        self.gate.close()

    def printed_to(self) -> int:
        """Return the number of the open file where there is what the process prints."""
        assert self.process.stdout is not None
        return self.process.stdout.fileno()

    def status(self, seconds: float) -> int | None:
        """Return the exit status of a process that is about to end; None if it does not within a time."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def not_made(self) -> NotMade:
        """Return the error of a process that did not come to the gate: what it or bwrap said last, or how it ended."""
        status = self.status(END_SECONDS)
        os.set_blocking(self.printed_to(), False)
        with contextlib.suppress(BlockingIOError):
            lines = os.read(self.printed_to(), PART).decode(errors="replace").strip().splitlines()
            if lines:
                return NotMade(lines[-1])
        return NotMade("bwrap does not end" if status is None else f"bwrap: exit status {status}")

    def end(self) -> None:
        """Kill the process, and whatever runs in its sandbox; when it returns, that has ended."""
        self.gate.close()
        if self.first is None:  # whoever started it did not come that far
            with contextlib.suppress(TooSlow):
                self._find(None)
        if self.first is not None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self.first, signal.SIGKILL)
        if self.users is not None:
            os.close(self.users)
        if self.status(END_SECONDS) is None:
            self.process.kill()
            self.process.wait()
        if self.first is not None:
            readable(END_SECONDS, self.first)  # the first process of a namespace is the last to end
            os.close(self.first)
        os.close(self.information)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def _find(self, overseer: Overseer | None) -> int | None:
        """Return the number of the first process inside, which bwrap writes as soon as it exists; None if it is not."""
        while True:
            wait_for(self.information, overseer, START_SECONDS if overseer else END_SECONDS)
            part = os.read(self.information, PART)
            if not part:
                break
            self.told += part
        try:
            number = int(json.loads(self.told)["child-pid"])
            self.first = os.pidfd_open(number)
        except (ValueError, KeyError, ProcessLookupError):
            return None
        return number


@contextmanager
def sandboxed(program: str, files: Sequence[int]) -> Iterator[Sandbox]:
    """Start a program in a sandbox; its process ends with the context.

    Parameters
    ----------
    program
        Name of a module of ``inside``, whose ``main`` is called with the numbers of a gate and of other files.
    files
        Those other files.
    """
    sandbox = _started(program, files)
    try:
        yield sandbox
    finally:
        sandbox.end()


def _started(program: str, files: Sequence[int]) -> Sandbox:
    """Start a program in a sandbox."""
    with ExitStack() as kept, ExitStack() as handed:
        filtering = memory_file(bpf_filter(platform.machine()))
        handed.callback(os.close, filtering)
        gate, its_gate = (socket.socket(fileno=beyond_standard(end.detach())) for end in socket.socketpair())
        kept.callback(gate.close)
        handed.callback(its_gate.close)
        information, tells = _pipe(kept, handed)
        users, waits = None, None
        if has_two_users():
            waits, users = _pipe(handed, kept)
        passed = [its_gate.fileno(), *files]
        process = subprocess.Popen(
            command(program, passed, filtering, (information, tells), waits),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=[*passed, filtering, information, tells, *([] if waits is None else [waits])],
            cwd="/",
            start_new_session=True,  # what is typed at a terminal is for this process, which sees to the sandbox
        )
        kept.pop_all()
        return Sandbox(process, gate, information, users)


def _pipe(reader: ExitStack, writer: ExitStack) -> tuple[int, int]:
    """Return the two ends of a pipe, each closed with a context of its own."""
    reading, writing = pipe()
    reader.callback(os.close, reading)
    writer.callback(os.close, writing)
    return reading, writing
