"""The hyper-parameters of a job in TRL's words."""

from typing import Any

from crosstask.config.job import TrainConfig
from crosstask.config.training import Loss
from oracle import inputs


def trl_settings(job: TrainConfig) -> dict[str, Any]:
    """Return what TRL has to be told to train as we do, on float32 and without a tracker."""
    optimizer, trainer = job.optimizer, job.trainer
    return {
        "seed": job.seed,
        "per_device_train_batch_size": trainer.batch_size,
        "gradient_accumulation_steps": trainer.accumulate,
        "max_length": inputs.loaded(job).context,
        "completion_only_loss": trainer.loss is Loss.completion,
        "learning_rate": optimizer.learning_rate,
        "lr_scheduler_type": "cosine",
        "warmup_steps": optimizer.warmup_steps,
        "weight_decay": optimizer.weight_decay,
        "max_grad_norm": optimizer.clip,
        "optim": "adamw_torch",
        "bf16": False,
        "gradient_checkpointing": False,
        "save_strategy": "no",
        "report_to": "none",
    }
