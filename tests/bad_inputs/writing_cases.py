"""Short ways to write a case down."""

import shlex
from collections.abc import Callable

from tests.bad_inputs.case import Accepted, Case, Command, Expected, Refused
from tests.bad_inputs.workplace import Workplace

Setup = Callable[[Workplace], Command]
Prepare = Callable[[Workplace], object]
WORD = str | tuple[str, ...]


class Kind:
    """The cases of one kind, in the order in which they are written down."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.cases: list[Case] = []

    def add(self, name: str, about: str, setup: Setup, expected: Expected, limit: float = 60.0) -> None:
        """Add a case."""
        self.cases.append(Case(self.name, name, about, setup, expected, limit))

    def line(self, name: str, command: str, *words: WORD, prepare: Prepare | None = None, **more: object) -> None:
        """Add a command line that must be refused with an error that has certain words.

        ``FOLDER`` stands for the folder of the case.
        """
        expected = Refused(words, **more)  # type: ignore[arg-type]
        self.add(name, _about(command, prepare), typed(command, prepare), expected)

    def works(self, name: str, command: str, *words: WORD, prepare: Prepare | None = None, **more: object) -> None:
        """Add a command line that must do its work."""
        expected = Accepted(words, **more)  # type: ignore[arg-type]
        self.add(name, _about(command, prepare), typed(command, prepare), expected)


def typed(command: str, prepare: Prepare | None = None) -> Setup:
    """A command as it is typed, on the small model and data unless it says others."""

    def setup(work: Workplace) -> Command:
        if prepare is not None:
            prepare(work)
        script, *arguments = shlex.split(command.replace("FOLDER", str(work.folder)))
        make = {"train.py": work.train, "evaluate.py": work.evaluate, "analyze.py": work.analyze}
        return make[script](*arguments) if script in make else work.command(script, *arguments)

    return setup


def _about(command: str, prepare: Prepare | None) -> str:
    """What is prepared for a command, and the command."""
    prepared = " ".join((prepare.__doc__ or "").split()) + "; " if prepare else ""
    return f"{prepared}`{shown(command)}`"


def shown(command: str) -> str:
    """A command as the page shows it."""
    text = command.replace("FOLDER/", "").encode("utf-8", "backslashreplace").decode()
    return text if len(text) <= 100 else f"{text[:60]} ... ({len(text)} characters)"
