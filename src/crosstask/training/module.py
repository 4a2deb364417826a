"""The Lightning module: next-token loss over the supervised tokens of an adapter's training."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from pytorch_lightning import LightningModule
from torch.nn.functional import cross_entropy
from torchmetrics.classification import MulticlassAccuracy

from crosstask.config.training import Optimizer
from crosstask.errors import UserError
from crosstask.models.architecture import vocabulary
from crosstask.models.out_of_memory import is_out_of_memory
from crosstask.training.batches import Batch
from crosstask.training.plan import IGNORED
from crosstask.training.strategies import full_tensor, shard, sum_over_devices

INPUTS = ("input_ids", "attention_mask", "position_ids")
"""What the model is given of a batch; a packed one has positions and no mask, a padded one a mask and no positions."""


def cosine_factor(step: int, warmup: int, total: int) -> float:
    """Return the learning rate at a step as a share of its peak: linear warm-up, then half a cosine to zero.

    With w warm-up steps of T, counted from 0 ::

        (step + 1) / w                                  before step w
        (1 + cos(pi (step - w) / (T - w))) / 2          from then on

    (the schedule of Loshchilov and Hutter 2017, "SGDR: stochastic gradient descent with warm restarts",
    arXiv:1608.03983, without restarts).

    Examples
    --------
    >>> [cosine_factor(step, warmup=2, total=6) for step in (0, 1, 2, 4)]
    [0.5, 1.0, 1.0, 0.5]
    """
    if step < warmup:
        return (step + 1) / warmup
    return 0.5 * (1 + math.cos(math.pi * (step - warmup) / max(1, total - warmup)))


class AdapterModule(LightningModule):
    """Trains the adapter of a peft model; the frozen base is never saved."""

    def __init__(self, model: Any, optimizer: Optimizer, steps: int) -> None:
        super().__init__()
        self.model = model
        self.settings = optimizer
        self.steps = steps
        self.strict_loading = False  # checkpoints lack the base by design; the adapter's keys are checked on loading
        self.step_loss: torch.Tensor | float = 0.0
        self.token_accuracy = MulticlassAccuracy(vocabulary(model), average="micro", ignore_index=IGNORED)
        self.pass_tokens = 0
        """Tokens in the forward pass that is being made, padding included."""
        self.losses: list[float] = []
        """Mean loss per supervised token of each optimizer step so far, in nats."""

    def configure_model(self) -> None:
        """Share the model out among the devices, where the strategy holds a part of it on each."""
        shard(self.model, self.trainer)

    def negative_log_likelihood(self, batch: Batch) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return the sum over a batch's supervised tokens in nats, with the predicted and the right tokens."""
        following = batch["labels"].roll(-1, dims=1)  # the first token is never supervised, so none wraps around
        # Logits only where some sequence has a supervised token: those of all would be the largest tensor by far.
        positions = (following != IGNORED).any(0).nonzero().flatten()
        inputs = {key: batch[key] for key in INPUTS if key in batch}
        # Without a cache: with one, transformers takes the sequences of a packed batch for a single one.
        logits = self.model(**inputs, logits_to_keep=positions, use_cache=False).logits
        predictions, targets = logits.flatten(0, 1).float(), following[:, positions].flatten()
        total = cross_entropy(predictions, targets, ignore_index=IGNORED, reduction="sum")
        return total, predictions.detach().argmax(-1), targets

    def on_train_batch_start(self, batch: Batch, batch_idx: int) -> None:
        """Tell Lightning whether the optimizer steps after this pass: steps differ in their number of passes.

        It steps where the number of passes so far is divisible by its setting.
        """
        passes = batch_idx + 1
        self.trainer.accumulate_grad_batches = passes if batch["last"] else passes + 1

    def training_step(self, batch: Batch, batch_idx: int) -> torch.Tensor:
        """Return the batch's share of the step's mean loss per supervised token.

        With l the loss of each of the N supervised tokens of a step, over all its passes and devices ::

            loss of the step  =  1 / N  sum over tokens of l

        Every token of a step weighs the same, however the step is divided into passes.
        """
        self.pass_tokens = batch["input_ids"].numel()
        with self._enough_memory():
            total, predicted, targets = self.negative_log_likelihood(batch)
        if targets.numel():  # one of several devices may have no sequence in this pass
            self.token_accuracy.update(predicted, targets)
        self.step_loss = self.step_loss + total.detach() / batch["step_tokens"]
        # Lightning divides by its number of accumulated batches, and the strategy averages gradients over the devices;
        # both factors are undone here.
        return total * self.trainer.accumulate_grad_batches * self.trainer.world_size / batch["step_tokens"]

    def backward(self, loss: torch.Tensor, *args: Any, **kwargs: Any) -> None:
        """Compute gradients, as Lightning does."""
        with self._enough_memory():
            super().backward(loss, *args, **kwargs)

    @contextmanager
    def _enough_memory(self) -> Iterator[None]:
        """Say what can be done where memory runs out."""
        try:
            yield
        except RuntimeError as error:
            if not is_out_of_memory(error):
                raise
            raise UserError(
                f"out of memory at step {self.global_step + 1}, in a pass of {self.pass_tokens} tokens:"
                f" {str(error).splitlines()[0]}; a lower trainer.batch_tokens or trainer.gradient_checkpointing=true"
                " needs less and continues from the last checkpoint; for a single long sequence lower"
                " trainer.max_length"
            ) from error

    def optimizer_zero_grad(self, epoch: int, batch_idx: int, optimizer: torch.optim.Optimizer) -> None:
        """Leave the gradients alone: Lightning calls this at passes that it takes for the first of a step."""

    def on_train_batch_end(self, outputs: Any, batch: Batch, batch_idx: int) -> None:
        """Clear the gradients after the last pass of a step."""
        if batch["last"]:
            self.zero_grad(set_to_none=True)

    def on_before_optimizer_step(self, optimizer: torch.optim.Optimizer) -> None:
        """Note the loss of the step that is about to be taken, and refuse one that is not a number."""
        loss, self.step_loss = sum_over_devices(self.step_loss, self.trainer), 0.0
        if not math.isfinite(loss):
            rate = optimizer.param_groups[0]["lr"]
            raise UserError(
                f"the loss became {loss} at step {self.global_step + 1} (learning rate {rate:.3g});"
                f" optimizer.learning_rate={self.settings.learning_rate} is probably too high"
            )
        self.losses.append(loss)
        self.log("train/loss", loss, batch_size=1)
        self.log("train/token_accuracy", self.token_accuracy.compute(), batch_size=1)
        self.token_accuracy.reset()
        self.log("train/learning_rate", optimizer.param_groups[0]["lr"], batch_size=1)

    def configure_optimizers(self) -> Any:
        """Return AdamW over the adapter's weights with its schedule, stepped after every optimizer step."""
        weights = [weight for weight in self.model.parameters() if weight.requires_grad]
        adamw = torch.optim.AdamW(weights, lr=self.settings.learning_rate, weight_decay=self.settings.weight_decay)
        # A short training would otherwise end before the learning rate reaches its peak.
        warmup = min(self.settings.warmup_steps, self.steps // 2)
        schedule = torch.optim.lr_scheduler.LambdaLR(adamw, lambda step: cosine_factor(step, warmup, self.steps))
        return {"optimizer": adamw, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}

    def state_dict(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Return the weights that are trained, and no others."""
        trained = {name for name, weight in self.named_parameters() if weight.requires_grad}
        return {key: full_tensor(value) for key, value in super().state_dict(*args, **kwargs).items() if key in trained}

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Add what else a continued training needs to be the same training."""
        checkpoint["losses"] = list(self.losses)
        checkpoint["random_state"] = torch.get_rng_state()  # dropout goes on where it stopped

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Take back what :meth:`on_save_checkpoint` added, and check the adapter's keys."""
        expected, found = self.state_dict().keys(), checkpoint["state_dict"].keys()
        if expected != found:
            raise UserError(f"the checkpoint holds other weights than this adapter, e.g. {min(expected ^ found)}")
        self.losses = list(checkpoint["losses"])
        torch.set_rng_state(checkpoint["random_state"])
