"""Problems run in sandboxes: two processes for each, from outside, within a time, and a verdict that only one can give.

::

    program  ->  candidate process  <- pipes, literals only ->  process of the tests  -> pipe ->  verdict
"""

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from crosstask.errors import UserError
from crosstask.sandbox.bubblewrap import command, filter_file, memory_file
from crosstask.sandbox.inside.literals import NotALiteral, dumps, loads
from crosstask.sandbox.problem import Limits, Outcome, Problem, Verdict

STARTED = b"started\n"
PART = 2**16
"""Bytes that are read at a time."""
LONGEST_VERDICT = 2**13
END_SECONDS = 1.0
"""How long a process that closed its pipes may take to end."""
KEPT = 500
"""Last bytes of what was printed that are kept, to say why a sandbox could not be made."""


def run_all(problems: Sequence[Problem], limits: Limits | None = None) -> list[Verdict]:
    """Return the verdicts of problems, of which as many run at a time as there are processors for this process.

    Raises
    ------
    UserError
        If a sandbox cannot be made.
    """
    chosen = limits or Limits()
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as threads:
        return list(threads.map(lambda problem: run(problem, chosen), problems))


def run(problem: Problem, limits: Limits) -> Verdict:
    """Return the verdict of a problem; when it returns or raises, no process of it is left.

    Raises
    ------
    UserError
        If a sandbox cannot be made.
    """
    with _sandboxes(problem, limits) as both:
        both.watch(time.monotonic() + limits.wall_seconds)
        return both.verdict()


@dataclass
class _Printed:
    """What a process printed."""

    count: int = 0
    last: bytes = b""

    def add(self, part: bytes) -> None:
        """Count what was printed, and keep the end of it."""
        self.count += len(part)
        self.last = (self.last + part)[-KEPT:]


@dataclass
class _Sandboxes:
    """The two processes of a problem."""

    candidate: "subprocess.Popen[bytes]"
    tests: "subprocess.Popen[bytes]"
    said: int
    """Where the process of the tests says its verdict."""
    limits: Limits
    verdict_text: bytes = b""
    over: Verdict | None = None
    """Which limit was exceeded, if one was."""
    printed: tuple[_Printed, _Printed] = field(default_factory=lambda: (_Printed(), _Printed()))

    def watch(self, deadline: float) -> None:
        """Read what both print and what the tests say, until that is all, or a limit is exceeded."""
        outputs = (self.candidate.stderr, self.tests.stderr)
        with selectors.DefaultSelector() as selector:
            selector.register(self.said, selectors.EVENT_READ)
            for output, printed in zip(outputs, self.printed, strict=True):
                assert output is not None
                selector.register(output, selectors.EVENT_READ, printed)
            while self.over is None:
                if (left := deadline - time.monotonic()) <= 0:
                    self.over = Verdict(Outcome.timeout)
                for key, _ in selector.select(max(left, 0)):
                    part = os.read(key.fd, PART)
                    if key.fd == self.said:
                        self.verdict_text += part
                        if not part or len(self.verdict_text) > LONGEST_VERDICT:
                            return
                    elif part:
                        self._count(key.data, part)
                    else:
                        selector.unregister(key.fileobj)

    def _count(self, printed: _Printed, part: bytes) -> None:
        """Count what a process prints."""
        printed.add(part)
        if printed.count > self.limits.output_bytes:
            self.over = Verdict(Outcome.output, "prints too much")

    def verdict(self) -> Verdict:
        """Return what the tests said, or what kept them from saying it."""
        is_started = self.verdict_text.startswith(STARTED)
        if self.over and (is_started or self.over.outcome is Outcome.output):
            return self.over
        if not is_started:
            raise self._not_started(self.tests, self.printed[1])
        try:
            outcome, detail = loads(self.verdict_text.removeprefix(STARTED).removesuffix(b"\n"))
        except (NotALiteral, ValueError, TypeError):  # it ended before it could say anything
            return _of_exit(_exit_status(self.tests))
        if outcome == "not_started":
            raise self._not_started(self.candidate, self.printed[0])
        if outcome == "ended":
            return _of_exit(_exit_status(self.candidate))
        return Verdict(Outcome(outcome), detail.encode("utf-8", "backslashreplace").decode())

    def _not_started(self, process: "subprocess.Popen[bytes]", printed: _Printed) -> UserError:
        """Return the error of a process that did not come so far as to run anything."""
        status = _exit_status(process)
        assert process.stderr is not None
        os.set_blocking(process.stderr.fileno(), False)
        printed.add(process.stderr.read(PART) or b"")  # what came after the last look
        said = printed.last.decode(errors="replace").strip().splitlines() or [f"exit status {status}"]
        return UserError(f"the sandbox of a program that a model wrote could not be made: bwrap: {said[-1]}")


def _exit_status(process: "subprocess.Popen[bytes]") -> int | None:
    """Return the exit status of a process that is about to end; None if it does not."""
    try:
        return process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        return None


def _of_exit(status: int | None) -> Verdict:
    """Return the verdict on a process that ended, or closed its pipes, while it was needed."""
    if status == 128 + signal.SIGXCPU:
        return Verdict(Outcome.timeout, "processor time")
    if status == 128 + signal.SIGKILL:
        return Verdict(Outcome.memory, "killed")
    if status == 128 + signal.SIGSYS:
        return Verdict(Outcome.forbidden, "a system call of another machine")
    return Verdict(Outcome.error, "closed its pipes" if status is None else f"ended with status {status}")


@contextmanager
def _sandboxes(problem: Problem, limits: Limits) -> Iterator[_Sandboxes]:
    """Start the two processes of a problem; they end with the context, whatever they do."""
    with ExitStack() as context, ExitStack() as handed:
        asked, answering = _pipe(handed)
        answered, asking = _pipe(handed)
        said = os.pipe()
        context.callback(os.close, said[0])
        handed.callback(os.close, said[1])
        job = _memory_file(handed, problem.candidate_job(limits))
        candidate = _started(context, handed, "candidate_process", (asked, asking), [job])
        job = _memory_file(handed, problem.tests_job(limits))
        tests = _started(context, handed, "tests_process", (answered, answering), [job, said[1]])
        handed.close()  # the ends that the processes have; what they close is closed then
        yield _Sandboxes(candidate, tests, said[0], limits)


def _pipe(handed: ExitStack) -> tuple[int, int]:
    """Return the two ends of a pipe for the processes."""
    ends = os.pipe()
    for end in ends:
        handed.callback(os.close, end)
    return ends


def _memory_file(handed: ExitStack, job: object) -> int:
    """Return the number of a file with a job."""
    file = memory_file(dumps(job))
    handed.callback(os.close, file)
    return file


def _started(
    context: ExitStack, handed: ExitStack, program: str, ends: tuple[int, int], files: Sequence[int]
) -> "subprocess.Popen[bytes]":
    """Start a process in a sandbox, that reads from one end and writes to another; it is killed with the context."""
    filtering = filter_file()
    handed.callback(os.close, filtering)
    process = subprocess.Popen(
        command(filtering, program, files),
        stdin=ends[0],
        stdout=ends[1],
        stderr=subprocess.PIPE,
        pass_fds=[filtering, *files],
        cwd="/",
    )
    context.callback(_end, process)
    return process


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Kill a process and, as bwrap and the kernel see to it, all that runs in its sandbox."""
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    process.wait()
    if process.stderr is not None:
        process.stderr.close()
