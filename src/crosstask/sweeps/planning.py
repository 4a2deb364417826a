"""The plan of a sweep: its jobs, longest remaining work first, and the rate at which earlier jobs were computed."""

import logging
import statistics
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from omegaconf import DictConfig

from crosstask.config.job import title
from crosstask.config.licenses import licenses
from crosstask.config.parsing import parse_job
from crosstask.errors import UserError
from crosstask.jobs import cost
from crosstask.jobs.row_of_job import possible_rows
from crosstask.storage.json_files import read_json
from crosstask.sweeps.job_folder import ENDED, Status
from crosstask.sweeps.sweep_folder import PlannedJob

log = logging.getLogger(__name__)
Compose = Callable[[Sequence[str]], DictConfig]
"""Makes a job's whole config from its overrides."""

EARLIER_JOBS = 200
"""Number of the most recent jobs that rates are estimated from."""
RATE = ("seconds", "work")
"""What an outcome has of it."""


def planned_jobs(compose: Compose, jobs: Sequence[Sequence[str]], trains: bool) -> list[PlannedJob]:
    """Return the jobs of a sweep, longest remaining work first, and otherwise in the order given.

    So no worker starts the longest job when the others have nothing left to do.

    Parameters
    ----------
    compose
        Makes a job's whole config from its overrides.
    jobs
        The overrides of each job.
    trains
        Whether a job may train.
    """
    planned = [planned_job(compose(overrides), overrides, trains) for overrides in jobs]
    return sorted(planned, key=lambda job: job.work, reverse=True)


def planned_job(cfg: DictConfig, overrides: Sequence[str], trains: bool) -> PlannedJob:
    """Return one job; an error in its config or its data is left to the job itself, which reports it when it runs."""
    name, used = title(cfg), dict[str, str]()
    try:
        job = parse_job(cfg)
        used = licenses(job)
        rows = possible_rows(job)
        return PlannedJob(name, list(overrides), cost.work(job, rows, trains), rows[0].inputs(), used)
    except UserError:
        return PlannedJob(name, list(overrides), 0.0, licenses=used)


def rate(logs: Path, model: str | None) -> float | None:
    """Return the median seconds per character of earlier jobs on a base model; None if there were none."""
    ends = sorted(logs.glob(f"*/*/{ENDED}"), key=lambda path: path.stat().st_mtime)[-EARLIER_JOBS:]
    jobs = [job for job in map(_outcome, ends) if job.get("status") == Status.done and job.get("model") == model]
    rates = [job["seconds"] / job["work"] for job in jobs if all(_is_positive(job.get(key)) for key in RATE)]
    return statistics.median(rates) if rates else None


def _is_positive(value: Any) -> bool:
    """Tell whether a file that somebody else may have changed has a number above 0."""
    return isinstance(value, int | float) and value > 0


def _outcome(path: Path) -> dict[str, Any]:
    """Return the outcome of an earlier job; empty where its file is damaged, which is no reason to plan nothing."""
    try:
        content = read_json(path)
    except UserError as error:
        log.warning("%s", error)
        return {}
    return content if isinstance(content, dict) else {}
