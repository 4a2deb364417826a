"""Texts of single examples: what a target asked, and what models answered. They are read when they are shown."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from crosstask.analysis.matrix.answers import Run
from crosstask.errors import UserError


class NotKept(UserError):
    """Texts that are not there to be shown; the message says which, and what would keep them."""


@dataclass(frozen=True)
class TargetTexts:
    """The test rows of a target, and the answers of some runs to them; each by example."""

    prompts: Mapping[str, str]
    """As the task's template makes them, after what the task says to the model before."""
    gold: Mapping[str, str]
    """The right answers, as the data has them."""
    answers: tuple[Mapping[str, str], ...]
    """Of each run: the generated text, or the label or option that was chosen."""


TextsOf = Callable[[str, Sequence[Run]], TargetTexts]
"""From a target and runs that were scored on it to their texts; raises `NotKept` where some are lacking."""
