"""One analysis: runs in, tables and figures out."""

from dataclasses import dataclass, field
from enum import StrEnum

from crosstask.config.ranges import at_least


class RunsKind(StrEnum):
    """Where ``analyze.py`` reads scores from."""

    local = "local"
    table = "table"


class Scale(StrEnum):
    """Scaling of the tasks before the decomposition; they are centred in any case."""

    zscore = "zscore"
    none = "none"


class BaseRow(StrEnum):
    """Whether the base model is one of the observations of the decomposition."""

    included = "included"
    excluded = "excluded"


@dataclass
class Runs:
    """The runs that are analysed."""

    kind: RunsKind = RunsKind.local
    root: str = "runs"
    """kind=local: the store."""
    path: str | None = None
    """kind=table: a CSV file with the columns source, target, score and perhaps seed."""
    group: str | None = None
    model: str | None = None
    data: str | None = None
    source: str | None = None
    """Only this source (and base)."""
    seed: int | None = None
    """Only this seed (and base)."""


@dataclass
class Analysis:
    """Tests, the decomposition of the matrix, and the order of its rows and columns."""

    scale: Scale = Scale.zscore
    base: BaseRow = BaseRow.included
    alpha: float = at_least(1e-6, 0.05, below=1.0)
    """Intervals have level 1 - alpha; a gain is significant if its false discovery rate is at most alpha."""
    resamples: int = at_least(100, 1000)
    """Bootstrap replicates."""
    order: list[str] = field(default_factory=list)
    """Tasks in the order of columns and rows; the others follow by name."""


@dataclass
class AnalyzeConfig:
    """One analysis: runs in, tables and figures out."""

    runs: Runs = field(default_factory=Runs)
    analysis: Analysis = field(default_factory=Analysis)
    output: str = "results"
    """Folder of tables and figures."""
