"""The adapter of a row of the matrix: trained if it does not exist, checked if it does."""

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import Any

from crosstask.jobs.progress import Progress
from crosstask.models.fine_tuned import FineTuned
from crosstask.models.language_model import BaseModel
from crosstask.storage import adapter_files
from crosstask.storage.json_files import Damaged, NotThere
from crosstask.storage.store import Store
from crosstask.training.destination import Destination
from crosstask.training.recipe import Recipe

log = logging.getLogger(__name__)


class RowAdapter:
    """The adapter that a recipe makes on a base model.

    Parameters
    ----------
    store
        Where it is, or goes.
    load
        Loads the base model.
    recipe
        All that makes it.
    source
        Name of what it is trained on.
    """

    def __init__(self, store: Store, load: Callable[[], BaseModel], recipe: Recipe, source: str) -> None:
        self.store = store
        self.load = load
        self.recipe = recipe
        self.source = source
        self.like = RowAdapter(store, load, recipe.like, source) if recipe.like else None
        """The trained adapter whose norms a random update has."""

    @property
    def folder(self) -> Path:
        """Its folder, whether it exists or not."""
        return self.store.adapter(self.recipe.id)

    @property
    def is_missing(self) -> bool:
        """Whether it has to be trained: also where what is written down of it was deleted or damaged."""
        return not self.store.has_adapter(self.recipe.id)

    @property
    def destination(self) -> Destination:
        """Where it goes, and what is written beside it."""
        return Destination(self.store, self.recipe.id, {"source": self.source, **self.recipe.content})

    def name_damage(self) -> None:
        """Warn where there is an adapter, and what is written down of it is damaged."""
        with suppress(NotThere):
            try:
                self.store.adapter_record(self.recipe.id)
            except Damaged as error:
                log.warning("%s; the adapter has to be trained again", error.fault)

    @cached_property
    def trained(self) -> FineTuned:
        """What it is; it must exist.

        Raises
        ------
        UserError
            If its files are not what was trained.
        """
        recorded = adapter_files.verified(self.folder, self.recipe.id)
        return FineTuned(self.folder, recorded.content, recorded.logit_difference)

    def train(self, logger: Any, progress: Progress) -> str:
        """Train it, unless a row on other test data does so meanwhile; returns a line about it. Where its recipe asks
        for a random update in its place, that is drawn.

        Parameters
        ----------
        logger
            Lightning's logger of the training's metrics.
        progress
            Called after every step.
        """
        before = [] if self.like is None or not self.like.is_missing else [self.like.train(logger, progress)]
        with self.store.lock("adapter", self.recipe.id):
            if not self.is_missing:
                return ", ".join([*before, "reused the adapter"])
            made = self._train(logger, progress) if self.like is None else self._draw(self.like)
        return ", ".join([*before, made])

    def _draw(self, like: "RowAdapter") -> str:
        """Draw a random update with the norms of a trained adapter; returns a line about it."""
        from crosstask.training.random_update import draw_update

        draw_update(self.load(), self.destination, like.trained.folder, self.recipe.draw)
        return f"drew random update {self.recipe.draw}"

    def _train(self, logger: Any, progress: Progress) -> str:
        """Train it; returns a line about it."""
        from crosstask.training.fit import train_adapter
        from crosstask.training.sequences import TrainingExamples

        base = self.load()
        examples = TrainingExamples(self.recipe.examples, self.recipe.validation)
        report = train_adapter(base, examples, self.recipe.settings, self.destination, logger, progress.training)
        for key, value in asdict(report).items():
            log.debug("%s: %s", key, value)
        return (
            f"trained {report.steps} steps in {report.seconds:.0f} s"
            f" (loss {report.first_loss:.2f} to {report.last_loss:.2f}, {report.stopped})"
        )
