"""What a command answers that asks about its jobs instead of having them done: their plan, or a preview of their data.

Neither computes with weights or writes to the store. A plan takes what is in the cache of this machine; a preview
downloads what its job would read of the Hub.
"""

import logging
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from omegaconf import DictConfig, open_dict

from crosstask.config.job import TrainConfig, title
from crosstask.errors import NotApplicable, UserError, end_unread, printable
from crosstask.jobs import cost
from crosstask.jobs.ahead import Forecast
from crosstask.jobs.amount import about
from crosstask.jobs.cells import RowCells
from crosstask.jobs.checked import checked_job
from crosstask.jobs.forecast import Plan, forecast
from crosstask.jobs.preview import preview
from crosstask.jobs.resources import device_words
from crosstask.jobs.row_of_job import matrix_row, possible_rows, read_target
from crosstask.sweeps.plan_table import Ahead, plan_table
from crosstask.sweeps.rates import rate
from crosstask.sweeps.runner import check_title, command


def dry_run(
    compose: Callable[[Sequence[str]], DictConfig],
    jobs: Sequence[Sequence[str]],
    trains: bool,
    train_command: Callable[[Sequence[str]], str],
) -> str:
    """Return the plan of the jobs of a command as text; an error of a job is its line in the plan.

    Parameters
    ----------
    compose
        Makes a job's whole config from its overrides.
    jobs
        The overrides of each job.
    trains
        Whether a job may train.
    train_command
        From a job's overrides to the command that trains its adapter, for errors.
    """
    plan, found = new_plan(), []
    with _quiet():
        for overrides in jobs:
            found.append(_ahead(compose(overrides), trains, plan, train_command(overrides)))
    return plan_table(found, device_words())


def new_plan() -> Plan:
    """Return the plan of a sweep before its first job."""
    return Plan(possible_rows, read_target, RowCells, cost.work)


def answer(cfg: DictConfig, trains: bool) -> None:
    """Print the plan of one job, or a preview of it.

    Parameters
    ----------
    cfg
        The job's composed config, with ``dry_run`` or ``preview``.
    trains
        Whether the job may train.
    """
    check_title(cfg)
    if cfg.dry_run:
        print(dry_run(lambda _: cfg, [()], trains, lambda _: command("train.py", without="target")))
        return
    with open_dict(cfg):
        cfg.pop("hydra", None)
    try:
        job = checked_job(cfg, trains)
        for line in preview(job, matrix_row(job)):
            print(line)
        sys.stdout.flush()
    except NotApplicable as error:
        print(f"inapplicable: {error}")
    except BrokenPipeError:  # which Hydra would announce
        end_unread()
    except (UserError, OSError) as error:
        raise SystemExit(f"error: {printable(str(error))}") from error


def _ahead(cfg: DictConfig, trains: bool, plan: Plan, train_command: str) -> Ahead:
    """Return what one job will do, or why it would fail."""
    name = title(cfg)
    with open_dict(cfg):
        cfg.pop("hydra", None)
    try:
        config = checked_job(cfg, trains)
        found = _by_earlier_jobs(forecast(config, trains, plan, train_command), config)
        return Ahead(name, tuple(config.target), found)
    except NotApplicable as error:
        return Ahead(name, (), None, inapplicable=str(error))
    except (UserError, OSError) as error:
        return Ahead(name, (), None, str(error))


def _by_earlier_jobs(found: Forecast, config: TrainConfig) -> Forecast:
    """Return a forecast with the time that earlier jobs on the same base model took for such work, if there are any."""
    earlier = rate(Path(config.store) / "logs", config.model.name)
    if earlier is None or not found.work:
        return found
    return replace(found, seconds=about(earlier * found.work))


@contextmanager
def _quiet() -> Iterator[None]:
    """Leave out what jobs say of their data and libraries of their use: it is no part of a plan."""
    log = logging.getLogger("crosstask")
    before = log.level
    log.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.setLevel(before)
