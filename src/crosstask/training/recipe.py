"""What an adapter is: everything that makes it, and nothing else.

Names, paths and dates never enter, so changing any input makes a new adapter and renaming one does not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from crosstask.config import TrainConfig, learned_from
from crosstask.data.examples import Example, content_hash

TRAINING_VERSION = 2
"""Raised when the code comes to make another adapter from the same inputs."""


def settings(config: TrainConfig) -> dict[str, Any]:
    """Return the training settings that runs of one matrix share: all but source and seed."""
    parts = {part: asdict(getattr(config, part)) for part in ("lora", "optimizer", "trainer", "data")}
    every = {f"{part}.{key}": value for part, of_part in parts.items() for key, value in of_part.items()}
    learned: dict[str, dict[str, Any]] = {part: {} for part in parts}
    for name, value in learned_from(every).items():
        part, _, key = name.partition(".")
        learned[part][key] = value
    of_data = learned.pop("data")
    return learned | of_data


def recipe(config: TrainConfig, base: str, examples: Mapping[str, Sequence[Example]]) -> dict[str, Any]:
    """Return all that makes an adapter; its fingerprint is the adapter's name in the store."""
    made_of = {key: value for key, value in settings(config).items() if key != "train_rows"}
    content = {name: content_hash(rows) for name, rows in examples.items()}
    return {"version": TRAINING_VERSION, "base": base, "examples": content, "seed": config.seed, **made_of}
