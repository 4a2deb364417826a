"""Every knob, as dataclasses: an unknown key or a value of the wrong type is an error.

The YAML files in ``conf/`` hold the values; this module holds the law.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import PurePath
from typing import TypeVar, cast

from omegaconf import MISSING, DictConfig, OmegaConf

from crosstask.errors import UserError

BASE = "base"
"""The source that stands for the model without fine-tuning."""


class Role(StrEnum):
    """What a task can be used for."""

    source = "source"
    target = "target"


class Metric(StrEnum):
    """The main metric of a target; its value is a fraction between 0 and 1."""

    accuracy = "accuracy"
    exact_match = "exact_match"
    chrf = "chrf"


class DataKind(StrEnum):
    """Where rows come from."""

    miniature = "miniature"
    hub = "hub"
    local = "local"


class Loss(StrEnum):
    """Which tokens of a training sequence are supervised."""

    completion = "completion"
    sequence = "sequence"


class Precision(StrEnum):
    """Arithmetic of the base model: ``auto`` is bfloat16 where the device has it, else float32."""

    auto = "auto"
    float32 = "float32"
    bfloat16 = "bfloat16"


class TrackingMode(StrEnum):
    """How runs reach W&B."""

    offline = "offline"
    online = "online"
    disabled = "disabled"


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
class DataSet:
    """Where the rows of a task are found."""

    name: str = MISSING
    """Folder under ``data.root``, and the name of the miniature's generator."""
    hub: str | None = None
    """Data set id on the Hugging Face Hub."""
    config: str | None = None
    """Configuration of the data set on the Hub."""
    revision: str | None = None
    """Commit, tag or branch on the Hub; null is the newest."""
    train_split: str = "train"
    """Split on the Hub that training rows come from."""
    test_split: str = "test"
    """Split on the Hub that test rows come from; if equal to train_split, a tenth of it is held out."""


@dataclass
class Extraction:
    """How an answer is found in generated text: regular expressions with one group, the last match counts."""

    strict: str = MISSING
    lenient: str = MISSING
    number: bool = False
    """Compare as numbers: "1,024", "1024" and "1024.0" are the same answer."""


@dataclass
class Task:
    """A data set with its prompt and its metric; one file in ``conf/task``."""

    dataset: DataSet = field(default_factory=DataSet)
    prompt: str = MISSING
    """Jinja template over the columns of a row; what the model is given."""
    answer: str = MISSING
    """Jinja template over the columns of a row; what the model should say."""
    roles: list[Role] = field(default_factory=lambda: [Role.source, Role.target])
    home: str | None = None
    """The target that this source belongs to; null is the target of its own name."""
    ability: str | None = None
    """The ability that the task is thought to need, e.g. arithmetic; no analysis presupposes it."""
    metric: Metric | None = None
    """Needed by a target."""
    labels: list[str] = field(default_factory=list)
    """Closed tasks: every answer there is. Empty for open tasks."""
    extraction: Extraction | None = None
    """Open tasks scored by exact match: how the answer is found in the output."""
    max_new_tokens: int = 256
    """Open tasks: the longest output, in tokens; ``scoring.max_new_tokens`` can lower it."""


@dataclass
class Model:
    """The base model, and how it is held in memory."""

    name: str | None = None
    """How tables and runs call the model; null is the last part of its path."""
    path: str = MISSING
    """``miniature``, a folder with a model, or an id on the Hub."""
    revision: str | None = None
    """Commit, tag or branch on the Hub; null is the newest."""
    precision: Precision = Precision.auto


@dataclass
class Data:
    """Where rows come from and how many are used."""

    name: str = MISSING
    """How tables and runs call the data."""
    kind: DataKind = MISSING
    root: str | None = None
    """kind=local: the folder with <data set>/{train,test}.jsonl."""
    train_rows: int = 1000
    """Rows of each source that are trained on; 0 is all."""
    test_rows: int = 200
    """Rows of each target that are scored; 0 is all."""
    seed: int = 0
    """Which rows are drawn; independent of the run's seed."""


@dataclass
class Lora:
    """The adapter: low-rank updates of the named projections."""

    rank: int = 8
    alpha: float = 16
    """Updates are scaled by alpha / rank."""
    dropout: float = 0.0
    target_modules: list[str] = field(
        default_factory=lambda: ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
    )
    """Names of the layers that get an adapter; [all-linear] is every linear layer but the output."""


@dataclass
class Optimizer:
    """AdamW with a cosine schedule."""

    learning_rate: float = 2e-3
    """At the end of the warm-up."""
    warmup_steps: int = 10
    """Optimizer steps of linear warm-up; at most half of all steps."""
    weight_decay: float = 0.0
    clip: float = 1.0
    """Largest norm of the gradient; 0 is no clipping."""


