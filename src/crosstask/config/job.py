"""One job: fine-tune an adapter on the sources, score it on the targets."""

from dataclasses import dataclass, field
from enum import StrEnum

from omegaconf import DictConfig

from crosstask.config.adapter import Lora
from crosstask.config.inputs import Data, Model
from crosstask.config.scoring import Scoring
from crosstask.config.task import Task
from crosstask.config.training import Optimizer, Trainer
from crosstask.limits import at_least

BASE = "base"
"""The source that stands for the model without fine-tuning."""


class TrackingMode(StrEnum):
    """How runs reach W&B."""

    offline = "offline"
    online = "online"
    disabled = "disabled"


@dataclass
class Tracking:
    """Weights & Biases."""

    mode: TrackingMode = TrackingMode.offline
    project: str = "crosstask"
    entity: str | None = None
    group: str | None = None
    """Name of the sweep; null names it after the model, the data and the training settings."""
    tags: list[str] = field(default_factory=list)
    init_timeout: float = at_least(1.0, default=20.0)
    """Seconds to wait for the server at the start of a run; then the run is kept offline."""
    finish_timeout: float = at_least(1.0, default=300.0)
    """Seconds to wait at the end of a run until everything is sent; then the run is kept offline."""


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
    encoder: str | None = None
    """A sentence-transformers model, a folder or an id on the Hub, that data sets are compared by besides the base
    model; changes no adapter and no score."""
    fail_fast: bool = False
    """A sweep begins no more jobs once one has failed; those that run go on to their end."""
    own_gpu: bool = False
    """Every process takes a GPU that no other process with this setting has, and waits for one if need be."""
    rescore: bool = False
    """``evaluate.py`` only: judge the stored outputs again, without a model."""
    store: str = "runs"
    """Folder of adapters, answers, run records and logs."""


def sources(config: TrainConfig) -> dict[str, Task]:
    """Return the tasks that are trained on by name, sorted; empty for the base model."""
    return {name: task for name, task in sorted(config.source.items()) if task is not None}


def source_name(config: TrainConfig) -> str:
    """Return the name of the row: the sources joined by ``+``, or ``base``."""
    return "+".join(sources(config)) or BASE


def title(cfg: DictConfig) -> str:
    """Return what a job is called in the terminal and in tables, from its composed config, right or wrong."""
    names = "+".join(sorted(map(str, cfg.source)))
    return names if names == BASE else f"{names} seed={cfg.seed}"
