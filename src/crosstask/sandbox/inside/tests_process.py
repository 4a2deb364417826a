"""The process that runs the tests of a data set: it calls the function in the other process, and gives the verdict.

Nothing of what a model wrote is run here, and what its function returns is made of built-in types. Its verdict goes
through a pipe that the other process does not have.
"""

import _thread
import builtins
import contextlib
import os
import time
from collections.abc import Callable
from typing import Any, NoReturn

from crosstask.sandbox.inside.channel import Channel, Ended, TooLong
from crosstask.sandbox.inside.literals import NotALiteral, dumps
from crosstask.sandbox.inside.start import module, started

LONGEST_DETAIL = 200
CLAIMED = ("error", "memory", "forbidden", "syntax_error", "not_literal", "output")
"""Outcomes that the other process is believed, none of which is good."""
RAISED = (Exception, SystemExit)
NEVER_RAISED = (StopIteration, StopAsyncIteration)
"""Exceptions that would end a loop of the tests as if it were done."""


class CandidateError(Exception):
    """An exception of the candidate's that is no built-in one, or that would end these tests."""


class Judged(BaseException):
    """The outcome is known: no test can change it."""

    def __init__(self, outcome: str, detail: str) -> None:
        super().__init__(outcome, detail)


def main(gate: int, job_file: int, answered: int, asks: int, verdict: int) -> None:
    """Do the job in a file, after the gate: run its tests, and write the verdict, and when it was given.

    Answers of the function are read from one pipe, and calls of it are written to another.
    """
    job = started(job_file, gate)
    candidate = _Candidate(Channel(answered, asks, job["limits"]["message_bytes"]))
    outcome, detail = candidate.fault or _judged(job, candidate)
    os.write(verdict, dumps([outcome, detail[:LONGEST_DETAIL], time.monotonic()]) + b"\n")
    os._exit(0)  # whatever threads the tests have left


def _judged(job: dict[str, Any], candidate: "_Candidate") -> tuple[str, str]:
    """Return the outcome of the tests, and the type of the exception that it comes from."""
    names = module("tests")
    try:
        exec(_whole_function(job["given"]), names)
        tests = compile(job["tests"], "tests.py", "exec")
    except BaseException as error:
        return "broken_tests", type(error).__name__
    names[job["entry_point"]] = candidate.function
    raised: BaseException | None = None
    try:
        exec(tests, names)
    except BaseException as error:
        raised = error
    if candidate.fault:
        return candidate.fault
    if not candidate.calls:
        return "broken_tests", "" if raised is None else type(raised).__name__
    if raised is None:
        return "passed", ""
    if raised is candidate.raised:
        return candidate.outcome, candidate.name
    return _outcome(raised), type(raised).__name__


def _outcome(raised: BaseException) -> str:
    """Return which outcome an exception is that ended the tests, and that the function did not raise."""
    if isinstance(raised, MemoryError):
        return "memory"
    return "wrong" if isinstance(raised, Exception) else "broken_tests"


def _whole_function(given: str) -> Any:
    """Return the code that a program begins with, compiled; a function that has no body yet gets one."""
    try:
        return compile(given, "given.py", "exec")
    except SyntaxError:
        return compile(f"{given.rstrip()}\n    pass\n", "given.py", "exec")


class _Candidate:
    """The function in the other process."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.calls = 0
        self.raised: BaseException | None = None
        """The last exception of the function."""
        self.name = ""
        """What the other process calls its type."""
        self.outcome = ""
        """Which outcome it is."""
        self.fault: tuple[str, str] | None = None
        """Why no test can pass any more, and what that is about."""
        self.one_at_a_time = _thread.allocate_lock()
        """Tests may have threads, and the function answers one call after the other."""
        self._wait()

    def _wait(self) -> None:
        """Wait until the function is defined."""
        with contextlib.suppress(Judged):
            self._receive()

    @property
    def function(self) -> Callable[..., Any]:
        """What the tests call."""

        def candidate(*positional: Any, **named: Any) -> Any:
            return self._call(positional, named)

        return candidate

    def _call(self, positional: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """Return what the function returns, or raise what it raises."""
        with self.one_at_a_time:
            return self._answer(positional, named)

    def _answer(self, positional: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """Do so, when nothing else is asked."""
        if self.fault:
            raise Judged(*self.fault)
        self.calls += 1
        try:
            self.channel.send([self.calls, positional, named])
        except NotALiteral as error:
            self._judge("broken_tests", f"call the function with a {error}")
        except TooLong:
            self._judge("broken_tests", "call the function with a value that is too large")
        except Ended:
            self._judge("ended", "")
        while (reply := self._receive()).get("call") != self.calls:
            pass  # the answer to a call that the tests broke off, by an alarm
        if "value" in reply:
            return reply["value"]
        self.outcome = _claimed(reply.get("outcome"))
        self.name = _text(reply.get("raised"))
        self.raised = _exception(self.name, reply.get("kinds"), reply.get("held"))
        raise self.raised

    def _receive(self) -> dict[Any, Any]:
        """Return the next message, in which nothing failed."""
        try:
            message = self.channel.receive()
        except Ended:
            self._judge("ended", "")
        except TooLong:
            self._judge("output", "a value that is too large")
        except NotALiteral as error:
            self._judge("not_literal", str(error))
        if not isinstance(message, dict):
            self._judge("not_literal", "a message of no kind that there is")
        if "failed" in message:
            self._judge(_claimed(message["failed"]), _text(message.get("detail")))
        return message

    def _judge(self, outcome: str, detail: str) -> NoReturn:
        """Settle the outcome, which is not that the tests passed."""
        self.fault = (outcome, detail)
        raise Judged(outcome, detail)


def _claimed(outcome: Any) -> str:
    """Return an outcome that the other process claims; it may write what it likes."""
    return outcome if isinstance(outcome, str) and outcome in CLAIMED else "error"


def _text(claimed: Any) -> str:
    """Return a text that the other process claims; what it writes besides is none."""
    return claimed if isinstance(claimed, str) else ""


def _exception(name: str, kinds: Any, held: Any) -> BaseException:
    """Return an exception of the first built-in type of some that can be raised without ending the tests early."""
    for claimed in kinds if isinstance(kinds, list) else ():
        kind = getattr(builtins, _text(claimed), None)
        if isinstance(kind, type) and issubclass(kind, RAISED) and not issubclass(kind, NEVER_RAISED):
            try:
                return kind(*held)
            except Exception:  # of what it does not take: a Unicode error is made of five values
                continue
    return CandidateError(name)
