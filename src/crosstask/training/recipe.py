"""What an adapter is: everything that makes it, and nothing else.

Names, paths and dates never enter, so changing any input makes a new adapter and renaming one does not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from crosstask.config.adapter import Lora
from crosstask.config.inputs import NEW_SETTINGS, ControlTokens
from crosstask.config.job import TrainConfig
from crosstask.config.learned import learned_from
from crosstask.config.training import Optimizer, Trainer
from crosstask.data.examples import Example, content_hash
from crosstask.fingerprint import fingerprint

TRAINING_VERSION = 2
"""Raised when the code comes to make another adapter from the same inputs."""
RANDOM_UPDATE_VERSION = 1
"""The same for random updates."""


@dataclass(frozen=True)
class TrainingSettings:
    """How an adapter is trained, whatever it is trained on."""

    lora: Lora
    optimizer: Optimizer
    trainer: Trainer
    seed: int
    """Initial weights, order of the rows, and which of them are held out."""


@dataclass(frozen=True)
class Recipe:
    """All that makes an adapter."""

    content: dict[str, Any]
    """As JSON can hold it, see :func:`recipe`."""
    examples: list[Example]
    """What the adapter is trained on."""
    settings: TrainingSettings
    validation: list[Example] = field(default_factory=list)
    """What it is evaluated on meanwhile, where that is no share of ``examples``."""
    like: "Recipe | None" = None
    """What makes the adapter whose norms a random update has; None for an adapter that is trained."""
    draw: int = 0
    """Which random update."""

    @property
    def id(self) -> str:
        """Name of the adapter in the store."""
        return fingerprint(self.content)


def random_like(recipe: Recipe, draw: int) -> Recipe:
    """Return what makes a random update of the same norms as an adapter that is trained."""
    content = {**recipe.content, "random_update": {"version": RANDOM_UPDATE_VERSION, "draw": draw}}
    return replace(recipe, content=content, like=recipe, draw=draw)


def settings(config: TrainConfig) -> dict[str, Any]:
    """Return the training settings that runs of one matrix share: all but source and seed."""
    parts = {part: asdict(getattr(config, part)) for part in ("lora", "optimizer", "trainer", "data")}
    for key, usual in NEW_SETTINGS.items():
        if parts["data"][key] == usual:
            del parts["data"][key]
    every = {f"{part}.{key}": value for part, of_part in parts.items() for key, value in of_part.items()}
    learned: dict[str, dict[str, Any]] = {part: {} for part in parts}
    for name, value in learned_from(every).items():
        part, _, key = name.partition(".")
        learned[part][key] = value
    of_data = learned.pop("data")
    return learned | of_data


def recipe(
    config: TrainConfig,
    base: str,
    examples: Mapping[str, Sequence[Example]],
    plain: bool = False,
    validation: Sequence[Example] = (),
) -> dict[str, Any]:
    """Return all that makes an adapter; its fingerprint is the adapter's name in the store.

    ``plain`` tells whether control tokens are read as plain text, False where the examples hold none: earlier versions
    kept them. ``validation`` are rows of a split of their own that it is evaluated on.
    """
    of_rows = ("train_rows", *NEW_SETTINGS)  # the examples themselves tell
    made_of = {key: value for key, value in settings(config).items() if key not in of_rows}
    if plain:
        made_of["control_tokens"] = ControlTokens.plain
    if validation:
        made_of["validation"] = content_hash(validation)
    content = {name: content_hash(rows) for name, rows in examples.items()}
    return {"version": TRAINING_VERSION, "base": base, "examples": content, "seed": config.seed, **made_of}
