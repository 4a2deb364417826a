"""The settings of a job, checked as far as that takes no model: torch is imported only once they are good."""

from collections.abc import Mapping
from typing import Any

from omegaconf import DictConfig

from crosstask.config.asked import check_prompts
from crosstask.config.inputs import DataKind
from crosstask.config.job import TrainConfig, sources
from crosstask.config.known_sources import known_sources
from crosstask.config.literal_text import deactivated
from crosstask.config.parsing import parse, refuse_mistakes
from crosstask.config.places import check_place
from crosstask.config.suites import suite_files
from crosstask.config.task_files import task_files
from crosstask.data.generated import is_generated
from crosstask.data.split_files import split_files
from crosstask.errors import UserError
from crosstask.evaluation.scorers.registry import SCORERS, check_machine, target_mistakes
from crosstask.judging.api_key import api_key


def check_tasks(tasks: Mapping[str, Mapping[str, Any]]) -> None:
    """Refuse mistakes in tasks, given by role and name, all at once, as `checked_job` does."""
    refuse_mistakes({role: deactivated(dict(named)) for role, named in tasks.items()}, target_mistakes)


def check_generated(data_sets: Mapping[str, str]) -> None:
    """Refuse tasks for whose data set, by the task's name, the miniature has no generator.

    Raises
    ------
    UserError
        Naming all of them, and what does without.
    """
    lacking = {name: data_set for name, data_set in data_sets.items() if not is_generated(data_set)}
    if not lacking:
        return
    known = {name: str((content.get("dataset") or {}).get("name")) for name, content in task_files().items()}
    suites = [
        f"suite={name}"
        for name, suite in suite_files().items()
        if all(is_generated(known.get(task, task)) for task in suite.tasks)
    ]
    raise UserError(
        f"task {', '.join(lacking)}: data=miniature has no generator for the data set"
        f" {', '.join(dict.fromkeys(lacking.values()))}; data=hub or data=local can have it, and the miniature has all"
        f" that {' and '.join(suites) or 'its own suite'} need"
    )


def check_judge(job: TrainConfig, with_key: bool = True) -> None:
    """Refuse a job with targets that need a judge, where it is not said who that is; nobody is asked anything.

    Where stored outputs are scored again, nobody may have to be asked, so only who the judge is must be known.

    Parameters
    ----------
    job
        Its settings.
    with_key
        Whether the key must be in the environment of this process.

    Raises
    ------
    UserError
        Naming the setting that has no value, or the environment variable.
    """
    if job.preview:  # which scores nothing and asks nobody
        return
    scorers = {name: SCORERS.get(str(task.metric)) for name, task in job.target.items()}
    judged = [name for name, scorer in scorers.items() if scorer is not None and scorer.needs_judge]
    if not judged:
        return
    for key in ("model",) if job.rescore else ("base_url", "model"):
        if getattr(job.judge, key) is None:
            raise UserError(
                f"judge.{key} has no value; target {', '.join(judged)} is scored by a judge, which judge.base_url and"
                " judge.model name"
            )
    if with_key and not job.rescore:
        api_key(job.judge)


def checked_job(cfg: DictConfig, trains: bool) -> TrainConfig:
    """Return a job's settings from its composed config; ``trains`` tells whether it may train.

    Raises
    ------
    UserError
        For a value that is missing or makes no sense, a task with mistakes, which come all at once, a file or folder
        that is not there, and a target that this machine cannot score.
    """
    job = parse(cfg, TrainConfig, target_mistakes)
    if job.rescore and trains:
        raise UserError("rescore=true is for evaluate.py: it scores stored outputs again and trains nothing")
    if job.adapter.path is not None and trains:
        raise UserError(
            f"adapter.path={job.adapter.path}: made elsewhere, so there is nothing to train; evaluate.py scores it"
        )
    places = {
        "model.path": job.model.path,
        "adapter.path": job.adapter.path,
        "store": job.store,
        "encoder": job.encoder,
    }
    for key, value in places.items():
        check_place(key, value)
    if job.data.kind is DataKind.miniature:
        read = sources(job) | known_sources(job.adapter) | job.target
        check_generated({name: task.dataset.name for name, task in read.items()})
    check_prompts(job)
    if job.data.kind is DataKind.local:
        check_place("data.root", job.data.root)
        for split, tasks in (("train", sources(job) | known_sources(job.adapter)), ("test", job.target)):
            for task in tasks.values():
                split_files(task.dataset.name, job.data.root, split)
    check_judge(job)
    if not job.preview:
        check_machine(job.target)
    return job
