"""What an analysis computes and where it writes."""

from dataclasses import dataclass, field
from pathlib import Path

from crosstask.analysis.components import ComponentAnalysis
from crosstask.analysis.inference import Inference
from crosstask.analysis.task_order import TaskOrder
from crosstask.errors import UserError
from crosstask.report.writing import FORMATS, require_formats


@dataclass(frozen=True)
class AnalysisOptions:
    """What to compute and where to write it."""

    output: Path
    """Folder of the tables and figures; made if need be."""
    order: TaskOrder = field(default_factory=TaskOrder)
    """Order of the tasks, and the sources' homes."""
    components: ComponentAnalysis = field(default_factory=ComponentAnalysis)
    """Scaling of the matrix, and whether the base model takes part in the components."""
    formats: tuple[str, ...] = FORMATS
    """File formats of the figures; none of them for tables alone."""
    noise_draws: int = 2000
    """Noise matrices drawn for comparison with the components."""
    noise_seed: int = 0
    """Seed of the noise."""
    inference: Inference = field(default_factory=Inference)
    """Level of intervals, false discovery rate and resampling."""

    def __post_init__(self) -> None:
        """Refuse unknown formats and too few draws before anything is computed."""
        require_formats(self.formats)
        if self.noise_draws < 1:
            raise UserError(f"noise_draws={self.noise_draws}: at least 1")
