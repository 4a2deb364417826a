"""Jobs of a sweep whose results are stale, since an input is not what it was when the sweep was planned."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from crosstask.errors import NotApplicable, UserError
from crosstask.jobs.row import BASE_MODEL
from crosstask.sweeps.job_folder import JobState, Status
from crosstask.sweeps.sweep_folder import Plan, PlannedJob

Inputs = dict[str, Any]
"""Fingerprints of the inputs of a job."""


def stale(plan: Plan, jobs: Sequence[JobState], present: Callable[[PlannedJob], Inputs]) -> list[str]:
    """Return lines about the jobs whose adapters or cells do not belong to the present inputs.

    Parameters
    ----------
    plan
        The plan of a sweep.
    jobs
        The state of its jobs, in the order of the plan.
    present
        Returns the inputs of a job as they are now: configuration, task files, rows and the base model's files.
        Raises UserError where one cannot be read: then it is not known whether the job is stale.

    Returns
    -------
    list of str
        A heading, then for each input that changed the jobs it concerns; the same of what cannot be read; empty where
        nothing is stale.
    """
    affected: dict[str, list[str]] = defaultdict(list)
    unknown: dict[str, list[str]] = defaultdict(list)
    done = [(job, state.status) for job, state in zip(plan.jobs, jobs, strict=True) if state.status.good]
    for job, status in done:
        try:
            found = changed(job.inputs, present(job))
        except UserError as error:
            if not (isinstance(error, NotApplicable) and status is Status.inapplicable):  # it is as it was
                unknown[str(error)].append(job.name)
        else:
            for what in found:
                affected[what].append(job.name)
    return [
        *_listed("stale, because an input is not what it was; the same command computes anew:", affected, len(done)),
        *_listed("not known whether stale, because an input cannot be read now:", unknown, len(done)),
    ]


def _listed(heading: str, affected: dict[str, list[str]], done: int) -> list[str]:
    """Return a heading and a line for each cause with the jobs it concerns; nothing without any."""
    lines = [f"  {what}: {'all' if len(names) == done else ', '.join(names)}" for what, names in affected.items()]
    return [heading, *lines] if lines else []


def changed(planned: Inputs | None, present: Inputs) -> list[str]:
    """Return which inputs are not what they were when the job was planned; none where they could not be read then."""
    before, after = _flat(planned or {}), _flat(present)
    names = [name for name in before if before[name] != after.get(name)]
    return [BASE_MODEL] if BASE_MODEL in names else names  # everything else depends on it


def _flat(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return inputs with the keys of a group of settings one by one."""
    flat: dict[str, Any] = {}
    for name, value in inputs.items():
        flat |= {f"{name}.{key}": part for key, part in value.items()} if isinstance(value, dict) else {name: value}
    return flat
