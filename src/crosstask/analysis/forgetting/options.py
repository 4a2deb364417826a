"""Parameters of forgetting: the schema of ``analysis.forgetting`` in the config."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from crosstask.limits import checked_by, refuse


class NoAbility(StrEnum):
    """What a closed target scores without any ability."""

    majority = "majority"
    """Always answering the label that most of its test rows have, on others than those that say which it is."""
    guessing = "guessing"
    """Answering any of its labels, each as often."""


def _scores(key: str, value: Any) -> None:
    """Refuse what is no mapping from tasks to scores."""
    if not isinstance(value, Mapping):
        refuse(f"{key}={value}: must be a mapping, {{task: score}}")
    for task, score in value.items():
        if isinstance(score, bool) or not isinstance(score, int | float) or not 0 <= score < float("inf"):
            refuse(f"{key}={{{task}: {score}}}: must be a number, at least 0, in the unit of the task's scores")


@dataclass
class Options:
    """From which score on the base model has an ability to lose."""

    no_ability: NoAbility = NoAbility.majority
    chance: Any = checked_by(_scores, default=None)  # noqa: RUF009 - OmegaConf adds no keys to a typed dict
    """Task -> score without any ability, in the unit of its scores, e.g. {imdb: 0.5}, where nothing tells it, as in a
    table, or it is another than the labels say."""
