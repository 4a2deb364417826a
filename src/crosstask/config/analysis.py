"""The runs that are analyzed, and the formats of figures."""

from dataclasses import dataclass
from enum import StrEnum


class RunsKind(StrEnum):
    """Where ``analyze.py`` reads scores from."""

    local = "local"
    wandb = "wandb"
    table = "table"


class FigureFormat(StrEnum):
    """File formats of the figures."""

    png = "png"
    svg = "svg"


@dataclass
class Runs:
    """The runs that are analyzed."""

    kind: RunsKind = RunsKind.local
    path: str | None = None
    """kind=table: a CSV file with the columns source, target, score and perhaps seed."""
    project: str = "crosstask"
    """kind=wandb: the project."""
    entity: str | None = None
    """kind=wandb: the user or team; null is the user's own."""
    cache: str = "~/.cache/crosstask/wandb"
    """kind=wandb: folder of what was read before, answers included."""
    group: str | None = None
    """Only this group; null is the runs that share base model, data and training settings with the most recent one."""
    model: str | None = None
    """Only this base model, by name or hash."""
    data: str | None = None
    """Only these test data, by name or hash."""
    source: str | None = None
    """Only this source (and base)."""
    seed: int | None = None
    """Only this seed (and base)."""
