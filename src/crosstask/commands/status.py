"""How a sweep is at any time: its table, and what is stale because an input changed."""

from collections import defaultdict
from pathlib import Path

from hydra import compose

from crosstask.config import StatusConfig
from crosstask.sweeps.job_folder import JobState
from crosstask.sweeps.planning import changed
from crosstask.sweeps.status_table import overview
from crosstask.sweeps.sweep_folder import SweepFolder, latest


def show(config: StatusConfig) -> None:
    """Print the table of a sweep at once, and then what is stale.

    Raises
    ------
    UserError
        If there is no such sweep.
    """
    folder = latest(Path(config.store) / "logs", config.sweep)
    jobs = folder.jobs()
    print(overview(folder, jobs), flush=True)
    for line in stale(folder, jobs):
        print(line)


def stale(folder: SweepFolder, jobs: list[JobState]) -> list[str]:
    """Return lines about the jobs whose adapters or cells do not stand for the present inputs any more.

    The inputs are those of the same command as it would be understood now: configuration, task files, rows and the
    base model's files, compared by content with those of the plan.
    """
    plan = folder.plan
    affected: dict[str, list[str]] = defaultdict(list)
    for job, state in zip(plan.jobs, jobs, strict=True):
        if state.status.good:
            for what in changed(job, lambda overrides: compose(plan.script, list(overrides))):
                affected[what].append(job.name)
    done = sum(state.status.good for state in jobs)
    lines = [f"  {what}: {'all' if len(names) == done else ', '.join(names)}" for what, names in affected.items()]
    return ["stale, because an input is not what it was; the same command makes anew:", *lines] if lines else []
