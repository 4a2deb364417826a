"""The Lightning module: next-token loss over the supervised tokens of an adapter's training."""

import math
from typing import Any

import torch
from pytorch_lightning import LightningModule
from torch.nn.functional import cross_entropy
from torchmetrics.classification import MulticlassAccuracy

from crosstask.config import Optimizer
from crosstask.errors import UserError
from crosstask.training.batches import IGNORED, Batch


def cosine_factor(step: int, warmup: int, total: int) -> float:
    """Return the learning rate at a step as a share of its peak: linear warm-up, then half a cosine to zero.

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

    def __init__(self, model: Any, optimizer: Optimizer, steps: int, accumulate: int) -> None:
        super().__init__()
        self.model = model
        self.settings = optimizer
        self.steps = steps
        self.accumulate = accumulate
        self.strict_loading = False  # checkpoints lack the base by design; the adapter's keys are checked on loading
        self.step_loss: torch.Tensor | float = 0.0
        self.token_accuracy = MulticlassAccuracy(model.config.vocab_size, average="micro", ignore_index=IGNORED)
        self.losses: list[float] = []
        """Mean loss per supervised token of each optimizer step so far, in nats."""

    def training_step(self, batch: Batch, batch_idx: int) -> torch.Tensor:
        """Return the batch's share of the step's mean loss per supervised token."""
        following = batch["labels"].roll(-1, dims=1)  # the first token is never supervised, so none wraps around
        positions = (following != IGNORED).any(0).nonzero().flatten()
        logits = self.model(
            input_ids=batch["input_ids"], attention_mask=batch["attention_mask"], logits_to_keep=positions
        ).logits
        predictions, targets = logits.flatten(0, 1).float(), following[:, positions].flatten()
        total = cross_entropy(predictions, targets, ignore_index=IGNORED, reduction="sum")
        self.token_accuracy.update(predictions.detach().argmax(-1), targets)
        self.step_loss = self.step_loss + total.detach() / batch["step_tokens"]
        # Every token of a step weighs the same, however the step is divided into passes: Lightning averages the
        # passes, so the sum over the pass is divided by the tokens of the whole step.
        return total * self.accumulate / batch["step_tokens"]

    def on_before_optimizer_step(self, optimizer: torch.optim.Optimizer) -> None:
        """Note the loss of the step that is about to be taken, and refuse one that is not a number."""
        loss, self.step_loss = float(self.step_loss), 0.0
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
        warmup = min(self.settings.warmup_steps, self.steps // 2)
        schedule = torch.optim.lr_scheduler.LambdaLR(adamw, lambda step: cosine_factor(step, warmup, self.steps))
        return {"optimizer": adamw, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}

    def state_dict(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Return the weights that are trained, and no others."""
        trained = {name for name, weight in self.named_parameters() if weight.requires_grad}
        return {key: value for key, value in super().state_dict(*args, **kwargs).items() if key in trained}

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Add what else a continued training needs to be the same training."""
        checkpoint["losses"] = list(self.losses)
        checkpoint["random_state"] = torch.get_rng_state()

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Take back what :meth:`on_save_checkpoint` added, and check the adapter's keys."""
        expected, found = self.state_dict().keys(), checkpoint["state_dict"].keys()
        if expected != found:
            raise UserError(f"the checkpoint holds other weights than this adapter, e.g. {min(expected ^ found)}")
        self.losses = list(checkpoint["losses"])
        torch.set_rng_state(checkpoint["random_state"])
