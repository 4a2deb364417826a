"""One adapter from start to finish."""

import logging
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pytorch_lightning as lightning
import torch

from crosstask import adapters, probe
from crosstask.base_model import BaseModel
from crosstask.config import Lora, Loss, Optimizer, Trainer
from crosstask.data.examples import Example
from crosstask.errors import UserError
from crosstask.store import Store
from crosstask.tokens import Encoded, encode, supervised
from crosstask.training.batches import Batches, SourceData, plan, supervised_tokens
from crosstask.training.module import AdapterModule

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class TrainingReport:
    """What happened in a training."""

    steps: int
    examples: int
    trainable_parameters: int
    supervised_tokens: int
    """In one epoch."""
    rows_cut: int
    """Rows whose prompt or answer was too long."""
    prompt_tokens_cut: int
    supervised_tokens_lost: int
    """Answer tokens that were cut, in one epoch."""
    first_loss: float
    """Nats per supervised token, in the first step."""
    last_loss: float
    """Mean over the last tenth of the steps."""
    stopped: str
    """Why training ended."""
    seconds: float


def train_adapter(
    base: BaseModel,
    examples: Sequence[Example],
    *,
    lora: Lora,
    optimizer: Optimizer,
    trainer: Trainer,
    seed: int,
    store: Store,
    recipe: str,
    provenance: dict[str, Any],
    logger: Any = None,
    progress: Callable[[int, int, str], None] = lambda done, total, note: None,
) -> TrainingReport:
    """Train an adapter on examples and put it into the store under ``recipe``.

    A training that was interrupted continues from its last checkpoint. ``progress`` is called after each
    optimizer step with the steps done, all steps, and a note.

    Raises
    ------
    UserError
        If the loss stops being a number, or nothing is left to learn from.
    """
    started = time.monotonic()
    limit = min(trainer.max_length, base.context)
    pairs = encode(base, [example.prompt for example in examples], [example.answer for example in examples])
    sequences = [supervised(pair, base, limit) for pair in pairs]
    steps = plan(sequences, trainer, seed)
    if not steps:
        raise UserError(f"no training steps: trainer.max_epochs={trainer.max_epochs}, max_steps={trainer.max_steps}")
    portions = [portion for step in steps for portion in step]
    bare = probe.logits(base, base.model)
    with adapters.fresh(base, lora, seed) as model:
        module = AdapterModule(model, optimizer, len(steps), trainer.accumulate)
        data = SourceData(Batches(sequences, portions, trainer.loss, base.pad))
        follow = _Follow(store, recipe, trainer.checkpoint_steps, len(steps), progress)
        _fit(module, data, follow, optimizer, trainer, base, logger)
        report = TrainingReport(
            steps=len(module.losses),
            examples=len(examples),
            trainable_parameters=sum(weight.numel() for weight in model.parameters() if weight.requires_grad),
            **_truncation(sequences, trainer.loss),
            first_loss=module.losses[0],
            last_loss=_mean(module.losses[-max(1, len(steps) // 10) :]),
            stopped=_reason(len(steps), trainer),
            seconds=round(time.monotonic() - started, 3),
        )
        effect = probe.effect(base, model.eval(), bare)
        with store.new_folder(store.adapter(recipe)) as folder:
            adapters.save(model, folder)
            content = {
                "recipe": provenance,
                "report": asdict(report),
                "content": adapters.content(folder),
                "logit_difference": effect.differences,
            }
            store.write_json(folder / "adapter.json", content)
    store.checkpoint(recipe).unlink(missing_ok=True)
    return report


def _fit(
    module: AdapterModule,
    data: SourceData,
    follow: "_Follow",
    optimizer: Optimizer,
    trainer: Trainer,
    base: BaseModel,
    logger: Any,
) -> None:
    """Run Lightning over the plan, from the checkpoint if there is one."""
    device = next(base.model.parameters()).device
    mixed = next(base.model.parameters()).dtype == torch.bfloat16
    checkpoint = follow.path if follow.path.exists() else None
    if checkpoint is not None:
        log.info("continues from the checkpoint of an interrupted training")
        data.load_position(torch.load(checkpoint, weights_only=True))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # advice on workers, logging intervals and the like
        lightning.Trainer(
            accelerator=trainer.accelerator,
            devices=1,
            precision="bf16-mixed" if mixed else "32-true",
            max_epochs=1,
            accumulate_grad_batches=trainer.accumulate,
            gradient_clip_val=optimizer.clip or None,
            logger=logger or False,
            log_every_n_steps=1,
            callbacks=[follow],
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            use_distributed_sampler=False,
        ).fit(module, data, ckpt_path=checkpoint, weights_only=True)
    base.model.to(device).eval()  # Lightning leaves the model on the CPU, in training mode


class _Follow(lightning.Callback):
    """Writes checkpoints and reports progress."""

    def __init__(
        self, store: Store, recipe: str, every: int, steps: int, progress: Callable[[int, int, str], None]
    ) -> None:
        self.store = store
        self.path = store.checkpoint(recipe)
        self.every = every
        self.steps = steps
        self.progress = progress
        self.seen = 0

    def on_train_batch_end(self, trainer: Any, module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        step = trainer.global_step
        if step == self.seen:  # within an optimizer step of several passes
            return
        self.seen = step
        self.progress(step, self.steps, f"loss {module.losses[-1]:.3f}")
        if step % self.every == 0 and step < self.steps:
            with self.store.new_file(self.path) as unfinished:
                trainer.save_checkpoint(unfinished)


def _truncation(sequences: Sequence[Encoded], loss: Loss) -> dict[str, int]:
    """Return what the limit on the length took away."""
    return {
        "supervised_tokens": sum(supervised_tokens(sequence, loss) for sequence in sequences),
        "rows_cut": sum(bool(sequence.cut_prompt or sequence.cut_answer) for sequence in sequences),
        "prompt_tokens_cut": sum(sequence.cut_prompt for sequence in sequences),
        "supervised_tokens_lost": sum(sequence.cut_answer for sequence in sequences),
    }


def _reason(steps: int, trainer: Trainer) -> str:
    """Return why training ended."""
    if steps == trainer.max_steps:
        return f"trainer.max_steps={trainer.max_steps} reached"
    return f"trainer.max_epochs={trainer.max_epochs} reached"


def _mean(values: Sequence[float]) -> float:
    """Return the mean of some numbers."""
    return sum(values) / len(values)
