"""Examples: rows of data sets as a model meets them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from crosstask.fingerprint import fingerprint


@dataclass(frozen=True)
class Example:
    """One row as the model meets it."""

    id: str
    """Split and row number, e.g. ``test-17``."""
    prompt: str
    answer: str
    """What the model should say after the prompt."""
    place: str = field(default="", compare=False)
    """Where a person finds the row, such as a file and a line; no part of what an example is."""
    content: str = field(default="", compare=False)
    """Its content, see :func:`crosstask.data.content.content_key`, which follows from the row and the prompt."""
    options: tuple[str, ...] = ()
    """Multiple choice: what the model may say after the prompt, the answer among them."""
    accepted: tuple[str, ...] = ()
    """Answers that are right besides."""
    given: str = ""
    """Code that the answer goes on from."""
    tests: str = ""
    """Code that tells whether the answer, which is code, is right."""
    entry_point: str = ""
    """The function that these tests call."""
    system: str = ""
    """What stands before the prompt: the system's turn of a chat template, without one a paragraph."""
    content_free: str = field(default="", compare=False)
    """Multiple choice: the prompt with ``N/A`` in place of every text of the row, from which it follows."""

    @property
    def texts(self) -> tuple[str, ...]:
        """All that a model reads of it in training or in scoring."""
        further = (self.system, self.content_free, *self.options)
        return (f"{self.prompt}\n{self.answer}", *(text for text in further if text))

    @property
    def where(self) -> str:
        """What errors call the row."""
        return self.place or f"row {self.id}"


def content_hash(examples: Sequence[Example]) -> str:
    """Return a fingerprint of the examples' text and order."""
    return fingerprint([_content(example) for example in examples])


def _content(example: Example) -> tuple[Any, ...]:
    """Return what an example is; what it does not have is left out, as before examples could have it."""
    names = ("options", "accepted", "system", "given", "tests", "entry_point")
    further = {name: getattr(example, name) for name in names}
    held = {name: value for name, value in further.items() if value}
    return (example.id, example.prompt, example.answer, *([held] if held else []))
