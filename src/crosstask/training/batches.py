"""Training batches: the tensors of a plan's micro-batches, padded or packed, from any position."""

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from pytorch_lightning import LightningDataModule

from crosstask.config.training import Loss
from crosstask.models.tokenization import Encoded, pad_batch
from crosstask.training.plan import IGNORED, MicroBatch, labels, length

Batch = dict[str, Any]


def collate(sequences: Sequence[Encoded], step_tokens: int, loss: Loss, pad: int) -> Batch:
    """Return one batch, padded on the right.

    Returns
    -------
    dict
        ``input_ids``, ``attention_mask`` and ``labels``, each of shape (sequences, longest), and the number
        ``step_tokens``. Padding has mask 0 and label IGNORED, whatever its token.
    """
    ids, mask = pad_batch([(*sequence.prompt, *sequence.answer) for sequence in sequences], pad, left=False)
    targets, _ = pad_batch([labels(sequence, loss) for sequence in sequences], IGNORED, left=False)
    return {"input_ids": ids, "attention_mask": mask, "labels": targets, "step_tokens": step_tokens}


def pack(sequences: Sequence[Encoded], step_tokens: int, loss: Loss) -> Batch:
    """Return one batch of a single row, in which the sequences follow each other without padding.

    Returns
    -------
    dict
        ``input_ids``, ``position_ids`` and ``labels``, each of shape (1, tokens), and the number ``step_tokens``.
        Positions begin anew with each sequence; that is how transformers tells them apart, so there must be no mask.
    """
    tokens = [token for sequence in sequences for token in (*sequence.prompt, *sequence.answer)]
    positions = [position for sequence in sequences for position in range(length(sequence))]
    supervised = [label for sequence in sequences for label in labels(sequence, loss)]
    rows = {"input_ids": tokens, "position_ids": positions, "labels": supervised}
    return {**{key: torch.tensor([row]) for key, row in rows.items()}, "step_tokens": step_tokens}


class Batches:
    """The batches of a plan, from any step on."""

    def __init__(
        self,
        sequences: Sequence[Encoded],
        steps: Sequence[Sequence[MicroBatch]],
        loss: Loss,
        pad: int,
        packing: bool = False,
    ) -> None:
        self.sequences = sequences
        self.steps = steps
        self.loss = loss
        self.pad = pad
        self.packing = packing
        self.done = 0
        """Steps that are passed over."""
        self.rank, self.devices = 0, 1
        """Which of the devices gets these batches: of each step every ``devices``-th pass."""

    @property
    def passes_done(self) -> int:
        """Passes of the steps that are passed over."""
        # A step has a multiple of ``devices`` passes: `divided` sees to that.
        return sum(len(step) for step in self.steps[: self.done]) // self.devices

    def __len__(self) -> int:
        return sum(len(step) for step in self.steps) // self.devices

    def __iter__(self) -> Iterator[Batch]:
        for step in self.steps[self.done :]:
            own = step[self.rank :: self.devices]
            for number, micro_batch in enumerate(own, start=1):
                yield {**self._batch(micro_batch), "last": number == len(own)}

    def of(self, trainer: Any) -> "Batches":
        """Return the same batches, from now on those of the device that a Lightning trainer is on."""
        self.rank, self.devices = trainer.global_rank, trainer.world_size
        return self

    def _batch(self, micro_batch: MicroBatch) -> Batch:
        """Return the tensors of one micro-batch."""
        members = [self.sequences[member] for member in micro_batch.members or (0,)]
        if self.packing:
            batch = pack(members, micro_batch.step_tokens, self.loss)
        else:
            batch = collate(members, micro_batch.step_tokens, self.loss, self.pad)
        if not micro_batch.members:  # the other devices wait for this one's gradients, which then are zero
            batch["labels"].fill_(IGNORED)
        return batch


class SourceData(LightningDataModule):
    """The batches of one training, over all its epochs.

    To Lightning the whole plan is one epoch: the position in it is then one number, and a training that was
    interrupted anywhere continues with exactly the step that would have come next.
    """

    def __init__(self, batches: Batches) -> None:
        super().__init__()
        self.batches = batches

    def train_dataloader(self) -> Batches:
        """Return the batches of the device that Lightning runs on."""
        return self.batches if self.trainer is None else self.batches.of(self.trainer)

    def continue_from(self, checkpoint: dict[str, Any]) -> None:
        """Continue after the steps that a checkpoint has seen, in however many passes they would now be made."""
        self.batches.done = checkpoint["global_step"]
        # Lightning counts passes, and these are as many as the plan has now: it may divide steps in another way than
        # the one that wrote the checkpoint, on another number of devices.
        passes = self.batches.passes_done
        counts = {"ready": passes, "started": passes, "processed": passes, "completed": passes - 1}
        progress = checkpoint["loops"]["fit_loop"]["epoch_loop.batch_progress"]
        progress["total"] |= counts  # the last pass counts as completed only after the hook that wrote the checkpoint
        progress["current"] |= counts
