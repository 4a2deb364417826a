"""Training batches: which sequences go into which step, fixed in advance by the seed."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from pytorch_lightning import LightningDataModule

from crosstask.config import Loss, Trainer
from crosstask.tokens import Encoded

IGNORED = -100
"""Label of a token that is not supervised; PyTorch's cross-entropy passes over it."""

Batch = dict[str, Any]


@dataclass(frozen=True)
class Portion:
    """The sequences of one forward pass."""

    members: tuple[int, ...]
    step_tokens: int
    """Supervised tokens in the whole optimizer step that the pass belongs to."""


def labels(encoded: Encoded, loss: Loss) -> list[int]:
    """Return the label of each token of a sequence: its own id, or IGNORED where it is not supervised.

    The first token is never supervised, since nothing precedes it.

    Examples
    --------
    >>> labels(Encoded(prompt=(1, 7, 8), answer=(9, 2)), Loss.completion)
    [-100, -100, -100, 9, 2]
    >>> labels(Encoded(prompt=(1, 7, 8), answer=(9, 2)), Loss.sequence)
    [-100, 7, 8, 9, 2]
    """
    if loss is Loss.sequence:
        return [IGNORED, *encoded.prompt[1:], *encoded.answer]
    return [IGNORED] * len(encoded.prompt) + list(encoded.answer)


def supervised_tokens(encoded: Encoded, loss: Loss) -> int:
    """Return how many tokens of a sequence are supervised."""
    return sum(label != IGNORED for label in labels(encoded, loss))


def plan(sequences: Sequence[Encoded], trainer: Trainer, seed: int) -> list[list[Portion]]:
    """Return the optimizer steps of a whole training, each as its forward passes.

    Each epoch is a new order of all sequences, drawn from ``seed``; a step may span two epochs, so that only the
    very last one can be smaller. ``trainer.max_steps`` cuts the plan.
    """
    counts = [supervised_tokens(sequence, trainer.loss) for sequence in sequences]
    order: list[int] = []
    for epoch in range(trainer.max_epochs):
        order += random.Random(f"{seed}/{epoch}").sample(range(len(sequences)), len(sequences))
    size = trainer.batch_size
    steps = []
    for members in _chunks(order, size * trainer.accumulate):
        total = sum(counts[member] for member in members)
        steps.append([Portion(tuple(portion), total) for portion in _chunks(members, size)])
    return steps if trainer.max_steps < 0 else steps[: trainer.max_steps]


def _chunks(members: list[int], size: int) -> Iterator[list[int]]:
    """Yield consecutive pieces of a list; the last may be shorter."""
    for start in range(0, len(members), size):
        yield members[start : start + size]


def collate(sequences: Sequence[Encoded], step_tokens: int, loss: Loss, pad: int) -> Batch:
    """Return one batch, padded on the right.

    Returns
    -------
    dict
        ``input_ids``, ``attention_mask`` and ``labels``, each of shape (sequences, longest), and the number
        ``step_tokens``. Padding has mask 0 and label IGNORED, whatever its token.
    """
    width = max(len(sequence.prompt) + len(sequence.answer) for sequence in sequences)
    shape = (len(sequences), width)
    batch = {
        "input_ids": torch.full(shape, pad),
        "attention_mask": torch.zeros(shape, dtype=torch.long),
        "labels": torch.full(shape, IGNORED),
    }
    for row, sequence in enumerate(sequences):
        tokens = (*sequence.prompt, *sequence.answer)
        batch["input_ids"][row, : len(tokens)] = torch.tensor(tokens)
        batch["attention_mask"][row, : len(tokens)] = 1
        batch["labels"][row, : len(tokens)] = torch.tensor(labels(sequence, loss))
    return {**batch, "step_tokens": step_tokens}


class Batches:
    """The batches of a plan, from any position; Lightning stores the position with a checkpoint."""

    def __init__(self, sequences: Sequence[Encoded], portions: Sequence[Portion], loss: Loss, pad: int) -> None:
        self.sequences = sequences
        self.portions = portions
        self.loss = loss
        self.pad = pad
        self.start = 0

    def __len__(self) -> int:
        return len(self.portions)

    def __iter__(self) -> Iterator[Batch]:
        for portion in self.portions[self.start :]:
            members = [self.sequences[member] for member in portion.members]
            yield collate(members, portion.step_tokens, self.loss, self.pad)


class SourceData(LightningDataModule):
    """The batches of one training, over all its epochs.

    To Lightning the whole plan is one epoch: the position in it is then one number, and a training that was
    interrupted anywhere continues with exactly the batch that would have come next.
    """

    def __init__(self, batches: Batches) -> None:
        super().__init__()
        self.batches = batches

    def train_dataloader(self) -> Batches:
        """Return the batches."""
        return self.batches

    def load_position(self, checkpoint: dict[str, Any]) -> None:
        """Continue after the batches that a checkpoint has seen."""
        progress = checkpoint["loops"]["fit_loop"]["epoch_loop.batch_progress"]
        self.batches.start = progress["total"]["ready"]
