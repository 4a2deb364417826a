"""What an analysis computes and where it writes."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from crosstask.analysis.matrix.task_order import TaskOrder
from crosstask.analysis.statistics.inference import Inference
from crosstask.analysis.traits.options import TraitAnalysis
from crosstask.errors import UserError

FORMATS = ("png", "svg")
"""File formats a figure can have."""


def require_formats(formats: Iterable[str]) -> None:
    """Raise unless every figure format is known."""
    for name in formats:
        if name not in FORMATS:
            raise UserError(f"figure format {name!r}: not one of {', '.join(FORMATS)}")


@dataclass(frozen=True)
class AnalysisOptions:
    """What to compute and where to write it."""

    output: Path
    """Folder of the tables and figures; made if need be."""
    order: TaskOrder = field(default_factory=TaskOrder)
    """Order of the tasks, and the sources' homes."""
    traits: TraitAnalysis = field(default_factory=TraitAnalysis)
    """How latent traits are looked for."""
    formats: tuple[str, ...] = FORMATS
    """File formats of the figures; none of them for tables alone."""
    inference: Inference = field(default_factory=Inference)
    """Level of intervals, false discovery rate and resampling of the matrix's statistics."""
    renamings: int = 4999
    """Permutations of the names of data sets that similarity is tested with."""

    def __post_init__(self) -> None:
        """Refuse unknown formats before anything is computed."""
        require_formats(self.formats)
