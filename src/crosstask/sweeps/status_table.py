"""A sweep as text: its plan, its state at any time, and its summary at the end."""

import time
from collections import Counter

from crosstask.config.licenses import by_license
from crosstask.errors import printable
from crosstask.sweeps.job_folder import JobState, Status
from crosstask.sweeps.sweep_folder import Plan, SweepFolder


def announcement(plan: Plan) -> str:
    """Return the line that is printed before the first job: number of jobs and estimated time."""
    work = sum(job.work for job in plan.jobs)
    if not work:
        return f"{len(plan.jobs)} jobs, nothing to compute"
    estimate = "no earlier job to estimate the time from"
    if plan.seconds is not None:
        estimate = f"about {duration(plan.seconds)} of computing, estimated from earlier jobs"
    return f"{len(plan.jobs)} jobs, the longest first; {estimate}"


def summary(folder: SweepFolder) -> str:
    """Return the table at the end of a sweep: counts, then each job that is not done with its reason and its log, then
    the licenses of the data sets.
    """
    jobs = folder.jobs()
    lines = [f"{counts(jobs)} (logs in {folder.path})"]
    for job in jobs:
        if not job.status.good:
            lines += [f"  {job.status}: {job.name}: {job.note}", f"    log: {job.log}"]
    used = by_license(job.licenses for job in folder.plan.jobs)
    lines += ["licenses of the data sets, as their pages state them:", *(f"  {line}" for line in used)] if used else []
    return "\n".join(map(printable, lines))


def overview(folder: SweepFolder, jobs: list[JobState]) -> str:
    """Return the table at any time: the state of every job, and the time that is left."""
    total, width = len(jobs), max(len(job.name) for job in jobs)
    running = any(job.status in (Status.running, Status.waiting) for job in jobs)
    started = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(folder.plan.started))
    lines = [f"{folder.plan.command}", f"started {started}, {'running' if running else 'ended'} ({folder.path})"]
    lines.append(f"{counts(jobs)}{_time_left(folder, jobs) if running else ''}")
    for job in jobs:
        lines.append(f"  [{job.number + 1:{len(str(total))}}/{total}] {job.name:{width}}  {job.status}{_details(job)}")
        if job.status in (Status.failed, Status.interrupted, Status.unknown):
            lines.append(f"    log: {job.log}")
    if not running and not all(job.status.good for job in jobs):
        lines.append("the same command computes what is missing")
    return "\n".join(map(printable, lines))  # names and notes are from files that others may have written


def counts(jobs: list[JobState]) -> str:
    """Return how many jobs there are, and how many of each status."""
    number = Counter(job.status for job in jobs)
    return f"{len(jobs)} jobs: " + ", ".join(f"{number[status]} {status}" for status in Status if number[status])


def duration(seconds: float) -> str:
    """Return a time in words.

    Examples
    --------
    >>> duration(42.4), duration(754), duration(8100)
    ('42 s', '13 min', '2 h 15 min')
    """
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def _details(job: JobState) -> str:
    """Return what follows a job's status."""
    since = f" for {duration(time.time() - job.started)}" if job.started and job.status is Status.running else ""
    share = f" ({100 * job.share:.0f} %{since})" if job.status is Status.running else ""
    return (f": {job.note}" if job.note else "") + share


def _time_left(folder: SweepFolder, jobs: list[JobState]) -> str:
    """Return the share of the work that is done, and the estimated time that is left."""
    share, so_far = folder.share(jobs), time.time() - folder.plan.started
    if share:
        return (
            f"; {100 * share:.0f} % of the work in {duration(so_far)}, about {duration(so_far / share - so_far)} left"
        )
    return "" if folder.plan.seconds is None else f"; about {duration(folder.plan.seconds)} of computing"
