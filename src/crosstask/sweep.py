"""Jobs and sweeps: what was planned, how each job ended, and the table at the end.

A sweep's folder holds ``sweep.json`` (all jobs, written before the first starts) and, per job, a folder with its
log and ``job.json`` (how it ended). The table is made of these files alone, so it does not matter which process ran
a job.
"""

import json
import logging
import shlex
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.experimental.callback import Callback
from hydra.types import RunMode
from omegaconf import DictConfig

from crosstask.config import BASE
from crosstask.errors import UserError
from crosstask.progress import Progress

log = logging.getLogger(__name__)

PLAN = "sweep.json"
STATUS = "job.json"


def run(cfg: DictConfig, work: Callable[[DictConfig, Progress], str]) -> None:
    """Run one job, and write down how it ended.

    Parameters
    ----------
    cfg
        The job's composed config.
    work
        Does the job; returns one line, ``done: ...`` or ``reused: ...``.

    Raises
    ------
    SystemExit, Exception
        What ``work`` raises (a user's mistake as one line), unless the job is one of a sweep: then the error is in
        its log and in its ``job.json``, and the sweep goes on.
    """
    hydra = HydraConfig.get()
    folder = Path(hydra.runtime.output_dir)
    in_sweep = hydra.mode is RunMode.MULTIRUN
    plan: dict[str, Any] = {"jobs": [[]], "started": time.time()}
    if in_sweep:
        plan = json.loads((folder.parent / PLAN).read_text())
    number, total = (int(hydra.job.num) if in_sweep else 0), len(plan["jobs"])
    name = _title(cfg)
    logging.captureWarnings(True)
    try:
        with Progress(name, number, total, plan["started"]) as progress:
            status, _, note = work(cfg, progress).partition(": ")
    except Exception as error:
        status, note = "failed", _reason(error)
        logging.getLogger().exception(note)  # to the log file, with its traceback
        if not in_sweep:
            if isinstance(error, UserError):  # Hydra would announce an exception with a line of its own
                raise SystemExit(f"error: {error}") from error
            raise
    log.info("[%d/%d] %s: %s: %s", number + 1, total, name, status, note)
    (folder / STATUS).write_text(json.dumps({"job": name, "status": status, "note": note}) + "\n")


def command(script: str, without: str) -> str:
    """Return a command line with the overrides of the running job, but for those of one key."""
    kept = [part for part in HydraConfig.get().overrides.task if not part.startswith(f"{without}=")]
    return shlex.join(["python", script, *kept])


def _title(cfg: DictConfig) -> str:
    """Return what a job is called in the terminal and in the table."""
    names = "+".join(sorted(map(str, cfg.source)))
    return names if names == BASE else f"{names} seed={cfg.seed}"


def _reason(error: Exception) -> str:
    """Return an error in one line."""
    text = " ".join(str(error).split())
    return text if isinstance(error, UserError) else f"{type(error).__name__}: {text}"


class SweepReport(Callback):
    """Writes a sweep's plan before its first job and prints its table after the last."""

    def on_multirun_start(self, config: DictConfig, **kwargs: Any) -> None:
        """Write the plan."""
        folder = Path(config.hydra.sweep.dir)
        folder.mkdir(parents=True, exist_ok=True)
        plan = {"jobs": _planned(config), "started": time.time()}
        (folder / PLAN).write_text(json.dumps(plan, indent=1) + "\n")

    def on_multirun_end(self, config: DictConfig, **kwargs: Any) -> None:
        """Print the table; exit with status 1 if a job failed."""
        folder = Path(config.hydra.sweep.dir)
        jobs = ended_jobs(folder)
        print(summary(jobs, folder))
        if any(job["status"] not in ("done", "reused") for job in jobs):
            sys.exit(1)


def _planned(config: DictConfig) -> list[list[str]]:
    """Return the overrides of every job of a sweep, in the order in which Hydra numbers them."""
    parameters = config.hydra.sweeper.params or {}
    arguments = [f"{key}={value}" for key, value in parameters.items()] + list(config.hydra.overrides.task)
    loader = GlobalHydra.instance().config_loader()
    overrides = OverridesParser.create(config_loader=loader).parse_overrides(arguments)
    return BasicSweeper.split_arguments(overrides, None)[0]


def ended_jobs(folder: Path) -> list[dict[str, str]]:
    """Return how each job of a sweep ended, in the order of the plan.

    Returns
    -------
    list of dict
        ``job``, ``status`` (done, reused, failed, or ``missing`` for a job that never wrote how it ended), ``note``,
        and ``log`` (a path).
    """
    plan = json.loads((folder / PLAN).read_text())
    jobs = []
    for number, overrides in enumerate(plan["jobs"]):
        path = folder / str(number) / STATUS
        job = {"job": " ".join(overrides), "status": "missing", "note": "it never reported; see its log"}
        if path.exists():
            job = json.loads(path.read_text())
        logs = sorted(path.parent.glob("*.log"))
        jobs.append({**job, "log": str(logs[0] if logs else path.parent)})
    return jobs


def summary(jobs: list[dict[str, str]], folder: Path) -> str:
    """Return the table at the end of a sweep: counts, then each job that failed with its error and its log."""
    counts = {
        status: sum(job["status"] == status for job in jobs) for status in ("done", "reused", "failed", "missing")
    }
    lines = [
        f"{len(jobs)} jobs: " + ", ".join(f"{n} {status}" for status, n in counts.items() if n) + f" (logs in {folder})"
    ]
    for job in jobs:
        if job["status"] not in ("done", "reused"):
            lines += [f"  {job['status']}: {job['job']}: {job['note']}", f"    log: {job['log']}"]
    return "\n".join(lines)
