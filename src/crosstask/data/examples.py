"""Examples: rows of data sets as a model meets them."""

from collections.abc import Sequence
from dataclasses import dataclass

from crosstask.fingerprint import fingerprint


@dataclass(frozen=True)
class Example:
    """One row as the model meets it."""

    id: str
    """Split and row number, e.g. ``test-17``."""
    prompt: str
    answer: str
    """What the model should say after the prompt."""


def content_hash(examples: Sequence[Example]) -> str:
    """Return a fingerprint of the examples' text and order."""
    return fingerprint([(example.id, example.prompt, example.answer) for example in examples])
