"""Train one adapter and write it to the store."""

import logging
import shutil
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytorch_lightning as lightning
import torch
from pytorch_lightning.plugins.environments import LightningEnvironment
from pytorch_lightning.utilities.exceptions import MisconfigurationException

from crosstask.config.training import Strategy
from crosstask.errors import UserError
from crosstask.models import adapter_effect, adapters
from crosstask.models.language_model import BaseModel
from crosstask.models.pass_tokens import MOST_TRAINED, Pass, pass_tokens
from crosstask.storage import adapter_files
from crosstask.storage.adapter_record import AdapterRecord, TrainingReport
from crosstask.training import devices
from crosstask.training.batches import Batches, SourceData
from crosstask.training.destination import Destination
from crosstask.training.devices import Loop
from crosstask.training.held_out import HeldOut
from crosstask.training.memory import check_packing, gradient_checkpointing
from crosstask.training.module import AdapterModule
from crosstask.training.outcome import outcome
from crosstask.training.plan import plan
from crosstask.training.recipe import TrainingSettings
from crosstask.training.sequences import TrainingExamples, training_sequences

log = logging.getLogger(__name__)
RECIPE = "crosstask_recipe"
"""Where a checkpoint holds the name of the adapter that it is of."""
CHECKPOINT_KEYS = {"state_dict", "loops", "optimizer_states"}
"""Some of what Lightning writes into every checkpoint of a training."""


def train_adapter(
    base: BaseModel,
    examples: TrainingExamples,
    settings: TrainingSettings,
    destination: Destination,
    logger: Any = None,
    progress: Callable[[int, int, str], None] = lambda step, steps, note: None,
) -> TrainingReport:
    """Train an adapter on examples and write it to the store.

    A training that was interrupted continues from its last checkpoint.

    Parameters
    ----------
    base, examples, settings
        What is trained, on what and how.
    destination
        Where the adapter goes.
    logger
        Lightning's logger of the training's metrics; None for none.
    progress
        Called after each optimizer step with the steps done, all steps, and a note.

    Raises
    ------
    UserError
        If the loss stops being a number, nothing or too little is left to learn from, the settings do not fit the
        model or the machine, or the adapter that comes out has no effect.
    """
    started = time.monotonic()
    if settings.trainer.packing:
        check_packing(base.model)
    sequences = training_sequences(base, examples, settings.trainer, settings.seed)
    trainer = replace(settings.trainer, batch_tokens=settings.trainer.batch_tokens or _pass_tokens(base, settings))
    steps = plan(sequences.learned, trainer, settings.seed)
    if not steps:
        raise UserError(f"no training steps: trainer.max_epochs={trainer.max_epochs}, max_steps={trainer.max_steps}")
    settings = replace(settings, trainer=trainer)
    bare = adapter_effect.probe_logits(base, base.model)
    with (
        adapters.fresh(base, settings.lora, settings.seed) as model,
        gradient_checkpointing(base.model, trainer.gradient_checkpointing),
    ):
        data = SourceData(Batches(sequences.learned, steps, trainer.loss, base.pad, trainer.packing))
        loop = Loop(
            module=AdapterModule(model.train(), settings.optimizer, len(steps)),
            data=data,
            held_out=HeldOut(sequences.held_out, trainer, base.pad, len(steps)),
            follow=_Follow(destination, trainer.checkpoint_steps, data, progress),
        )
        _fit(loop, base, settings, logger)
        loop.held_out.keep_best(loop.module)
        report = outcome(loop, sequences, steps, trainer, time.monotonic() - started)
        _write(destination, model, report, adapter_effect.effect(base, model.eval(), bare))
    loop.follow.path.unlink(missing_ok=True)
    return report


def _pass_tokens(base: BaseModel, settings: TrainingSettings) -> int:
    """Return the tokens of a forward pass that suit the device."""
    several = settings.trainer.strategy is not Strategy.single
    if several and next(base.model.parameters()).device.type == "cuda":
        return MOST_TRAINED
    return pass_tokens(base, Pass.training, settings.trainer.gradient_checkpointing)


