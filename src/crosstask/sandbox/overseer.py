"""What sandboxes are started under: a guard that ends them when this process ends, and a way to end them before."""

import os
import select
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from crosstask.sandbox.bubblewrap import python_path
from crosstask.sandbox.open_files import pipe

GUARD = Path(__file__).with_name("guard.py")


class Stopped(Exception):
    """Nobody waits for the sandbox any more."""


class TooSlow(Exception):
    """A sandbox took more than `START_SECONDS` to start."""


class Overseer:
    """What work with sandboxes is begun under, and told to end."""

    def __init__(self, guard: socket.socket, stopped: int, stops: int) -> None:
        self.guard = guard
        self.stopped = stopped
        """Can be read from when sandboxes are to end."""
        self._stops = stops
        self._is_over = False
        self._at_work = 0
        self._changed = threading.Condition()

    @contextmanager
    def work(self) -> Iterator[None]:
        """Begin with something that starts sandboxes, and ends them; raises `Stopped` if none are to be started."""
        with self._changed:
            if self._is_over:
                raise Stopped
            self._at_work += 1
        try:
            yield
        finally:
            with self._changed:
                self._at_work -= 1
                self._changed.notify_all()

    def stop(self) -> None:
        """Let no work begin any more, and tell what has begun, which ends at once; return when all of it has."""
        with self._changed:
            self._is_over = True
            os.write(self._stops, b"s")
            self._changed.wait_for(lambda: self._at_work == 0)


@contextmanager
def overseer() -> Iterator[Overseer]:
    """Start a guard; it ends with the context, and so does all work."""
    with ExitStack() as context:
        line, stdin = socket.socketpair()
        context.callback(line.close)
        stopped, stops = pipe()
        context.callback(os.close, stopped)
        context.callback(os.close, stops)
        with stdin:
            guard = subprocess.Popen(
                [python_path(), "-I", "-S", str(GUARD)],
                stdin=stdin.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                start_new_session=True,
            )
        context.callback(guard.wait)
        context.callback(line.close)
        found = Overseer(line, stopped, stops)
        context.callback(found.stop)
        yield found


def wait_for(file: int, overseer: Overseer | None, seconds: float) -> None:
    """Wait until a file can be read from."""
    ready = readable(seconds, file, *([] if overseer is None else [overseer.stopped]))
    if overseer is not None and overseer.stopped in ready:
        raise Stopped
    if not ready:
        raise TooSlow


def readable(seconds: float, *files: int) -> set[int]:
    """Return which files can be read from, as soon as one can."""
    poll = select.poll()
    for file in files:
        poll.register(file, select.POLLIN)
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        if ready := poll.poll(1000 * left):
            return {file for file, _ in ready}
    return set()
