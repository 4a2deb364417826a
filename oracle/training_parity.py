"""Losses of the same training by crosstask and by TRL's SFTTrainer.

What had to be made equal:

- rows: TRL is given prompt and completion as text and makes the tokens itself; none is longer than the context,
  since TRL cuts an over-long sequence on its right and we cut the prompt on its left
- order: TRL's rows are laid out in the order of our plan, and its sampler is the sequential one
- initial weights: both draw them from the same seed when the adapter is attached; compared before training
- precision: float32 (TRL's default is bf16), no gradient checkpointing (TRL's default is on, with the same result)
- loss: ``completion_only_loss`` as ours; both count every supervised token of a step alike, however the step is divided
- AdamW of PyTorch with betas 0.9 and 0.999, epsilon 1e-8 and the same weight decay; gradient norm clipped alike
- schedule: TRL's cosine starts its warm-up at 0, ours at 1 / warm-up, so TRL is given ours, put together from PyTorch's
  own schedulers
"""

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import peft
import torch
from datasets import Dataset
from pytorch_lightning.loggers import CSVLogger
from torch.optim.lr_scheduler import CosineAnnealingLR, LinearLR, SequentialLR
from transformers import AutoModelForCausalLM, AutoTokenizer, PrinterCallback
from trl import SFTConfig, SFTTrainer

from crosstask.config.job import TrainConfig
from crosstask.config.training import Loss
from crosstask.data.examples import Example
from crosstask.models import adapters
from crosstask.models.base_model import model_folder
from crosstask.storage.store import Store
from crosstask.training.destination import Destination
from crosstask.training.fit import train_adapter
from crosstask.training.recipe import TrainingSettings
from crosstask.training.sequences import TrainingExamples
from oracle import inputs
from oracle.comparison import Comparison
from oracle.trl_settings import trl_settings

STEPS = 20
RELATIVE = 1e-3
"""Largest relative difference of a step's loss."""
SOURCES = ("amazon", "goat", "metamath")
"""Short and long answers, so that a mean over sequences would differ from one over tokens."""


def compare(job: TrainConfig) -> list[Comparison]:
    """Compare the first steps with loss on the completion and on the whole sequence, undivided and accumulated."""
    examples = inputs.training_rows(job, *SOURCES)
    found = [_initial(job)]
    for loss in Loss:
        for accumulate in (1, 2):
            same = replace(job, trainer=replace(job.trainer, loss=loss, accumulate=accumulate, max_steps=STEPS))
            theirs = their_losses(same, inputs.in_training_order(same, examples))
            what = f"loss: {loss}, {same.trainer.batch_size} sequences x {accumulate}"
            found.append(compared_losses(what, our_losses(same, examples), theirs))
    return found


def compared_losses(what: str, ours: Sequence[float], theirs: Sequence[float]) -> Comparison:
    """Compare the losses of the steps of two trainings."""
    assert len(ours) == len(theirs) == STEPS, (len(ours), len(theirs))
    largest = max(abs(a - b) / b for a, b in zip(ours, theirs, strict=True))
    return Comparison(what, STEPS, largest, RELATIVE, "relative")


def our_losses(job: TrainConfig, examples: Sequence[Example]) -> list[float]:
    """Return the loss of every step of a training by crosstask."""
    with tempfile.TemporaryDirectory() as folder:
        logger = CSVLogger(folder)
        train_adapter(
            inputs.loaded(job),
            TrainingExamples(examples),
            TrainingSettings(job.lora, job.optimizer, job.trainer, job.seed),
            Destination(Store(Path(folder) / "store"), "oracle", {}),
            logger=logger,
        )
        return pd.read_csv(Path(logger.log_dir) / "metrics.csv")["train/loss"].dropna().tolist()


def their_losses(job: TrainConfig, examples: Sequence[Example], own_schedule: bool = False) -> list[float]:
    """Return the loss of every step of a training by TRL, which meets the examples in this order."""
    with tempfile.TemporaryDirectory() as folder:
        training = trl_trainer(job, examples, folder)
        training.own_schedule = own_schedule
        training.train()
        return [entry["loss"] for entry in training.state.log_history if "loss" in entry]


def trl_trainer(job: TrainConfig, examples: Sequence[Example], folder: str) -> Any:
    """Return TRL's trainer, set to do what ours does in the same order."""
    steps, path = job.trainer.max_steps, model_folder(job.model)
    arguments = trl_arguments(job, folder, max_steps=steps, train_sampling_strategy="sequential", logging_steps=1)
    training = _SFTTrainer(
        model=AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32),
        args=arguments,
        train_dataset=trl_rows(examples),
        processing_class=AutoTokenizer.from_pretrained(path),
        peft_config=trl_adapter(job),
    )
    training.remove_callback(PrinterCallback)
    training.warmup = min(job.optimizer.warmup_steps, steps // 2)
    return training


def trl_rows(examples: Sequence[Example]) -> Dataset:
    """Return examples as TRL takes them; it makes the tokens itself."""
    return Dataset.from_list([{"prompt": example.prompt, "completion": example.answer} for example in examples])


def trl_adapter(job: TrainConfig) -> peft.LoraConfig:
    """Return the adapter of a job, as a user of TRL describes it."""
    return peft.LoraConfig(
        r=job.lora.rank,
        lora_alpha=job.lora.alpha,
        lora_dropout=job.lora.dropout,
        target_modules=job.lora.target_modules or "all-linear",
        task_type="CAUSAL_LM",
    )


def trl_arguments(job: TrainConfig, folder: str, **more: Any) -> SFTConfig:
    """Return TRL's settings with the hyper-parameters of a job."""
    settings = trl_settings(job) | {
        "output_dir": folder,
        "num_train_epochs": job.trainer.max_epochs,
        "use_cpu": not torch.cuda.is_available(),
        "disable_tqdm": True,
    }
    return SFTConfig(**settings | more)


class _SFTTrainer(SFTTrainer):
    """TRL's trainer with a warm-up that starts at 1 / warm-up instead of 0, unless it is to keep its own."""

    warmup: int
    own_schedule = False

    def create_scheduler(self, num_training_steps: int, optimizer: Any = None) -> Any:
        """Return linear warm-up, then half a cosine to zero."""
        if self.own_schedule:
            return super().create_scheduler(num_training_steps, optimizer)
        adamw, warmup = optimizer or self.optimizer, self.warmup
        rising = LinearLR(adamw, start_factor=1 / warmup, total_iters=warmup - 1)
        falling = CosineAnnealingLR(adamw, T_max=num_training_steps - warmup)
        self.lr_scheduler = SequentialLR(adamw, [rising, falling], milestones=[warmup])
        return self.lr_scheduler


def _initial(job: TrainConfig) -> Comparison:
    """Compare the initial weights of the adapter."""
    example = [Example("train-0", "a", "b")]
    with tempfile.TemporaryDirectory() as folder:
        theirs = trl_trainer(replace(job, trainer=replace(job.trainer, max_steps=STEPS)), example, folder).model
        expected = peft.get_peft_model_state_dict(theirs)
    with adapters.fresh(inputs.loaded(job), job.lora, job.seed) as model:
        ours = peft.get_peft_model_state_dict(model)
        assert ours.keys() == expected.keys()
        largest = max(float((ours[key] - expected[key]).abs().max()) for key in ours)
        count = sum(value.numel() for value in ours.values())
    return Comparison("initial adapter weights", count, largest, 0, "absolute")
