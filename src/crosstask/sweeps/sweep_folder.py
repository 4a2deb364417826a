"""The files of a sweep: its plan, and a folder for each job, which any process and any machine can read.

::

    sweep.json      the plan: every job in its order, written before the first starts
    lock            held as long as the process of the sweep is alive
    <number>/       one job, see :mod:`crosstask.sweeps.job_folder`
"""

import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from crosstask.errors import UserError
from crosstask.storage import locks
from crosstask.storage.json_files import Damaged, NotARecord, NotThere, read_json
from crosstask.storage.schema import KEY, checked, known_fields
from crosstask.sweeps.job_folder import LOCK, JobFolder, JobState, Status, write_json

PLAN = "sweep.json"


@dataclass(frozen=True)
class PlannedJob:
    """One job of a plan."""

    name: str
    overrides: list[str]
    work: float
    """Characters through the model, see :mod:`crosstask.jobs.cost`; 0 if nothing is missing."""
    inputs: dict[str, Any] | None = None
    """Fingerprints of the inputs of the job; None where they could not be read."""
    licenses: dict[str, str] = field(default_factory=dict)
    """License of each data set that the job uses; none where its config is wrong."""


@dataclass(frozen=True)
class Plan:
    """The jobs of a sweep."""

    SCHEMA: ClassVar[int] = 1

    command: str
    script: str
    """``train`` or ``evaluate``."""
    model: str | None
    """Name of the base model, by which earlier jobs are found."""
    jobs: list[PlannedJob]
    seconds: float | None = None
    """Estimated time of all jobs one after the other, from earlier jobs on the same model; None without such jobs."""
    started: float = field(default_factory=time.time)

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "Plan":
        """Return what was written; errors are those of `crosstask.storage.records.RunRecord.from_json`."""
        known = known_fields(cls, content)
        if isinstance(jobs := known.get("jobs"), list):
            known["jobs"] = [checked(PlannedJob, job if isinstance(job, Mapping) else {}) for job in jobs]
        return checked(cls, known)


class SweepFolder:
    """The folder of a sweep."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, plan: Plan) -> None:
        """Write the plan."""
        self.path.mkdir(parents=True, exist_ok=True)
        write_json(self.path / PLAN, {**asdict(plan), KEY: plan.SCHEMA})
        self.__dict__.pop("plan", None)

    @cached_property
    def plan(self) -> Plan:
        """The plan.

        Raises
        ------
        UserError
            If the file is damaged, or of a newer version.
        """
        path = self.path / PLAN
        try:
            return Plan.from_json(read_json(path))
        except Damaged as error:
            raise UserError(f"{error.fault}; sweep=NAME shows another") from error
        except NotARecord as error:
            raise UserError(f"{path}: no plan of a sweep: {error}; sweep=NAME shows another") from error
        except NotThere:
            raise
        except UserError as error:
            raise UserError(f"{path}: {error}; sweep=NAME shows another") from error

    def planned(self) -> bool:
        """Return whether the plan is written."""
        return (self.path / PLAN).exists()

    def alive(self) -> AbstractContextManager[None]:
        """Hold the sweep's lock for the time of a block, by which others see that its process is alive."""
        return locks.held(self.path / LOCK)

    def is_alive(self) -> bool:
        """Return whether the process of the sweep is alive."""
        return locks.is_held(self.path / LOCK)

    def job(self, number: int) -> JobFolder:
        """Return the folder of one job."""
        return JobFolder(self.path / str(number))

    def jobs(self) -> list[JobState]:
        """Return the state of every job, in the order of the plan."""
        alive = self.is_alive()
        return [self.job(number).state(job.name, number, alive) for number, job in enumerate(self.plan.jobs)]

    def any_failed(self) -> bool:
        """Return whether a job has failed."""
        ended = (self.job(number).ended() for number in range(len(self.plan.jobs)))
        return any(end is not None and end["status"] == Status.failed for end in ended)

    def share(self, jobs: list[JobState]) -> float:
        """Return the share of the work that is done, 0 to 1; all jobs count equally in a sweep without any work."""
        works = [job.work for job in self.plan.jobs]
        works = works if any(works) else [1.0] * len(works)
        return sum(work * job.share for work, job in zip(works, jobs, strict=True)) / sum(works)


def latest(logs: Path, name: str | None = None) -> SweepFolder:
    """Return the most recent sweep in a folder of logs, or the one with this name.

    Raises
    ------
    UserError
        If there is none.
    """
    plans = {path.parent.name: path for path in logs.glob(f"*/{PLAN}")}
    if name is not None and name not in plans:
        raise UserError(f"sweep={name}: no such sweep in {logs}; there are {', '.join(sorted(plans)) or 'none'}")
    if not plans:
        raise UserError(f"store={logs.parent}: no sweep in {logs}; python train.py -m 'source=glob(*)' makes one")
    path = plans[name] if name is not None else max(plans.values(), key=lambda path: path.stat().st_mtime)
    return SweepFolder(path.parent)
