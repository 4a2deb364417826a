"""The adapter of a row of the matrix: trained if it does not exist, checked if it does."""

import logging
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import Any

from crosstask.config import TrainConfig, source_name
from crosstask.errors import UserError
from crosstask.jobs.progress import Progress
from crosstask.jobs.row import MatrixRow
from crosstask.models import adapter_effect, adapters, base_model
from crosstask.storage.store import Store, read_json

log = logging.getLogger(__name__)


class RowAdapter:
    """The adapter of a row; the base model's row has none."""

    def __init__(self, config: TrainConfig, store: Store, row: MatrixRow) -> None:
        self.config = config
        self.store = store
        self.row = row

    @property
    def folder(self) -> Path | None:
        """Its folder, whether it exists or not; None for the base model."""
        return self.store.adapter(self.row.recipe_id) if self.row.recipe else None

    @property
    def is_missing(self) -> bool:
        """Whether it has to be trained."""
        return self.folder is not None and not self.folder.exists()

    @cached_property
    def content(self) -> str | None:
        """The fingerprint of its content, checked against what was written; None for the base model.

        Raises
        ------
        UserError
            If its files are not what was trained.
        """
        if self.folder is None:
            return None
        recorded = read_json(self.folder / "adapter.json")["content"]
        try:
            found = adapters.content(self.folder)
        except (OSError, ValueError, KeyError) as error:
            raise UserError(
                f"{self.folder}: damaged ({error}); delete the folder to train the adapter again"
            ) from error
        if found != recorded:
            raise UserError(f"{self.folder}: not what was trained, its files changed; delete the folder to train again")
        return recorded

    @cached_property
    def effect(self) -> adapter_effect.Effect | None:
        """What it did to the model at the end of its training; None for the base model."""
        return (
            adapter_effect.Effect(read_json(self.folder / "adapter.json")["logit_difference"]) if self.folder else None
        )

    def train(self, logger: Any, progress: Progress) -> str:
        """Train it, unless a row on other test data does so meanwhile; returns a line about it.

        Parameters
        ----------
        logger
            Lightning's logger of the training's metrics.
        progress
            Told of every step.
        """
        with self.store.lock("adapter", self.row.recipe_id):
            return self._trained(logger, progress) if self.is_missing else "reused the adapter"

    def _trained(self, logger: Any, progress: Progress) -> str:
        """Train the adapter; returns a line about it."""
        from crosstask.training.fit import train_adapter

        assert self.row.recipe is not None
        config = self.config
        report = train_adapter(
            base_model.load(config.model),
            self.row.examples,
            lora=config.lora,
            optimizer=config.optimizer,
            trainer=config.trainer,
            seed=config.seed,
            store=self.store,
            recipe=self.row.recipe_id,
            provenance={"source": source_name(config), **self.row.recipe},
            logger=logger,
            progress=progress.training,
        )
        for key, value in asdict(report).items():
            log.debug("%s: %s", key, value)
        return (
            f"trained {report.steps} steps in {report.seconds:.0f} s"
            f" (loss {report.first_loss:.2f} to {report.last_loss:.2f}, {report.stopped})"
        )
