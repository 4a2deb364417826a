"""The settings of a job, checked as far as that takes no model: torch is imported only once they are good."""

from collections.abc import Mapping
from typing import Any

from omegaconf import DictConfig

from crosstask.config.asked import check_prompts
from crosstask.config.inputs import DataKind
from crosstask.config.job import TrainConfig, sources
from crosstask.config.literal_text import deactivated
from crosstask.config.parsing import parse, refuse_mistakes
from crosstask.config.places import check_place
from crosstask.data.split_files import split_files
from crosstask.errors import UserError
from crosstask.evaluation.scorers.registry import target_mistakes


def check_tasks(tasks: Mapping[str, Mapping[str, Any]]) -> None:
    """Refuse mistakes in tasks, given by role and name, all at once, as `checked_job` does."""
    refuse_mistakes({role: deactivated(dict(named)) for role, named in tasks.items()}, target_mistakes)


def checked_job(cfg: DictConfig, trains: bool) -> TrainConfig:
    """Return a job's settings from its composed config; ``trains`` tells whether it may train.

    Raises
    ------
    UserError
        For a value that is missing or makes no sense, a task with mistakes, which come all at once, and a file or
        folder that is not there.
    """
    job = parse(cfg, TrainConfig, target_mistakes)
    if job.rescore and trains:
        raise UserError("rescore=true is for evaluate.py: it scores stored outputs again and trains nothing")
    for key, value in (("model.path", job.model.path), ("store", job.store), ("encoder", job.encoder)):
        check_place(key, value)
    check_prompts(job)
    if job.data.kind is DataKind.local:
        check_place("data.root", job.data.root)
        for split, tasks in (("train", sources(job)), ("test", job.target)):
            for task in tasks.values():
                split_files(task.dataset.name, job.data.root, split)
    return job
