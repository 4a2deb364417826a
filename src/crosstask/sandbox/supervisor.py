"""Problems run in sandboxes: two processes for each, from outside, within a time, and a verdict that only one can give.

::

    program  ->  candidate process  <- pipes, literals only ->  process of the tests  -> pipe ->  verdict
"""

import os
import selectors
import signal
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from crosstask.errors import UserError
from crosstask.sandbox.inside.literals import NotALiteral, dumps, loads
from crosstask.sandbox.open_files import memory_file, pipe
from crosstask.sandbox.overseer import Overseer, Stopped, TooSlow, overseer
from crosstask.sandbox.problem import Limits, Outcome, Problem, Verdict
from crosstask.sandbox.sandbox import NotMade, Sandbox, sandboxed

PART = 2**16
"""Bytes that are read at a time."""
LONGEST_VERDICT = 2**13
LOOK_SECONDS = 0.25
"""How often is looked for an interrupt; one that comes while all wait may wake another thread than the first."""
END_SECONDS = 1.0
"""How long a process that closed its pipes may take to end."""


def run_all(problems: Sequence[Problem], limits: Limits | None = None) -> list[Verdict]:
    """Return the verdicts of problems, of which as many run at a time as there are processors for this process.

    When it returns or raises, which it does at once when it is interrupted, no process of any problem is left.

    Raises
    ------
    UserError
        If a sandbox cannot be made.
    """
    if not problems:
        return []
    chosen = limits or Limits()
    with overseer() as watching, ThreadPoolExecutor(len(os.sched_getaffinity(0))) as threads:
        try:
            running = [threads.submit(_run, problem, chosen, watching) for problem in problems]
            left = set(running)
            while left:
                ended, left = wait(left, LOOK_SECONDS, FIRST_EXCEPTION)
                for one in ended:
                    one.result()
            return [one.result() for one in running]
        except BaseException:
            watching.stop()
            raise


def run(problem: Problem, limits: Limits) -> Verdict:
    """Return the verdict of a problem; when it returns or raises, no process of it is left.

    Raises
    ------
    UserError
        If a sandbox cannot be made.
    """
    with overseer() as watching:
        return _run(problem, limits, watching)


def _run(problem: Problem, limits: Limits, overseer: Overseer) -> Verdict:
    """Return the verdict of a problem, whose sandboxes are started under an overseer."""
    try:
        with overseer.work(), _both(problem, limits) as both:
            both.start(overseer)
            both.watch(overseer.stopped)
            return both.verdict()
    except TooSlow:
        return Verdict(Outcome.timeout, "the sandbox took too long to start")
    except NotMade as error:
        raise UserError(f"the sandbox of a program that a model wrote could not be made: {error}") from None
    except OSError as error:
        raise UserError(f"the sandbox of a program that a model wrote could not be made: {error}") from error


@dataclass
class _Both:
    """The two processes of a problem."""

    candidate: Sandbox
    tests: Sandbox
    said: int
    """Where the process of the tests says its verdict."""
    limits: Limits
    deadline: float = 0.0
    verdict_text: bytes = b""
    over: Verdict | None = None
    """Which limit was exceeded, if one was."""
    printed: dict[int, int] = field(default_factory=dict)
    """How many bytes each process printed, by the file that they come from."""

    def start(self, overseer: Overseer) -> None:
        """Let both do their jobs, when both are there; their time begins."""
        for sandbox in (self.candidate, self.tests):
            sandbox.admit(overseer)
        for sandbox in (self.candidate, self.tests):
            sandbox.meet(overseer)
        self.deadline = time.monotonic() + self.limits.wall_seconds
        for sandbox in (self.candidate, self.tests):
            sandbox.let_in()

    def watch(self, stopped: int) -> None:
        """Read what both print and what the tests say, until that is all, or a limit is exceeded.

        What they said in time counts, however late it is read: this process may have been stopped meanwhile.
        """
        outputs = (self.candidate.printed_to(), self.tests.printed_to())
        with selectors.DefaultSelector() as selector:
            for file in (stopped, self.said, *outputs):
                selector.register(file, selectors.EVENT_READ)
            while self.over is None and not self._is_said():
                left = self.deadline - time.monotonic()
                for key, _ in selector.select(max(left, 0)):
                    if key.fd == stopped:
                        raise Stopped
                    part = os.read(key.fd, PART)
                    if not part:
                        selector.unregister(key.fd)
                    if key.fd == self.said:
                        self.verdict_text += part
                        if not part or len(self.verdict_text) > LONGEST_VERDICT:
                            return
                    else:
                        self._count(key.fd, len(part))
                if left <= 0 and self.over is None:
                    self.over = Verdict(Outcome.timeout)

    def _is_said(self) -> bool:
        """Return whether the tests said all that they say, which is one line."""
        return self.verdict_text.endswith(b"\n")

    def _count(self, file: int, count: int) -> None:
        """Count what a process prints."""
        self.printed[file] = self.printed.get(file, 0) + count
        if self.printed[file] > self.limits.output_bytes:
            self.over = Verdict(Outcome.output, "prints too much")

    def verdict(self) -> Verdict:
        """Return what the tests said in time, or what kept them from saying it."""
        if self.over and not (self.over.outcome is Outcome.timeout and self._is_said()):
            return self.over
        try:
            outcome, detail, when = loads(self.verdict_text.removesuffix(b"\n"))
        except (NotALiteral, ValueError, TypeError):  # it ended before it could say anything
            return _of_exit(self.tests.status(END_SECONDS))
        if when > self.deadline:
            return Verdict(Outcome.timeout)
        if outcome == "ended":
            return _of_exit(self.candidate.status(END_SECONDS))
        return Verdict(Outcome(outcome), detail.encode("utf-8", "backslashreplace").decode())


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
def _both(problem: Problem, limits: Limits) -> Iterator[_Both]:
    """Start the two processes of a problem; they end with the context, whatever they do."""
    with ExitStack() as context, ExitStack() as handed:
        asked, asks = _pipe(handed)
        answered, answers = _pipe(handed)
        said, says = pipe()
        context.callback(os.close, said)
        handed.callback(os.close, says)
        job = _memory_file(handed, problem.candidate_job(limits))
        candidate = context.enter_context(sandboxed("candidate_process", [job, asked, answers]))
        job = _memory_file(handed, problem.tests_job(limits))
        tests = context.enter_context(sandboxed("tests_process", [job, answered, asks, says]))
        handed.close()  # the ends that the processes have; what they close is closed then
        yield _Both(candidate, tests, said, limits)


def _pipe(handed: ExitStack) -> tuple[int, int]:
    """Return the two ends of a pipe for the processes."""
    ends = pipe()
    for end in ends:
        handed.callback(os.close, end)
    return ends


def _memory_file(handed: ExitStack, job: object) -> int:
    """Return the number of a file with a job."""
    file = memory_file(dumps(job))
    handed.callback(os.close, file)
    return file
