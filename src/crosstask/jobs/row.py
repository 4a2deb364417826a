"""A row of the matrix: everything that a job is about, with its identity."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crosstask.config import Data, TrainConfig, source_name, sources
from crosstask.config.flat import columns
from crosstask.data.examples import Example, content_free_prompt, test_examples, train_examples
from crosstask.evaluation.cell_key import CellKey, cell_key
from crosstask.evaluation.scorers.protocol import Target
from crosstask.evaluation.scorers.registry import check_references, scorer
from crosstask.features.data_sets import DataSetText
from crosstask.features.sentence_encoder import encoder_identity
from crosstask.fingerprint import fingerprint
from crosstask.models import base_model
from crosstask.training.recipe import recipe, settings


@dataclass(frozen=True)
class MatrixRow:
    """One source with one seed on one base model, and the targets that it is scored on."""

    base: str
    """Identity of the base model."""
    recipe: dict[str, Any] | None
    """All that makes the adapter; None for the base model."""
    examples: list[Example]
    """What the adapter is trained on."""
    targets: dict[str, Target]
    data_id: str
    settings: str
    """Fingerprint of the training settings."""
    data_sets: dict[str, dict[str, DataSetText]]
    """By role (source, target) and name; base is trained on none."""
    encoder: str | None
    """Identity of the model that the data sets are compared by besides the base model."""

    @property
    def recipe_id(self) -> str:
        """Name of the adapter in the store."""
        return fingerprint(self.recipe)

    @property
    def run(self) -> str:
        """Name of the run record: the adapter (or the base model) together with the test data."""
        return fingerprint([self.recipe or self.base, self.data_id])

    def group(self, config: TrainConfig) -> str:
        """Return the name of the sweep: by default what makes runs comparable."""
        common = fingerprint([self.base, self.data_id, self.settings])[:8]
        return config.tracking.group or f"{config.model.name}-{config.data.name}-{common}"

    def cell_keys(self, adapter: str | None) -> dict[str, CellKey]:
        """Return the identity of every cell; ``adapter`` is the fingerprint of its content, None for the base model."""
        return {name: cell_key(self.base, adapter, target) for name, target in self.targets.items()}

    def record(self, config: TrainConfig, cells: dict[str, CellKey]) -> dict[str, Any]:
        """Return what the store notes of the row: its names and settings, and which cells it stands for."""
        return {
            "source": source_name(config),
            "home": sorted({task.home or name for name, task in sources(config).items()}),
            "seed": config.seed if self.recipe else None,
            "model": config.model.name,
            "base": self.base,
            "data": config.data.name,
            "data_id": self.data_id,
            "settings": self.settings if self.recipe else None,
            "group": self.group(config),
            "adapter": self.recipe_id if self.recipe else None,
            "config": columns(config),
            "updated": datetime.now(UTC).isoformat(),
            "cells": {name: [key.outputs, key.scoring] for name, key in cells.items()},
            "encoder": self.encoder,
            "profiles": {
                role: {name: data_set.id for name, data_set in named.items()} for role, named in self.data_sets.items()
            },
        }


def data_id(data: Data) -> str:
    """Return the fingerprint of where test rows come from and how many are drawn."""
    root = str(Path(data.root).resolve()) if data.root else None
    return fingerprint({"kind": data.kind, "root": root, "test_rows": data.test_rows, "seed": data.seed})


def matrix_row(config: TrainConfig) -> MatrixRow:
    """Read the data of a job and work out what it is about.

    Raises
    ------
    UserError
        If the model, the encoder or the data are not there, a target cannot be scored, or a row does not fit its task.
    """
    scorers = {name: scorer(name, task) for name, task in config.target.items()}
    base = base_model.identity(config.model)
    trained = {name: train_examples(name, task, config.data) for name, task in sources(config).items()}
    examples = [example for rows in trained.values() for example in rows]
    tests = {name: test_examples(name, task, config.data) for name, task in config.target.items()}
    for name, rows in trained.items():
        check_references(name, sources(config)[name], rows)
    for name, rows in tests.items():
        check_references(name, config.target[name], rows)
    labels = sorted({label for task in sources(config).values() for label in task.labels})
    return MatrixRow(
        base=base,
        recipe=recipe(config, base, trained) if trained else None,
        examples=examples,
        targets={
            name: Target(scorers[name], tests[name], content_free_prompt(name, task, config.data), config.scoring)
            for name, task in config.target.items()
        },
        data_id=data_id(config.data),
        settings=fingerprint(settings(config)),
        data_sets={
            "source": {source_name(config): DataSetText(examples, labels)} if trained else {},
            "target": {name: DataSetText(rows, config.target[name].labels) for name, rows in tests.items()},
        },
        encoder=encoder_identity(config.encoder) if config.encoder else None,
    )
