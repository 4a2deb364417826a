"""How an adapter is trained: its optimizer, its trainer."""

from dataclasses import dataclass
from enum import StrEnum

from crosstask.config.ranges import at_least


class Loss(StrEnum):
    """Which tokens of a training sequence are supervised."""

    completion = "completion"
    sequence = "sequence"


@dataclass
class Optimizer:
    """AdamW with a cosine schedule."""

    learning_rate: float = at_least(0, default=2e-3)
    """At the end of the warm-up."""
    warmup_steps: int = at_least(0, default=10)
    """Optimizer steps of linear warm-up; at most half of all steps."""
    weight_decay: float = at_least(0, default=0.0)
    clip: float = at_least(0, default=1.0)
    """Largest norm of the gradient; 0 is no clipping."""


@dataclass
class Trainer:
    """How long and in which portions an adapter is trained."""

    max_epochs: int = at_least(1, default=1)
    max_steps: int = at_least(-1, default=-1)
    """Optimizer steps; -1 is no limit but max_epochs."""
    batch_size: int = at_least(1, default=16)
    """Sequences in one forward pass."""
    accumulate: int = at_least(1, default=1)
    """Forward passes in one optimizer step."""
    max_length: int = at_least(2, default=2048)
    """Longest training sequence, in tokens; a shorter context of the model has precedence."""
    loss: Loss = Loss.completion
    checkpoint_steps: int = at_least(1, default=100)
    """Optimizer steps between checkpoints."""
    accelerator: str = "auto"
    """Lightning's name of the device: auto, cpu, gpu, mps."""
