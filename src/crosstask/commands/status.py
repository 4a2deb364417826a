"""The state of a sweep at any time: its table, and what is stale because an input changed."""

from pathlib import Path
from typing import Any

from hydra import compose
from hydra.errors import HydraException
from omegaconf.errors import OmegaConfBaseException

from crosstask.commands.overrides import one_line
from crosstask.config.parsing import parse_job
from crosstask.config.status import StatusConfig
from crosstask.errors import UserError
from crosstask.sweeps.status_table import overview
from crosstask.sweeps.sweep_folder import PlannedJob, latest


def show(config: StatusConfig) -> None:
    """Print the table of a sweep at once, and then what is stale, which takes longer to find out.

    Raises
    ------
    UserError
        If there is no such sweep.
    """
    folder = latest(Path(config.store) / "logs", config.sweep)
    jobs = folder.jobs()
    print(overview(folder, jobs), flush=True)
    from crosstask.sweeps.staleness import stale  # takes as long as all else up to here

    for line in stale(folder.plan, jobs, lambda job: _inputs(folder.plan.script, job)):
        print(line)


def _inputs(script: str, job: PlannedJob) -> dict[str, Any]:
    """Return the inputs of a job as the same command would read them now; UserError where they cannot be read."""
    from crosstask.jobs.row_of_job import possible_rows

    try:
        return possible_rows(parse_job(compose(script, list(job.overrides))))[0].inputs()
    except (HydraException, OmegaConfBaseException) as error:  # such as for a task file that is gone
        raise UserError(one_line(error)) from error
    except OSError as error:  # a file of another user's
        raise UserError(str(error)) from error
