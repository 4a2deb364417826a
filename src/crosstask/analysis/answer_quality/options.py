"""Parameters of the quality of answers: the schema of ``analysis.answer_quality`` in the config."""

from dataclasses import dataclass

from crosstask.limits import at_least


@dataclass
class Options:
    """When answers are too poor in form for a score to be about the task."""

    alarm: float = at_least(0.0, 0.5, below=1.0)
    """A cell is an alarm if more than this share of its answers, 0 to 1, is invalid, cut or empty, or answers a cut
    prompt: the lower limit of the interval counts."""
    leaked: float = at_least(0.0, 0.01, below=1.0)
    """A cell is an alarm if more than this share of its test rows, 0 to 1, is among the training rows."""
