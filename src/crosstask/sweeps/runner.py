"""Run one job, alone or in a sweep, and write its outcome."""

import logging
import shlex
import time
from collections.abc import Callable
from pathlib import Path

from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

from crosstask.config.job import title
from crosstask.errors import NotApplicable, UserError, printable
from crosstask.jobs.progress import Progress
from crosstask.sweeps import gpus
from crosstask.sweeps.job_folder import JobFolder, Status
from crosstask.sweeps.progress_bar import Bar
from crosstask.sweeps.sweep_folder import SweepFolder

log = logging.getLogger(__name__)
Work = Callable[[DictConfig, Progress], str]


def run(cfg: DictConfig, work: Work) -> None:
    """Run one job, and write its outcome.

    Parameters
    ----------
    cfg
        The job's composed config.
    work
        Does the job; returns one line, ``done: ...`` or ``reused: ...``. A job that makes no sense (`NotApplicable`)
        is ``inapplicable: ...``, which is no failure.

    Raises
    ------
    SystemExit, Exception
        What ``work`` raises (a user error as one line), unless the job is one of a sweep: then the error is in its
        log and in its ``job.json``, and the sweep continues.
    """
    hydra = HydraConfig.get()
    folder = Path(hydra.runtime.output_dir)
    logging.captureWarnings(True)
    check_title(cfg)
    if hydra.mode is RunMode.MULTIRUN:
        _run_in_sweep(cfg, work, SweepFolder(folder.parent), int(hydra.job.num))
    else:
        _run_alone(cfg, work, JobFolder(folder))


def check_title(cfg: DictConfig) -> None:
    """End the process where not even the name of a job can be composed, such as for seed='${sed}'."""
    try:
        title(cfg)
    except OmegaConfBaseException as error:  # Hydra would announce it with a line of its own
        raise SystemExit(f"error: {error.full_key}: {printable(str(error).splitlines()[0])}") from error


def _run_in_sweep(cfg: DictConfig, work: Work, sweep: SweepFolder, number: int) -> None:
    """Run a job of a sweep, unless it has ended already, as a job may have that is launched again."""
    job = sweep.job(number)
    with job.claimed() as to_do:
        if not to_do:
            return
        if cfg.fail_fast and sweep.any_failed():
            job.end(title(cfg), Status.skipped, "another job failed, and fail_fast=true")
            return
        job.report(0.0, "starting")
        try:
            status, _, note = _run_on_device(cfg, work, Progress(job.report)).partition(": ")
        except Exception as error:
            status, note = Status.failed, _reason(error)
            logging.getLogger().exception(note)  # to the log file, with its traceback
        logging.getLogger().info("%s: %s", status, note)
        job.end(title(cfg), Status(status), note, work=sweep.plan.jobs[number].work, model=sweep.plan.model)


def _run_alone(cfg: DictConfig, work: Work, job: JobFolder) -> None:
    """Run a job that is not part of a sweep."""
    name, bar = title(cfg), Bar("job", time.time())
    progress = Progress(lambda share, note: bar.show(share, f"{name}: {note}"))
    try:
        status, _, note = _run_on_device(cfg, work, progress).partition(": ")
    except Exception as error:
        logging.getLogger().exception(_reason(error))
        job.end(name, Status.failed, _reason(error))
        if isinstance(error, UserError | OSError):  # Hydra would announce an exception with a line of its own
            raise SystemExit(f"error: {printable(str(error))}") from error
        raise
    finally:
        bar.close()
    log.info("[1/1] %s: %s: %s", name, status, note)
    job.end(name, Status(status), note)


def _run_on_device(cfg: DictConfig, work: Work, progress: Progress) -> str:
    """Do the work of a job on the device that it may use; one that makes no sense has nothing to do."""
    if cfg.own_gpu:
        gpus.claim()
    try:
        return work(cfg, progress)
    except NotApplicable as error:
        return f"{Status.inapplicable}: {error}"


def command(script: str, without: str) -> str:
    """Return a command line with the overrides of the running job, but for those of one key."""
    kept = [part for part in overrides() if not part.startswith(f"{without}=")]
    return shlex.join(["python", script, *kept])


def overrides() -> list[str]:
    """Return the overrides of the running job, one of a sweep included."""
    return list(HydraConfig.get().overrides.task)


def _reason(error: Exception) -> str:
    """Return an error in one line."""
    text = printable(" ".join(str(error).split()))
    return text if isinstance(error, UserError) else f"{type(error).__name__}: {text}"
