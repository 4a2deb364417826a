"""What a variant makes of the training examples of a source."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from crosstask.config.task import Task
from crosstask.data.examples import Example
from crosstask.errors import NotApplicable


@dataclass(frozen=True)
class Source:
    """A source with its training rows, before anything is changed."""

    name: str
    task: Task
    examples: Sequence[Example]
    seed: int
    """``variant.seed``."""

    def random(self, what: str) -> Random:
        """Return what draws at random, the same whenever this is drawn from the same source."""
        return Random(f"{self.seed}/{self.name}/{what}")

    def refuse(self, why: str) -> NotApplicable:
        """Return the error that says why the variant makes no sense for it."""
        return NotApplicable(f"{self.name} {why}")


@dataclass(frozen=True)
class Changed:
    """The training examples of a variant, and what it did."""

    examples: list[Example]
    share: float
    """Share of the original rows that are not as they were: another answer or prompt, or left out."""
    what: str
    """In words for a person, such as the shares of the labels."""


def compared(source: Source, examples: list[Example], what: str) -> Changed:
    """Return examples that stand in the places of the original ones, with the share of those that differ.

    Raises
    ------
    NotApplicable
        If none does.
    """
    pairs = zip(source.examples, examples, strict=True)
    different = sum((one.prompt, one.answer) != (other.prompt, other.answer) for one, other in pairs)
    if not different:
        raise source.refuse(f"would be the same: {what}")
    return Changed(examples, different / len(examples), what)
