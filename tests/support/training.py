"""Trainings of small adapters, as several tests need them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from crosstask.config.adapter import Lora
from crosstask.config.training import Optimizer, Trainer
from crosstask.data.examples import Example
from crosstask.models.language_model import BaseModel
from crosstask.storage.store import Store
from crosstask.training.destination import Destination
from crosstask.training.fit import train_adapter
from crosstask.training.outcome import TrainingReport
from crosstask.training.recipe import TrainingSettings
from crosstask.training.sequences import TrainingExamples

SETTINGS = TrainingSettings(Lora(), Optimizer(), Trainer(), seed=3)


def train_small(
    base: BaseModel, examples: Sequence[Example], store: Store, recipe: str, **changes: Any
) -> TrainingReport:
    """Train with changed settings; ``logger`` and ``progress`` are those of the training."""
    further = {name: changes.pop(name) for name in ("logger", "progress") if name in changes}
    return train_adapter(
        base, TrainingExamples(examples), replace(SETTINGS, **changes), Destination(store, recipe, {}), **further
    )
