"""The plan of a sweep: its jobs, longest remaining work first."""

from collections.abc import Callable, Sequence

from omegaconf import DictConfig

from crosstask.config.job import title
from crosstask.config.licenses import licenses
from crosstask.config.parsing import parse_job
from crosstask.errors import UserError
from crosstask.jobs import cost
from crosstask.jobs.checked import check_judge
from crosstask.jobs.row_of_job import possible_rows
from crosstask.sweeps.sweep_folder import PlannedJob

Compose = Callable[[Sequence[str]], DictConfig]
"""Makes a job's whole config from its overrides."""


def planned_jobs(compose: Compose, jobs: Sequence[Sequence[str]], trains: bool, here: bool = True) -> list[PlannedJob]:
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
    here
        Whether jobs run in the environment of this process.

    Raises
    ------
    UserError
        If it is not said who judges a target that needs a judge: what is computed until then would wait for it.
    """
    planned = [planned_job(compose(overrides), overrides, trains, here) for overrides in jobs]
    return sorted(planned, key=lambda job: job.work, reverse=True)


def planned_job(cfg: DictConfig, overrides: Sequence[str], trains: bool, here: bool = True) -> PlannedJob:
    """Return one job; another error in its config or data is left to the job itself, which reports it when it runs."""
    name, used = title(cfg), dict[str, str]()
    try:
        job = parse_job(cfg)
    except UserError:
        return PlannedJob(name, list(overrides), 0.0, licenses=used)
    check_judge(job, with_key=here)
    try:
        used = licenses(job)
        rows = possible_rows(job)
        return PlannedJob(name, list(overrides), cost.work(job, rows, trains), rows[0].inputs(), used)
    except UserError:
        return PlannedJob(name, list(overrides), 0.0, licenses=used)
