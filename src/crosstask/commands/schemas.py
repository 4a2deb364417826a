"""The config of each entry script."""

from crosstask.commands.sections import AnalyzeConfig
from crosstask.config.job import TrainConfig
from crosstask.config.status import StatusConfig

SCHEMAS: dict[str, type] = {"train": TrainConfig, "analyze": AnalyzeConfig, "status": StatusConfig}
"""By script; evaluate.py has that of train.py."""
