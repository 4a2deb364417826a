"""What happened in a training, in numbers."""

from collections.abc import Sequence

from crosstask.config.training import Trainer
from crosstask.models.adapters import adapted_layers
from crosstask.storage.adapter_record import TrainingReport
from crosstask.training.devices import Loop
from crosstask.training.plan import MicroBatch, padding_share, supervised_tokens
from crosstask.training.sequences import TrainingSequences


def outcome(
    loop: Loop, sequences: TrainingSequences, steps: Sequence[Sequence[MicroBatch]], trainer: Trainer, seconds: float
) -> TrainingReport:
    """Return the report on a training that has ended; ``steps`` are those planned."""
    learned, losses, held_out = sequences.learned, loop.module.losses, loop.held_out
    return TrainingReport(
        steps=len(losses),
        examples=sequences.given,
        rows_dropped=sequences.dropped,
        rows_held_out=len(sequences.held_out),
        trainable_parameters=sum(weight.numel() for weight in loop.module.parameters() if weight.requires_grad),
        supervised_tokens=sum(supervised_tokens(sequence, trainer.loss) for sequence in learned),
        rows_cut=sum(bool(sequence.cut_prompt or sequence.cut_answer) for sequence in learned),
        prompt_tokens_cut=sum(sequence.cut_prompt for sequence in learned),
        supervised_tokens_lost=sum(sequence.cut_answer for sequence in learned),
        padding=padding_share(learned, steps[: len(losses)], trainer.packing),
        first_loss=losses[0],
        last_loss=_mean(losses[-max(1, len(losses) // 10) :]),
        held_out_loss=held_out.losses[held_out.best_step] if held_out.losses else None,
        kept_step=held_out.best_step if held_out.losses else len(losses),
        stopped=_reason(len(losses), len(steps), trainer),
        seconds=round(seconds, 3),
        rows_with_control_tokens=sum(sequence.control_tokens > 0 for sequence in (*learned, *sequences.held_out)),
        adapted_layers=adapted_layers(loop.module.model),
    )


def _reason(steps: int, planned: int, trainer: Trainer) -> str:
    """Return why training ended."""
    if steps < planned:
        return f"no lower loss on held-out rows in trainer.patience={trainer.patience} evaluations"
    if steps == trainer.max_steps:
        return f"trainer.max_steps={trainer.max_steps} reached"
    return f"trainer.max_epochs={trainer.max_epochs} reached"


def _mean(values: Sequence[float]) -> float:
    """Return the mean of some numbers."""
    return sum(values) / len(values)
