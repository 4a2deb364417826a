"""What a model does on a target, answer by answer, besides what its answers are worth: labels, lengths, probabilities.

One object per target, as :class:`crosstask.analysis.matrix.answers.TargetAnswers` is: a row for each run, a column for
each example, in the same order.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from crosstask.analysis.matrix.answers import Run
from crosstask.analysis.schema import BASE

UNITS = ("tokens", "words", "characters")
"""What lengths are counted in; tokens are the base model's."""


@dataclass(frozen=True)
class TargetBehavior:
    """The answers to one target, in full as far as they are kept."""

    rows: tuple[Run, ...]
    """The run of each row, those of a source together, the base model's first; its seed is None."""
    examples: NDArray[np.object_]
    """Identifiers of the test rows, shape (n,)."""
    scores: NDArray[np.float32]
    """What each answer is worth, 0 to 1, shape (rows, n)."""
    valid: NDArray[np.bool_]
    """Whether a prediction could be read in the answer, shape (rows, n)."""
    labels: tuple[str, ...] = ()
    """Of a closed target, in the order of the task file; letters where each example has options of its own; empty for
    an open target."""
    has_options: bool = False
    """Whether labels are letters of options, which are the n-th of their example and no classes."""
    gold: NDArray[np.intp] | None = None
    """Of a closed target: index of the gold label of each example, shape (n,)."""
    predicted: NDArray[np.intp] | None = None
    """Of a closed target: index of the predicted label, -1 where the answer is invalid, shape (rows, n)."""
    log_probabilities: NDArray[np.float32] | None = None
    """Of a closed target whose labels were compared: log-probability of each label in nats, shape (rows, n, labels);
    NaN for an option that an example does not have. None where text was generated."""
    decision: NDArray[np.float32] | None = None
    """What the label was chosen by, of the same shape: the log-probabilities themselves, or per token, per byte, or
    with the prior taken off. None where that is not kept."""
    cut: NDArray[np.bool_] | None = None
    """Of generated text: whether it reached the limit, shape (rows, n)."""
    lengths: Mapping[str, NDArray[np.int32]] = field(default_factory=dict)
    """By what they are counted in, of `UNITS`, as far as known: lengths of the answers, shape (rows, n)."""
    gold_lengths: Mapping[str, NDArray[np.int32]] = field(default_factory=dict)
    """The same of the gold answers, shape (n,)."""

    @cached_property
    def base(self) -> int | None:
        """Row of the base model; None where it has none."""
        return next((place for place, run in enumerate(self.rows) if run[0] == BASE), None)

    @property
    def is_closed(self) -> bool:
        """Whether an answer is one of a few labels, the same for every example."""
        return bool(self.labels) and not self.has_options

    def rows_of(self, source: str) -> list[int]:
        """Return the rows of a source, one per run."""
        return [place for place, run in enumerate(self.rows) if run[0] == source]


BehaviorOf = Callable[[str], TargetBehavior | None]
"""From a target to what was done on it, read when it is asked for; None where no answers of it are kept."""
