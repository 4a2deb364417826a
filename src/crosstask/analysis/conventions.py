"""What all sections of an analysis share besides the scores."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from crosstask.analysis.matrix.reference_names import PLAIN
from crosstask.analysis.matrix.task_order import TaskOrder


@dataclass(frozen=True)
class Conventions:
    """What all sections share besides the scores."""

    order: TaskOrder = field(default_factory=TaskOrder)
    """Order of the tasks, and each source's own task."""
    rows: tuple[str, ...] = ("source",)
    """What a row of the decomposition is, the source first."""
    alpha: float = 0.05
    """Intervals have level 1 - alpha; a difference is significant if its false discovery rate is at most alpha."""
    abilities: Mapping[str, str] = field(default_factory=dict)
    """Target -> the ability that its task file names."""
    fixed_prompts: bool = False
    """Whether intervals are for the very prompts that targets were asked in, and not over others as well."""
    reference: str = PLAIN
    """Which base model gains are over, of `reference_names.NAMES`."""
