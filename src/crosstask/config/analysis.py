"""The runs that are analyzed, and the formats of figures."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class RunsKind(StrEnum):
    """Where ``analyze.py`` reads scores from."""

    local = "local"
    wandb = "wandb"
    table = "table"


class Reference(StrEnum):
    """The base model that gains are over."""

    base = "base"
    few_shot = "few_shot"
    prior_corrected = "prior_corrected"


class Prompts(StrEnum):
    """What the prompts of a target are: drawn from those there could be, or the only ones."""

    random = "random"
    fixed = "fixed"


class FigureFormat(StrEnum):
    """File formats of the figures."""

    png = "png"
    svg = "svg"


class DecimalMark(StrEnum):
    """What stands before the decimals of a number."""

    point = "point"
    comma = "comma"


OF_TABLES = ("path", "columns", "sheet", "decimal", "base", "targets", "metric", "lower", "units")
"""Fields of ``Runs`` that say something of a table alone."""
INSTEAD = {
    "source": "leave the lines of other sources out of the file",
    "seed": "leave the lines of other seeds out of the file",
    "group": "leave the lines of other groups out of the file",
    "model": "leave other models out of the file, or analysis.rows=[source,model] keeps them apart",
    "data": "leave other data out of the file, or analysis.rows=[source,data] keeps them apart",
    "entity": "runs=wandb has it",
}
"""Fields of ``Runs`` that choose among runs, with what serves where a table is read."""


@dataclass
class TableColumns:
    """kind=table: the columns of the file, where they have other names than these fields."""

    source: str | None = None
    """What was trained on; in a wide table the first column with names is taken."""
    target: str | None = None
    """What was scored; a table without it is wide, a column per target."""
    seed: str | None = None
    """Seeds of the training, numbers or names."""
    metric: str | None = None
    """Names of the metrics."""
    score: str | None = None
    """Scores; of several columns runs.metric chooses one."""
    stderr: str | None = None
    """Standard errors of the scores."""
    n: str | None = None
    """Numbers of rows scored."""


@dataclass
class Runs:
    """The runs that are analyzed."""

    kind: RunsKind = RunsKind.local
    path: str | None = None
    """kind=table: a file of scores, as text (CSV, tabs, semicolons), Parquet or Excel; docs/tables.md."""
    columns: TableColumns = field(default_factory=TableColumns)
    sheet: str | None = None
    """kind=table: the sheet of an Excel file that has several."""
    decimal: DecimalMark | None = None
    """kind=table: what stands before decimals, where numbers such as 1,250 leave it open."""
    base: str | None = None
    """kind=table: the source that is the model without fine-tuning, where it is not named base."""
    targets: list[str] = field(default_factory=list)
    """kind=table: only these targets; of a wide table these columns. None is all."""
    metric: str | None = None
    """kind=table: the metric, or the column of scores, of which the table has several."""
    lower: list[str] = field(default_factory=list)
    """kind=table: targets or metrics of which less is better, such as [perplexity]."""
    units: Any = None  # a dict[str, str] or None; OmegaConf lets a command line add no keys to a typed one
    """kind=table: {target or metric: fraction, percent or number}, where the range of its scores does not show it."""
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
