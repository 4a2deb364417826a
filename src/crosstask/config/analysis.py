"""The runs that are analyzed, and the formats of figures."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from crosstask.limits import at_least


class RunsKind(StrEnum):
    """Where ``analyze.py`` reads scores from."""

    local = "local"
    wandb = "wandb"
    table = "table"
    lm_eval = "lm_eval"
    inspect = "inspect"


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
    pdf = "pdf"


class DecimalMark(StrEnum):
    """What stands before the decimals of a number."""

    point = "point"
    comma = "comma"


_TABLE, _LOGS = (RunsKind.table,), (RunsKind.lm_eval, RunsKind.inspect)
ONLY_OF = {
    **dict.fromkeys(("path", "base", "targets", "metric", "lower", "units"), _TABLE + _LOGS),
    **dict.fromkeys(("columns", "sheet", "decimal"), _TABLE),
    **dict.fromkeys(("filter", "sources", "coverage"), _LOGS),
}
"""Fields of ``Runs`` that say something of results made elsewhere, with the kinds that have them."""
INSTEAD = {
    RunsKind.table: {
        "source": "leave the lines of other sources out of the file",
        "seed": "leave the lines of other seeds out of the file",
        "group": "leave the lines of other groups out of the file",
        "model": "leave other models out of the file, or analysis.rows=[source,model] keeps them apart",
        "data": "leave other data out of the file, or analysis.rows=[source,data] keeps them apart",
        "entity": "runs=wandb has it",
    },
    **{
        kind: {
            **dict.fromkeys(("source", "model", "group"), "every log in the folder counts; keep others elsewhere"),
            "seed": "runs.sources={model: source} makes several models the seeds of one source",
            "data": "runs.targets chooses tasks",
            "entity": "runs=wandb has it",
        }
        for kind in _LOGS
    },
}
"""Fields of ``Runs`` that choose among runs, with what serves where results made elsewhere are read."""


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
    """kind=table: a file of scores, as text (CSV, tabs, semicolons), Parquet or Excel; docs/tables.md. kind=lm_eval,
    inspect: a folder of logs; docs/results_elsewhere.md."""
    columns: TableColumns = field(default_factory=TableColumns)
    sheet: str | None = None
    """kind=table: the sheet of an Excel file that has several."""
    decimal: DecimalMark | None = None
    """kind=table: what stands before decimals, where numbers such as 1,250 leave it open."""
    base: str | None = None
    """kind=table, lm_eval, inspect: the source, or the model, that is the one without fine-tuning, where it is not
    named base."""
    targets: list[str] = field(default_factory=list)
    """kind=table, lm_eval, inspect: only these targets; of a wide table these columns. None is all. kind=lm_eval: a
    group's name makes one column of its tasks."""
    metric: Any = None  # a str, a dict[str, str] or None; see units
    """kind=table: the metric, or the column of scores, of which the table has several. kind=lm_eval: the metric;
    kind=inspect: the scorer, or scorer/score where it gives several; for all tasks that have it, or {task: metric}."""
    filter: Any = None  # a str, a dict[str, str] or None; see units
    """kind=lm_eval: the filter, such as flexible-extract; kind=inspect: the reducer of several epochs; for all tasks
    that have it, or {task: filter}."""
    sources: Any = None  # a dict[str, str] or None; see units
    """kind=lm_eval, inspect: {model: source}, what models were trained on; several of one source are its seeds."""
    coverage: float = at_least(0, 0.9, below=1.000001)
    """kind=lm_eval, inspect: the share of a task's samples that a model needs to be compared on it; the others are
    compared on the samples that all of them have."""
    lower: list[str] = field(default_factory=list)
    """kind=table, lm_eval, inspect: targets or metrics of which less is better, such as [perplexity]; lm-eval's logs
    say so themselves."""
    units: Any = None  # a dict[str, str] or None; OmegaConf lets a command line add no keys to a typed one
    """kind=table, lm_eval, inspect: {target or metric: fraction, percent or number}, where the range of its scores does
    not show it."""
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


@dataclass
class Page:
    """report.html, the page that shows an analysis; docs/report.md."""

    html: bool = True
    """Write report.html into the folder of tables and figures."""
    texts: bool = True
    """With prompts and answers; false for data that may not be passed on. To W&B goes what tracking.texts allows as
    well."""
    compare: str | None = None
    """The results folder of another analysis: what changed since, and which cells only one of them has."""


@dataclass
class Gate:
    """What a pipeline asks of every source; docs/analysis.md says which exit status answers what."""

    kept: float | None = at_least(0.01, None, below=1.000001)
    """Least share of base's ability, its score above one that takes none, that each source must keep on targets other
    than its own, e.g. 0.95; null asks nothing."""
