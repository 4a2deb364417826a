"""A problem: a program and the tests of a function in it, and what can come of running them."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """How the tests of a program ended."""

    passed = "passed"
    wrong = "wrong"
    """A test does not hold, or cannot do anything with what the function returned."""
    error = "error"
    """The program, or its function, raised an exception, or the process ended."""
    syntax_error = "syntax_error"
    """The program is no Python."""
    not_literal = "not_literal"
    """The function returned something else than numbers, text, and lists, tuples, sets and dictionaries of such."""
    timeout = "timeout"
    memory = "memory"
    output = "output"
    """It printed, or returned, more than the limit."""
    forbidden = "forbidden"
    """It did something that the sandbox does not allow, such as opening a connection or writing a file."""
    broken_tests = "broken_tests"
    """The tests themselves cannot be run, do not call the function, or pass it something that is no literal."""


@dataclass(frozen=True)
class Limits:
    """What each of the two processes of a problem may use."""

    wall_seconds: float = 30.0
    """Of both together, from their start."""
    processor_seconds: int = 10
    memory_bytes: int = 2**30
    """Address space."""
    output_bytes: int = 2**20
    """Printed."""
    message_bytes: int = 2**23
    """The arguments of a call, or what it returns, as text."""
    files: int = 64
    """Open at a time."""
    threads: int = 128
    """At a time, the first one included."""


@dataclass(frozen=True)
class Problem:
    """A program and the tests of one of its functions."""

    program: str
    """Code that defines the function; of the model."""
    tests: str
    """Code that calls the function by its name, and raises an exception unless it is right; of the data set."""
    entry_point: str
    """Name of the function."""
    given: str = ""
    """Code of the data set that tests may use besides: what the program began with before the model went on. A function
    in it whose body is missing at the end is allowed."""

    def candidate_job(self, limits: Limits) -> dict[str, Any]:
        """Return what the process of the program is told."""
        return {"program": self.program, "entry_point": self.entry_point, "limits": asdict(limits)}

    def tests_job(self, limits: Limits) -> dict[str, Any]:
        """Return what the process of the tests is told, which does not include the program."""
        told = {"given": self.given, "tests": self.tests, "entry_point": self.entry_point}
        return {**told, "limits": asdict(limits)}


@dataclass(frozen=True)
class Verdict:
    """What came of a problem."""

    outcome: Outcome
    detail: str = ""
    """What the outcome comes from, such as the type of an exception; empty where there is nothing to say."""
