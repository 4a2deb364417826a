"""One adapter from start to finish."""

import logging
import time
import warnings
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import asdict
from typing import Any

import pytorch_lightning as lightning
import torch
from pytorch_lightning.plugins.environments import LightningEnvironment

from crosstask.config import Lora, Optimizer, Strategy, Trainer
from crosstask.data.examples import Example
from crosstask.errors import UserError
from crosstask.models import adapter_effect, adapters
from crosstask.models.base_model import BaseModel
from crosstask.storage.store import Store
from crosstask.training import devices
from crosstask.training.batches import Batches, SourceData
from crosstask.training.held_out import HeldOut
from crosstask.training.memory import check_packing, gradient_checkpointing
from crosstask.training.module import AdapterModule
from crosstask.training.outcome import TrainingReport, outcome
from crosstask.training.plan import plan, with_pass_tokens
from crosstask.training.sequences import training_sequences

log = logging.getLogger(__name__)


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
        If the loss stops being a number, nothing or too little is left to learn from, the settings do not fit the
        model or the machine, or the adapter that comes out does nothing.
    """
    started = time.monotonic()
    if trainer.packing:
        check_packing(base.model)
    sequences = training_sequences(base, examples, trainer, seed)
    trainer = with_pass_tokens(trainer, next(base.model.parameters()).device.type)
    steps = plan(sequences.learned, trainer, seed)
    if not steps:
        raise UserError(f"no training steps: trainer.max_epochs={trainer.max_epochs}, max_steps={trainer.max_steps}")
    bare = adapter_effect.logits(base, base.model)
    with adapters.fresh(base, lora, seed) as model, gradient_checkpointing(base.model, trainer.gradient_checkpointing):
        module = AdapterModule(model.train(), optimizer, len(steps))
        data = SourceData(Batches(sequences.learned, steps, trainer.loss, base.pad, trainer.packing))
        held_out = HeldOut(sequences.held_out, trainer, base.pad, len(steps))
        follow = _Follow(store, recipe, trainer.checkpoint_steps, data, progress)
        _fit(module, data, held_out, follow, optimizer, trainer, base, logger)
        held_out.keep_best(module)
        report = outcome(module, sequences, steps, trainer, held_out, time.monotonic() - started)
        _keep(model, store, recipe, provenance, report, adapter_effect.effect(base, model.eval(), bare))
    store.checkpoint(recipe).unlink(missing_ok=True)
    return report


def _keep(
    model: Any,
    store: Store,
    recipe: str,
    provenance: dict[str, Any],
    report: TrainingReport,
    effect: adapter_effect.Effect,
) -> None:
    """Put a trained adapter into the store, with what made it, how training went, and what it does to the model."""
    with store.new_folder(store.adapter(recipe)) as folder:
        adapters.save(model, folder)
        content = {
            "recipe": provenance,
            "report": asdict(report),
            "content": adapters.content(folder),
            "logit_difference": effect.differences,
        }
        store.write_json(folder / "adapter.json", content)


def _fit(
    module: AdapterModule,
    data: SourceData,
    held_out: HeldOut,
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
    options: dict[str, Any] = {
        "accelerator": trainer.accelerator,
        "precision": "bf16-mixed" if mixed else "32-true",
        "max_epochs": 1,
        "gradient_clip_val": optimizer.clip or None,
        "log_every_n_steps": 1,
        "enable_checkpointing": False,
        "enable_progress_bar": False,
        "enable_model_summary": False,
        "use_distributed_sampler": False,
        "plugins": [LightningEnvironment()],  # not Slurm's: going back into the queue is the launcher's business
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # advice on workers, logging intervals and the like
        if trainer.strategy is not Strategy.single:
            devices.fit(module, data, held_out, follow, trainer, logger, checkpoint, **options)
        else:
            callbacks = [held_out, follow]  # in this order: a checkpoint holds the evaluation of its step
            lightning.Trainer(devices=1, logger=logger or False, callbacks=callbacks, **options).fit(
                module, data, ckpt_path=checkpoint, weights_only=True
            )
    base.model.to(device).eval()  # Lightning leaves the model on the CPU, in training mode


class _Follow(lightning.Callback):
    """Writes checkpoints and reports progress."""

    def __init__(
        self, store: Store, recipe: str, every: int, data: SourceData, progress: Callable[[int, int, str], None]
    ) -> None:
        self.store = store
        self.path = store.checkpoint(recipe)
        self.every = every
        self.data = data
        self.steps = len(data.batches.steps)
        self.progress = progress

    def on_train_batch_end(self, trainer: Any, module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        if not batch["last"]:
            return
        step = trainer.global_step
        if trainer.is_global_zero:
            self.progress(step, self.steps, f"loss {module.losses[-1]:.3f}")
        if step % self.every == 0 and step < self.steps and not trainer.should_stop:
            # All devices take part in a checkpoint, the first one writes it.
            with self.store.new_file(self.path) if trainer.is_global_zero else nullcontext(self.path) as unfinished:
                trainer.save_checkpoint(unfinished)

    def on_load_checkpoint(self, trainer: Any, module: Any, checkpoint: dict[str, Any]) -> None:
        self.data.continue_from(checkpoint)
