"""The schema of the configuration, as dataclasses: an unknown key or a value of the wrong type is an error.

The YAML files in ``conf/`` hold the values.
"""

from crosstask.config.adapter import AdapterMethod, Initialization, Lora
from crosstask.config.analysis import FigureFormat, Runs, RunsKind
from crosstask.config.inputs import Data, DataKind, Model, Precision, Quantization
from crosstask.config.job import (
    BASE,
    Tracking,
    TrackingMode,
    TrainConfig,
    source_name,
    sources,
    title,
)
from crosstask.config.learned import learned_from
from crosstask.config.parsing import check_roles, parse
from crosstask.config.scoring import Generation, Scoring
from crosstask.config.status import StatusConfig
from crosstask.config.task import AnswerExtraction, DataSet, Decision, Role, Task
from crosstask.config.training import Loss, Optimizer, Strategy, Trainer

__all__ = [
    "BASE",
    "AdapterMethod",
    "AnswerExtraction",
    "Data",
    "DataKind",
    "DataSet",
    "Decision",
    "FigureFormat",
    "Generation",
    "Initialization",
    "Lora",
    "Loss",
    "Model",
    "Optimizer",
    "Precision",
    "Quantization",
    "Role",
    "Runs",
    "RunsKind",
    "Scoring",
    "StatusConfig",
    "Strategy",
    "Task",
    "Tracking",
    "TrackingMode",
    "TrainConfig",
    "Trainer",
    "check_roles",
    "learned_from",
    "parse",
    "source_name",
    "sources",
    "title",
]
