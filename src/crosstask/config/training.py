"""How an adapter is trained: its optimizer, its trainer."""

from dataclasses import dataclass
from enum import StrEnum

from crosstask.limits import at_least


class Loss(StrEnum):
    """Which tokens of a training sequence are supervised."""

    completion = "completion"
    """Those of the answer."""
    sequence = "sequence"
    """Those of the prompt too."""


class Strategy(StrEnum):
    """How devices share the work: ``ddp`` gives each the whole model, ``fsdp`` a part of it (PyTorch's FSDP2)."""

    single = "single"
    ddp = "ddp"
    fsdp = "fsdp"


ACCELERATORS = ("auto", "cpu", "gpu", "cuda", "mps", "tpu")
"""Lightning's names of devices."""


@dataclass
class Optimizer:
    """AdamW with a cosine schedule."""

    learning_rate: float = at_least(0, default=2e-3)
    """Learning rate at the end of the warm-up."""
    warmup_steps: int = at_least(0, default=10)
    """Optimizer steps of linear warm-up; at most half of all steps."""
    weight_decay: float = at_least(0, default=0.0)
    """Decoupled weight decay of AdamW."""
    clip: float = at_least(0, default=1.0)
    """Largest norm of the gradient; 0 is no clipping."""


@dataclass
class Trainer:
    """Length, batches, loss and devices of a training."""

    max_epochs: int = at_least(1, default=1)
    """Passes over the training rows."""
    max_steps: int = at_least(-1, default=-1)
    """Optimizer steps; -1 is no limit but max_epochs."""
    batch_size: int = at_least(1, default=16)
    """Most sequences in one forward pass; an optimizer step has batch_size * accumulate of them in any case."""
    accumulate: int = at_least(1, default=1)
    """Times batch_size are the sequences of one optimizer step."""
    batch_tokens: int | None = at_least(1, default=None)
    """Most tokens in one forward pass, padding included: a step is sorted by length and split into as many passes as
    that takes. null leaves it to the device: 512 on a CPU, what the free memory of a GPU has room for, 8192 on
    several GPUs. A longer sequence is a pass of its own."""
    bucket: bool = False
    """Draw steps of sequences of similar lengths. A step then is no random sample any more, which changes what is
    learned: each token weighs 1 / its step's tokens, so tokens of short answers weigh more."""
    packing: bool = False
    """Concatenate the sequences of a forward pass instead of padding them; none attends to another."""
    gradient_checkpointing: bool = False
    """Compute activations twice instead of keeping them: less memory, more time."""
    max_length: int = at_least(2, default=2048)
    """Longest training sequence, in tokens; a shorter context of the model has precedence."""
    loss: Loss = Loss.completion
    held_out: float = at_least(0, below=1, default=0.0)
    """Share of the source's rows that is not trained on but evaluated; the adapter with the lowest loss on it is
    kept. 0 is none: the last adapter is kept."""
    evaluate_steps: int = at_least(1, default=50)
    """Optimizer steps between evaluations on the held-out rows."""
    patience: int = at_least(1, default=3)
    """Evaluations without a lower loss after which training stops."""
    checkpoint_steps: int = at_least(1, default=100)
    """Optimizer steps between checkpoints."""
    accelerator: str = "auto"
    """Lightning's name of the device: auto, cpu, gpu, mps."""
    strategy: Strategy = Strategy.single
    devices: int = at_least(1, default=1)
    """Devices, one process each (strategy=ddp, fsdp). An optimizer step is divided among them, so that it stays the
    same step; batch_size and batch_tokens hold for a forward pass on one device."""
