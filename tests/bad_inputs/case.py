"""What a case is: a kind, a description, files and a command line, and what a sensible user would want to happen."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.bad_inputs.workplace import Workplace

Words = tuple[str | tuple[str, ...], ...]
"""What must be said; of several in brackets any one. Case and line breaks do not matter."""


@dataclass(frozen=True)
class Command:
    """A script with its arguments."""

    script: str
    arguments: tuple[str, ...]
    root: Path
    """The folder that holds the script, ``conf/`` and ``src/``."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables besides."""


@dataclass(frozen=True)
class Refused:
    """The command ends with an error of one line, and leaves no results."""

    words: Words
    """Of the error: the name and the value that are wrong."""
    status: int = 1
    lines: int = 1
    """Most lines of output in all: more than one where the error is one of several jobs, or follows notes."""


@dataclass(frozen=True)
class Accepted:
    """The command does its work, and says what is odd."""

    words: Words = ()
    """Of the output."""
    files: Mapping[str, str] = field(default_factory=dict)
    """What a file must hold, by its pattern in the folder of the case."""
    lines: int = 200
    """Most lines of output."""
    without: tuple[str, ...] = ()
    """What the output must not say."""


@dataclass(frozen=True)
class MadeAgain(Accepted):
    """What is damaged in a store or a cache is named, and made or read again."""


Expected = Refused | Accepted


@dataclass(frozen=True)
class Case:
    """One input, good or bad."""

    kind: str
    name: str
    about: str
    """What is wrong with the input, or odd about it."""
    setup: "Callable[[Workplace], Command]"
    """Writes the files in a folder of the case, and returns the command."""
    expected: Expected
    limit: float = 60.0
    """Seconds after which the command hangs."""


@dataclass(frozen=True)
class Outcome:
    """How a command ended."""

    status: int | None
    """Exit status; None if it was killed for taking too long."""
    output: str
    """What it printed as results."""
    errors: str
    """What it printed as messages."""
    folder: Path
    seconds: float = 0.0

    @property
    def text(self) -> str:
        """All that it printed."""
        return self.output + self.errors