def _write(destination: Destination, model: Any, report: TrainingReport, effect: Sequence[float]) -> None:
    """Write a trained adapter to the store, with what made it, how training went, and its effect on the model."""
    store = destination.store
    final = store.adapter(destination.recipe)
    with store.new_folder(final, replace=final.exists()) as folder:
        adapters.save(model, folder)
        record = AdapterRecord(destination.provenance, report, adapter_files.content(folder), tuple(effect))
        store.write_json(folder / "adapter.json", record.to_json())


def _fit(loop: Loop, base: BaseModel, settings: TrainingSettings, logger: Any) -> None:
    """Run Lightning over the plan, from the checkpoint if there is one."""
    device = next(base.model.parameters()).device
    mixed = next(base.model.parameters()).dtype == torch.bfloat16
    checkpoint = loop.follow.usable_checkpoint()
    if checkpoint is not None:
        log.info("continues from the checkpoint of an interrupted training")
    options: dict[str, Any] = {
        "accelerator": settings.trainer.accelerator,
        "precision": "bf16-mixed" if mixed else "32-true",
        "max_epochs": 1,
        "gradient_clip_val": settings.optimizer.clip or None,
        "log_every_n_steps": 1,
        "enable_checkpointing": False,
        "enable_progress_bar": False,
        "enable_model_summary": False,
        "use_distributed_sampler": False,
        "plugins": [LightningEnvironment()],  # not Slurm's: going back into the queue is the launcher's business
    }
    with warnings.catch_warnings(), _interrupted_as_elsewhere():
        warnings.simplefilter("ignore")  # advice on workers, logging intervals and the like
        if settings.trainer.strategy is not Strategy.single:
            devices.fit(loop, settings.trainer, logger, checkpoint, options)
        else:
            callbacks = [loop.held_out, loop.follow]  # in this order: a checkpoint holds the evaluation of its step
            trainer = _on_one_device(settings, logger=logger or False, callbacks=callbacks, **options)
            trainer.fit(loop.module, loop.data, ckpt_path=checkpoint, weights_only=True)
    base.model.to(device).eval()  # Lightning leaves the model on the CPU, in training mode


def _on_one_device(settings: TrainingSettings, **options: Any) -> Any:
    """Return Lightning's trainer; UserError where this machine lacks the device."""
    try:
        return lightning.Trainer(devices=1, **options)
    except (MisconfigurationException, ImportError) as error:  # the latter without the library of a device
        first = str(error).splitlines()[0]
        raise UserError(f"trainer.accelerator={settings.trainer.accelerator}: not here: {first}") from error


@contextmanager
def _interrupted_as_elsewhere() -> Iterator[None]:
    """Raise KeyboardInterrupt where Lightning answers ^C by ending the process with status 1, without a word."""
    try:
        yield
    except SystemExit as error:
        raise KeyboardInterrupt from error


class _Follow(lightning.Callback):
    """Writes checkpoints and reports progress."""

    def __init__(
        self, destination: Destination, every: int, data: SourceData, progress: Callable[[int, int, str], None]
    ) -> None:
        self.store = destination.store
        self.recipe = destination.recipe
        self.path = self.store.checkpoint(destination.recipe)
        self.every = every
        self.data = data
        self.steps = len(data.batches.steps)
        self.progress = progress

    def usable_checkpoint(self) -> Path | None:
        """Return the file of the interrupted training if there is one; one that is damaged or another's is deleted."""
        if not self.path.exists():
            return None
        try:
            content = torch.load(self.path, map_location="cpu", weights_only=True)
        except Exception as error:  # damaged files fail in many ways
            fault = f"damaged ({type(error).__name__})"
        else:
            whole = isinstance(content, dict) and content.keys() >= CHECKPOINT_KEYS
            # Without a name it was written before checkpoints had one.
            if whole and content.get(RECIPE, self.recipe) == self.recipe:
                return self.path
            fault = "of another training" if whole else "no checkpoint of a training"
        log.warning("%s: %s; it is deleted, and training starts anew", self.path, fault)
        shutil.rmtree(self.path) if self.path.is_dir() else self.path.unlink()
        return None

    def on_save_checkpoint(self, trainer: Any, module: Any, checkpoint: dict[str, Any]) -> None:
        checkpoint[RECIPE] = self.recipe

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
