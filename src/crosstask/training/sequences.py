"""Training sequences: what is left of the examples within the limit on the length, and which of them are held out."""

import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass

from crosstask.config.training import Loss, Trainer
from crosstask.data.examples import Example
from crosstask.errors import UserError
from crosstask.models.language_model import BaseModel
from crosstask.models.tokenization import Encoded, encode, training_sequence
from crosstask.training.plan import length, supervised_tokens

log = logging.getLogger(__name__)

MOST_DROPPED = 0.01
"""Share of the rows that may be lost."""
NAMED = 5
"""Lost rows that an error names."""


@dataclass(frozen=True)
class TrainingExamples:
    """The examples of a training."""

    given: Sequence[Example]
    """Those to learn from."""
    validation: Sequence[Example] = ()
    """Those that it is evaluated on meanwhile; without any, a share ``trainer.held_out`` of those given."""


@dataclass(frozen=True)
class TrainingSequences:
    """What becomes of the examples of a training."""

    learned: list[Encoded]
    held_out: list[Encoded]
    dropped: int
    """Examples without an answer token to learn from."""
    given: int
    """Examples to learn from, those dropped and those held out of them included."""


def training_sequences(base: BaseModel, examples: TrainingExamples, trainer: Trainer, seed: int) -> TrainingSequences:
    """Return the tokens of the examples; without any for validation, those to hold out are drawn from ``seed``.

    An example is dropped if no token of its answer would be supervised, whatever ``trainer.loss`` is.

    Raises
    ------
    UserError
        If more than MOST_DROPPED of the examples would be dropped, a sequence is longer than ``trainer.batch_tokens``,
        or ``trainer.held_out`` leaves nothing to learn from or nothing to evaluate.
    """
    learned, lost = _learnable_sequences(base, examples.given, trainer)
    if examples.validation:
        held_out, _ = _learnable_sequences(base, examples.validation, trainer)
    else:
        learned, held_out = _split(learned, trainer.held_out, seed)
    return TrainingSequences(_tokens(learned), _tokens(held_out), dropped=lost, given=len(examples.given))


_Rows = list[tuple[Example, Encoded]]
"""Examples with their tokens."""


def _tokens(rows: _Rows) -> list[Encoded]:
    """Return the tokens alone."""
    return [sequence for _, sequence in rows]


def _learnable_sequences(base: BaseModel, examples: Sequence[Example], trainer: Trainer) -> tuple[_Rows, int]:
    """Return the examples that there is something to learn from with their tokens, and how many others there are."""
    limit = min(trainer.max_length, base.context)
    prompts, answers, systems = zip(*((one.prompt, one.answer, one.system) for one in examples), strict=True)
    pairs = encode(base, prompts, answers, systems)
    _warn_of_straddling(pairs)
    sequences = [training_sequence(pair, base, limit) for pair in pairs]
    lost = [e.id for e, sequence in zip(examples, sequences, strict=True) if not _learnable(sequence)]
    _check_lost(lost, len(examples), limit, trainer)
    kept = [pair for pair in zip(examples, sequences, strict=True) if _learnable(pair[1])]
    _check_lengths(_tokens(kept), trainer)
    return kept, len(lost)


def _learnable(sequence: Encoded) -> bool:
    """Tell whether there is an answer token to learn from."""
    return supervised_tokens(sequence, Loss.completion) > 0


def _warn_of_straddling(pairs: Sequence[Encoded]) -> None:
    """Tell how many answers are not learned as running text would have them."""
    straddled = sum(pair.straddled for pair in pairs)
    if straddled:
        log.warning(
            "%d of %d answers would share a token with the end of their prompt and are tokenized alone; a prompt that"
            " ends in a space does that, an answer that begins with one does not",
            straddled,
            len(pairs),
        )


def _check_lost(lost: Sequence[str], examples: int, limit: int, trainer: Trainer) -> None:
    """Refuse to lose many rows, and log the loss of few."""
    named = ", ".join(lost[:NAMED]) + (", ..." if len(lost) > NAMED else "")
    if len(lost) > MOST_DROPPED * examples:
        raise UserError(
            f"trainer.max_length={trainer.max_length}: {len(lost)} of {examples} rows have no answer token left to"
            f" learn from within {limit} tokens, e.g. {named}"
        )
    if lost:
        log.warning("dropped %d rows without an answer token to learn from: %s", len(lost), named)


def _check_lengths(sequences: Sequence[Encoded], trainer: Trainer) -> None:
    """Refuse a sequence that alone exceeds the budget of a pass."""
    longest = max(map(length, sequences), default=0)
    if trainer.batch_tokens is not None and longest > trainer.batch_tokens:
        raise UserError(
            f"trainer.batch_tokens={trainer.batch_tokens}: the longest training sequence has {longest} tokens;"
            " raise it, or lower trainer.max_length"
        )


def _split(rows: _Rows, share: float, seed: int) -> tuple[_Rows, _Rows]:
    """Return the rows that are trained on and those that are held out, drawn from ``seed``; both in order.

    A row that a variant of the source repeats is held out with all its copies, or none.
    """
    different = list(dict.fromkeys(example for example, _ in rows))
    count = round(share * len(different))
    if share and not 0 < count < len(different):
        raise UserError(
            f"trainer.held_out={share}: of {len(different)} rows that is {count}, which leaves one part empty"
        )
    drawn = {different[place] for place in random.Random(f"{seed}/held out").sample(range(len(different)), count)}
    return [row for row in rows if row[0] not in drawn], [row for row in rows if row[0] in drawn]
