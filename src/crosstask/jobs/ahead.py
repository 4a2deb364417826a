"""What a job will do, as a plan shows it."""

from dataclasses import dataclass

from crosstask.jobs.amount import Amount

EXISTS, TO_MAKE, MADE, NOT_KNOWN = "exists", "to make", "made before", "to make?"
"""States of an adapter or a cell."""
ELSEWHERE = "elsewhere"
"""That of an adapter, or a model, that was made elsewhere."""


@dataclass(frozen=True)
class Training:
    """What a training puts through the model."""

    rows: Amount
    steps: Amount
    tokens: Amount
    """Of all steps."""
    evaluated: Amount
    """Tokens of the evaluations on held-out rows."""
    longest: int
    """Tokens of the longest sequence."""


@dataclass(frozen=True)
class Forecast:
    """What a job will do."""

    adapter: str
    """Whether it exists, is to be made, is made by a job before, is not known to exist, or was made elsewhere; empty
    for base.
    """
    cells: dict[str, str]
    """By target, as ``adapter``."""
    training: Training | None
    """None where nothing is trained."""
    scored: Amount
    """Tokens of the targets that are scored."""
    seconds: Amount
    memory: Amount
    """Bytes."""
    work: float | None = None
    """Characters, see :mod:`crosstask.jobs.cost`; None where rows or model are not at hand."""
    judged: Amount = Amount()  # noqa: RUF009
    """Answers that a judge is asked about, unless the store has its reply."""
    lacking: tuple[str, ...] = ()
    """What is not at hand, for which amounts are estimated."""
