"""Examples: rows of data sets as a model meets them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

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

    @property
    def where(self) -> str:
        """What errors call the row."""
        return self.place or f"row {self.id}"


def content_hash(examples: Sequence[Example]) -> str:
    """Return a fingerprint of the examples' text and order."""
    return fingerprint([(example.id, example.prompt, example.answer) for example in examples])
