"""How targets are scored: the settings of inference."""

from dataclasses import dataclass
from enum import StrEnum

from crosstask.limits import at_least


class Generation(StrEnum):
    """How text is generated for open targets: ``batch`` by batch, or by transformers' ``continuous`` batching.

    With the latter an answer that has ended makes room for the next prompt; made for GPUs and many long answers.
    """

    batch = "batch"
    continuous = "continuous"


ASKED = ("prompt", "shots")
"""Settings of `Scoring` by which every target is asked otherwise than its file says; a run has a column for others than
the usual ones."""


@dataclass
class Scoring:
    """Inference on the targets."""

    batch_tokens: int | None = at_least(1, default=None)
    """Most tokens in one forward pass, padding included; a single longer sequence is a pass of its own. null leaves
    it to the device: what the free memory of a GPU has room for; on a CPU 8192, and 1024 for closed tasks."""
    max_new_tokens: int | None = at_least(1, default=None)
    """Longest output of every open target, in tokens; null leaves it to the target."""
    generation: Generation = Generation.batch
    prompt: int = at_least(0, default=0)
    """Which of its prompts every target is asked in: 0 is the field ``prompt`` of a task, by which adapters are
    trained, 1 the first of ``prompts``. 0,1,2 with -m asks the same adapters in several ways."""
    shots: int | None = at_least(0, default=None)
    """Training rows with their answers that stand before every prompt of a target; null leaves it to the target. Rows
    of base with shots are a reference for gains (analysis.reference)."""
