"""The plan of a sweep: its jobs, the longest first."""

import statistics
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, open_dict

from crosstask import config as configs
from crosstask.errors import UserError
from crosstask.jobs import cost
from crosstask.storage.store import read_json
from crosstask.sweeps.job_folder import ENDED, Status
from crosstask.sweeps.sweep_folder import PlannedJob

Compose = Callable[[Sequence[str]], DictConfig]
"""Makes a job's whole config from its overrides."""

EARLIER_JOBS = 200
"""Rates are those of so many of the most recent jobs."""


def planned_jobs(compose: Compose, jobs: Sequence[Sequence[str]], trains: bool) -> list[PlannedJob]:
    """Return the jobs of a sweep, those with most work first, and otherwise in the order given.

    So that no worker begins the longest job when the others have nothing left to do.
    """
    planned = [_planned(compose(overrides), list(overrides), trains) for overrides in jobs]
    return sorted(planned, key=lambda job: job.work, reverse=True)


def _planned(cfg: DictConfig, overrides: list[str], trains: bool) -> PlannedJob:
    """Return one job; what is wrong with it, it shall say itself when it runs."""
    name = configs.title(cfg)
    try:
        job = parsed(cfg)
        rows = cost.rows(job)
        return PlannedJob(name, overrides, cost.work(job, rows, trains), cost.inputs(rows[0]))
    except UserError:
        return PlannedJob(name, overrides, 0.0)


def rate(logs: Path, model: str | None) -> float | None:
    """Return the seconds that a character took in earlier jobs on a base model; None if there were none."""
    ends = sorted(logs.glob(f"*/*/{ENDED}"), key=lambda path: path.stat().st_mtime)[-EARLIER_JOBS:]
    jobs = [job for job in map(read_json, ends) if job["status"] == Status.done and job.get("model") == model]
    rates = [job["seconds"] / job["work"] for job in jobs if job.get("work")]
    return statistics.median(rates) if rates else None


def parsed(cfg: DictConfig) -> configs.TrainConfig:
    """Return a job's settings from its whole config, in which Hydra's own still are."""
    with open_dict(cfg):
        cfg.pop("hydra", None)
    return configs.parse(cfg, configs.TrainConfig)


def changed(job: PlannedJob, compose: Compose) -> list[str]:
    """Return which inputs of a job are not what they were when it was planned; all that it has if they are not there.

    A changed input makes other adapters or cells, so that what the job made then does not stand for it any more.
    """
    now = _planned(compose(job.overrides), job.overrides, trains=False).inputs
    before, after = _flat(job.inputs or {}), _flat(now or {})
    names = [name for name in before if before[name] != after.get(name)]
    return [cost.BASE_MODEL] if cost.BASE_MODEL in names else names  # all else follows from it


def _flat(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return inputs with those of a group of settings one by one."""
    flat: dict[str, Any] = {}
    for name, value in inputs.items():
        flat |= {f"{name}.{key}": part for key, part in value.items()} if isinstance(value, dict) else {name: value}
    return flat
