"""How an adapter is made: its shape, its optimizer, its trainer."""

from dataclasses import dataclass, field
from enum import StrEnum

from crosstask.config.ranges import at_least


class Loss(StrEnum):
    """Which tokens of a training sequence are supervised."""

    completion = "completion"
    sequence = "sequence"


@dataclass
class Lora:
    """The adapter: low-rank updates of the named projections."""

    rank: int = at_least(1, default=8)
    alpha: float = 16
    """Updates are scaled by alpha / rank."""
    dropout: float = at_least(0, default=0.0)
    target_modules: list[str] = field(
        default_factory=lambda: ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
    )
    """Names of the layers that get an adapter; [all-linear] is every linear layer but the output."""


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
