"""Evaluation on rows that are not trained on, and what follows from it."""

import math
from collections.abc import Sequence
from typing import Any

import pytorch_lightning as lightning
import torch

from crosstask.config.training import Trainer
from crosstask.models.tokenization import Encoded
from crosstask.training.batches import Batches
from crosstask.training.plan import micro_batches
from crosstask.training.strategies import sum_over_devices


class HeldOut(lightning.Callback):
    """Evaluates held-out rows during a training, keeps the best adapter, and stops when it gets no better.

    Without such rows it does nothing. Lightning stores its state with a checkpoint.
    """

    def __init__(self, sequences: Sequence[Encoded], settings: Trainer, pad: int, steps: int) -> None:
        every = micro_batches(list(range(len(sequences))), sequences, settings)
        self.batches = Batches(sequences, [every], settings.loss, pad, settings.packing)
        self.settings = settings
        self.steps = steps
        self.losses: dict[int, float] = {}
        """Loss per supervised token by optimizer step, in nats."""
        self.best: dict[str, torch.Tensor] = {}
        """The trained weights at the best step."""

    @property
    def best_step(self) -> int:
        """The step with the lowest loss; the first of several."""
        return min(self.losses, key=self.losses.__getitem__)

    @property
    def exhausted(self) -> bool:
        """Whether there was no lower loss for as many evaluations as patience allows."""
        since = list(self.losses)[::-1].index(self.best_step)
        return since >= self.settings.patience

    def on_train_batch_end(self, trainer: Any, module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        """Evaluate, if it is time."""
        step = trainer.global_step
        if not self.batches.sequences or not batch["last"]:
            return
        if step % self.settings.evaluate_steps and step < self.steps:
            return
        loss = self._loss(trainer, module)
        self.losses[step] = loss if math.isfinite(loss) else math.inf
        for logger in trainer.loggers:  # not by module.log, which would repeat the value at every later step
            logger.log_metrics({"train/held_out_loss": loss}, step=step - 1)  # Lightning counts steps from 0
        if self.best_step == step:
            self.best = {key: value.detach().cpu().clone() for key, value in module.state_dict().items()}
        trainer.should_stop = self.exhausted

    @torch.no_grad()
    def _loss(self, trainer: Any, module: Any) -> float:
        """Return the mean loss per supervised token of the held-out rows, in nats."""
        modes = {part: part.training for part in module.modules()}
        module.eval()
        total, count = 0.0, 0
        for batch in self.batches.of(trainer):
            count = batch["step_tokens"]
            with trainer.precision_plugin.forward_context():  # in the arithmetic of the training
                total += float(module.negative_log_likelihood(trainer.strategy.batch_to_device(batch))[0])
        for part, mode in modes.items():
            part.training = mode
        return sum_over_devices(total, trainer) / count

    def keep_best(self, module: Any) -> None:
        """Put the best weights back."""
        if self.best:
            module.load_state_dict(self.best, strict=False)

    def state_dict(self) -> dict[str, Any]:
        """Return what a continued training needs to know."""
        return {"losses": dict(self.losses), "best": self.best}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take back what :meth:`state_dict` gave."""
        self.losses, self.best = dict(state_dict["losses"]), state_dict["best"]