@dataclass
class Trainer:
    """How long and in which portions an adapter is trained."""

    max_epochs: int = 1
    max_steps: int = -1
    """Optimizer steps; -1 is no limit but max_epochs."""
    batch_size: int = 16
    """Sequences in one forward pass."""
    accumulate: int = 1
    """Forward passes in one optimizer step."""
    max_length: int = 2048
    """Longest training sequence, in tokens; a shorter context of the model has precedence."""
    loss: Loss = Loss.completion
    checkpoint_steps: int = 100
    """Optimizer steps between checkpoints."""
    accelerator: str = "auto"
    """Lightning's name of the device: auto, cpu, gpu, mps."""


@dataclass
class Scoring:
    """How targets are scored."""

    batch_size: int = 64
    """Sequences in one forward pass."""
    max_new_tokens: int | None = None
    """Longest output of every open target, in tokens; null leaves it to the target."""


@dataclass
class Tracking:
    """Weights & Biases."""

    mode: TrackingMode = TrackingMode.offline
    project: str = "crosstask"
    entity: str | None = None
    group: str | None = None
    """Name of the sweep; null names it after the model, the data and the training settings."""
    tags: list[str] = field(default_factory=list)


@dataclass
class TrainConfig:
    """One job: fine-tune an adapter on the sources, score it on the targets."""

    source: dict[str, Task | None] = field(default_factory=dict)
    target: dict[str, Task] = field(default_factory=dict)
    seed: int = 0
    """Initial adapter weights and order of the training rows."""
    model: Model = field(default_factory=Model)
    data: Data = field(default_factory=Data)
    lora: Lora = field(default_factory=Lora)
    optimizer: Optimizer = field(default_factory=Optimizer)
    trainer: Trainer = field(default_factory=Trainer)
    scoring: Scoring = field(default_factory=Scoring)
    tracking: Tracking = field(default_factory=Tracking)
    store: str = "runs"
    """Folder of adapters, answers, run records and logs."""


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
    output: str = "results"
    """Folder of tables and figures."""


T = TypeVar("T", TrainConfig, AnalyzeConfig)


def parse(cfg: DictConfig, schema: type[T]) -> T:
    """Turn a composed config into its dataclass; keys that the schema lacks are refused.

    Raises
    ------
    UserError
        For a missing value or a combination that makes no sense.
    """
    strict = OmegaConf.merge(OmegaConf.structured(schema), OmegaConf.to_container(cfg))
    missing = sorted(OmegaConf.missing_keys(cfg) | OmegaConf.missing_keys(strict))
    if missing:
        raise UserError(f"{_where(missing[0])} has no value")
    parsed = cast(T, OmegaConf.to_object(strict))
    if isinstance(parsed, TrainConfig):
        check_roles(parsed)
        parsed.model.name = parsed.model.name or PurePath(parsed.model.path).name
    elif parsed.runs.kind is RunsKind.table and parsed.runs.path is None:
        raise UserError("runs.path has no value; runs=table reads a CSV file with the columns source,target,score")
    return parsed


def _where(key: str) -> str:
    """Return how a user would call a key: a task's keys are those of its file."""
    group, _, rest = key.partition(".")
    if group in tuple(Role) and "." in rest:
        task, _, field_name = rest.partition(".")
        return f"conf/task/{task}.yaml: the field {field_name!r}"
    return key


def check_roles(config: TrainConfig) -> None:
    """Refuse sources and targets that cannot be what they are asked to be."""
    if not config.source:
        raise UserError("source=[] names nothing to train on; source=base is the model without fine-tuning")
    if BASE in config.source and len(config.source) > 1:
        others = [name for name in config.source if name != BASE]
        raise UserError(f"source=base means no fine-tuning and cannot be mixed with {', '.join(others)}")
    for name, task in config.target.items():
        file = f"conf/task/{name}.yaml"
        if task.metric is None:
            raise UserError(f"{file}: the field 'metric' has no value; a target needs one of {', '.join(Metric)}")
        if task.metric is Metric.accuracy and len(set(task.labels)) < 2:
            raise UserError(f"{file}: metric accuracy needs at least two different labels, got {task.labels}")
        if task.metric is not Metric.accuracy and task.labels:
            raise UserError(f"{file}: metric {task.metric} is for open tasks, which have no labels")
        if task.metric is Metric.exact_match and task.extraction is None:
            raise UserError(f"{file}: the field 'extraction' has no value; metric exact_match needs it")
    if config.data.kind is DataKind.local and config.data.root is None:
        raise UserError("data.root has no value; data=local reads data.root/<data set>/{train,test}.jsonl")


def sources(config: TrainConfig) -> dict[str, Task]:
    """Return the tasks that are trained on by name, sorted; empty for the base model."""
    return {name: task for name, task in sorted(config.source.items()) if task is not None}


def source_name(config: TrainConfig) -> str:
    """Return the name of the row: the sources joined by ``+``, or ``base``."""
    return "+".join(sources(config)) or BASE
