"""One analysis: runs in, tables and figures out."""

from dataclasses import dataclass, field
from enum import StrEnum

from crosstask.config.job import Tracking, TrackingMode


class RunsKind(StrEnum):
    """Where ``analyze.py`` reads scores from."""

    local = "local"
    wandb = "wandb"
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
    project: str = "crosstask"
    """kind=wandb: the project."""
    entity: str | None = None
    """kind=wandb: the user or team; null is the user's own."""
    cache: str = "~/.cache/crosstask/wandb"
    """kind=wandb: folder of what was read before."""
    answers: bool = False
    """kind=wandb: also fetch every answer of the rows, into the cache."""
    group: str | None = None
    model: str | None = None
    data: str | None = None
    source: str | None = None
    """Only this source (and base)."""
    seed: int | None = None
    """Only this seed (and base)."""


@dataclass
class Analysis:
    """The decomposition of the matrix and the order of its rows and columns."""

    scale: Scale = Scale.zscore
    base: BaseRow = BaseRow.included
    order: list[str] = field(default_factory=list)
    """Tasks in the order of columns and rows; the others follow by name."""


@dataclass
class AnalyzeConfig:
    """One analysis: runs in, tables and figures out."""

    runs: Runs = field(default_factory=Runs)
    analysis: Analysis = field(default_factory=Analysis)
    tracking: Tracking = field(default_factory=lambda: Tracking(mode=TrackingMode.disabled))
    """The analysis as a run."""
    output: str = "results"
    """Folder of tables and figures."""
