"""The settings of a job, checked as far as that takes no model: torch is imported only once they are good."""

from omegaconf import DictConfig

from crosstask.config.inputs import DataKind
from crosstask.config.job import TrainConfig, sources
from crosstask.config.parsing import parse
from crosstask.config.places import check_place
from crosstask.data.rows import split_file
from crosstask.evaluation.scorers.registry import target_mistakes


def checked_job(cfg: DictConfig) -> TrainConfig:
    """Return a job's settings from its composed config.

    Raises
    ------
    UserError
        For a value that is missing or makes no sense, a task with mistakes, which come all at once, and a file or
        folder that is not there.
    """
    job = parse(cfg, TrainConfig, target_mistakes)
    for key, value in (("model.path", job.model.path), ("store", job.store), ("encoder", job.encoder)):
        check_place(key, value)
    if job.data.kind is DataKind.local:
        check_place("data.root", job.data.root)
        for split, tasks in (("train", sources(job)), ("test", job.target)):
            for task in tasks.values():
                split_file(task.dataset.name, job.data.root, split)
    return job
