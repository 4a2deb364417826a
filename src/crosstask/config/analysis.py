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
    root: str = "runs"
    """kind=local: the store."""
    path: str | None = None
    """kind=table: a CSV file with the columns source, target, score and perhaps seed."""
    project: str = "crosstask"
    """kind=wandb: the project."""
    entity: str | None = None
    """kind=wandb: the user or team; null is the user's own."""
    cache: str = "~/.cache/crosstask/wandb"
    """kind=wandb: folder of what was read before, answers included."""
    group: str | None = None
    model: str | None = None
    data: str | None = None
    source: str | None = None
    """Only this source (and base)."""
    seed: int | None = None
    """Only this seed (and base)."""
