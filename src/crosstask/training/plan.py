"""The plan of a training: which sequences make which optimizer step, and in which micro-batches.

Which sequences a step has is what is learned and depends on the seed, ``trainer.batch_size * trainer.accumulate``
and ``trainer.bucket``. How a step is divided into micro-batches is a matter of memory and speed only.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from crosstask.config.training import Loss, Trainer
from crosstask.models.tokenization import Encoded

IGNORED = -100
"""Label of a token that is not supervised; PyTorch's cross-entropy passes over it."""
WINDOW = 32
"""Steps among whose sequences ``trainer.bucket`` sorts by length: more is less padding and less chance."""


@dataclass(frozen=True)
class MicroBatch:
    """The sequences of one forward pass; none where a device has nothing to do in it but to wait for the others."""

    members: tuple[int, ...]
    step_tokens: int
    """Supervised tokens in the whole optimizer step that it belongs to."""


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
    # Labels are the tokens themselves; the loss compares each with the prediction one position before it.
    prompt = encoded.prompt if loss is Loss.sequence else (IGNORED,) * len(encoded.prompt)
    return [IGNORED, *(*prompt, *encoded.answer)[1:]]


def supervised_tokens(encoded: Encoded, loss: Loss) -> int:
    """Return how many tokens of a sequence are supervised.

    Examples
    --------
    >>> [supervised_tokens(Encoded(prompt=(1, 7, 8), answer=(9, 2)), loss) for loss in Loss]
    [2, 4]
    """
    unsupervised = 1 if loss is Loss.sequence else max(1, len(encoded.prompt))
    return length(encoded) - unsupervised


def length(encoded: Encoded) -> int:
    """Return the tokens of a sequence."""
    return len(encoded.prompt) + len(encoded.answer)


def plan(sequences: Sequence[Encoded], trainer: Trainer, seed: int) -> list[list[MicroBatch]]:
    """Return the optimizer steps of a whole training, each as its micro-batches.

    Each epoch is a new order of all sequences, drawn from ``seed``; a step may span two epochs, so that only the
    very last one can be smaller. With ``trainer.bucket`` a step lies within an epoch and has sequences of similar
    lengths; the smaller step may be any of an epoch's. ``trainer.max_steps`` cuts the plan.
    """
    lengths = [length(sequence) for sequence in sequences]
    steps = _bucketed_steps(lengths, trainer, seed) if trainer.bucket else _plain_steps(len(lengths), trainer, seed)
    steps = steps if trainer.max_steps < 0 else steps[: trainer.max_steps]
    return [micro_batches(members, sequences, trainer) for members in steps]


def micro_batches(members: list[int], sequences: Sequence[Encoded], trainer: Trainer) -> list[MicroBatch]:
    """Return the micro-batches of some of the sequences, in which each supervised token weighs the same."""
    total = sum(supervised_tokens(sequences[member], trainer.loss) for member in members)
    passes = _passes(members, {member: length(sequences[member]) for member in members}, trainer)
    return [MicroBatch(part, total) for part in divide(passes, trainer.devices)]


def _plain_steps(count: int, trainer: Trainer, seed: int) -> list[list[int]]:
    """Return the members of each step, drawn from all sequences alike."""
    order: list[int] = []
    # A generator for each epoch, seeded by text: what an epoch's order is does not depend on what was drawn before, and
    # `random` gives the same numbers on every platform.
    for epoch in range(trainer.max_epochs):
        order += random.Random(f"{seed}/{epoch}").sample(range(count), count)
    return list(_chunks(order, trainer.batch_size * trainer.accumulate))


def _bucketed_steps(lengths: Sequence[int], trainer: Trainer, seed: int) -> list[list[int]]:
    """Return the members of each step, of similar lengths, with the steps in random order.

    An epoch is drawn as windows of WINDOW steps; each window is sorted by length and cut into steps.
    """
    size = trainer.batch_size * trainer.accumulate
    steps: list[list[int]] = []
    for epoch in range(trainer.max_epochs):
        chance = random.Random(f"{seed}/{epoch}")
        order = chance.sample(range(len(lengths)), len(lengths))
        windows = [sorted(window, key=lengths.__getitem__) for window in _chunks(order, size * WINDOW)]
        drawn = [step for window in windows for step in _chunks(window, size)]
        steps += chance.sample(drawn, len(drawn))  # or training would go from short to long sequences in each window
    return steps


def _passes(members: list[int], lengths: Mapping[int, int], trainer: Trainer) -> list[tuple[int, ...]]:
    """Return the forward passes of one step: of at most ``batch_size`` sequences and ``batch_tokens`` tokens.

    Longest first, each sequence joins the first pass that has room for it (first-fit decreasing, Johnson 1973,
    "Near-optimal bin packing algorithms"), which is padded to its first sequence. A sequence that is longer than
    ``batch_tokens`` is a pass by itself.
    """
    if trainer.batch_tokens is None:
        return [tuple(part) for part in _chunks(members, trainer.batch_size)]
    longest_first = sorted(members, key=lambda member: -lengths[member])  # stable: equal lengths as they were drawn
    passes: list[list[int]] = []
    for member in longest_first:
        open_passes = (part for part in passes if len(part) < trainer.batch_size)
        cost = partial(_cost, member=member, lengths=lengths, packing=trainer.packing)
        part = next((part for part in open_passes if cost(part) <= trainer.batch_tokens), None)
        if part is None:
            passes.append([member])
        else:
            part.append(member)
    return [tuple(part) for part in passes]


def divide(passes: list[tuple[int, ...]], devices: int) -> list[tuple[int, ...]]:
    """Return passes such that each device has equally many of them: the largest are halved until that is so.

    Examples
    --------
    >>> divide([(0, 1, 2, 3)], devices=2)
    [(0, 1), (2, 3)]
    >>> divide([(0, 1, 2), (3, 4, 5), (6,)], devices=2)
    [(3, 4, 5), (0, 1), (6,), (2,)]
    >>> divide([(0,)], devices=2)
    [(0,), ()]
    """
    if devices == 1:
        return passes
    parts = sorted(passes, key=len, reverse=True)
    # Halving adds one pass at a time, and that of the largest costs least. A single sequence leaves an empty half.
    while len(parts) % devices:
        middle = (len(parts[0]) + 1) // 2
        parts = sorted([*parts[1:], parts[0][:middle], parts[0][middle:]], key=len, reverse=True)
    return parts


def _cost(part: list[int], member: int, lengths: Mapping[int, int], packing: bool) -> int:
    """Return the tokens of a pass, padding and all, that one more sequence is added to; its first is its longest."""
    if packing:
        return sum(lengths[other] for other in part) + lengths[member]
    return (len(part) + 1) * lengths[part[0]]


def _chunks(members: list[int], size: int) -> Iterator[list[int]]:
    """Yield consecutive pieces of a list; the last may be shorter."""
    for start in range(0, len(members), size):
        yield members[start : start + size]


def padding_share(sequences: Sequence[Encoded], steps: Sequence[Sequence[MicroBatch]], packing: bool) -> float:
    """Return which share of the tokens that go through the model is padding; 0 where sequences are packed."""
    real = padded = 0
    for lengths in ([length(sequences[m]) for m in batch.members] for step in steps for batch in step):
        real += sum(lengths)
        padded += sum(lengths) if packing else len(lengths) * max(lengths, default=0)
    return 1 - real / padded
