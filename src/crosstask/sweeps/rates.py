"""The rate at which earlier jobs of a store were computed."""

import logging
import statistics
from pathlib import Path
from typing import Any

from crosstask.errors import UserError
from crosstask.storage.json_files import read_json
from crosstask.sweeps.job_folder import ENDED, Status

log = logging.getLogger(__name__)

EARLIER_JOBS = 200
"""Number of the most recent jobs that rates are estimated from."""
RATE = ("seconds", "work")
"""What an outcome has of it."""


def rate(logs: Path, model: str | None) -> float | None:
    """Return the median seconds per character of earlier jobs on a base model; None if there were none."""
    ends = sorted(logs.glob(f"*/*/{ENDED}"), key=lambda path: path.stat().st_mtime)[-EARLIER_JOBS:]
    jobs = [job for job in map(_outcome, ends) if job.get("status") == Status.done and job.get("model") == model]
    rates = [job["seconds"] / job["work"] for job in jobs if all(_is_positive(job.get(key)) for key in RATE)]
    return statistics.median(rates) if rates else None


def _is_positive(value: Any) -> bool:
    """Tell whether a file that somebody else may have changed has a number above 0."""
    return isinstance(value, int | float) and value > 0


def _outcome(path: Path) -> dict[str, Any]:
    """Return the outcome of an earlier job; empty where its file is damaged, which is no reason to plan nothing."""
    try:
        content = read_json(path)
    except UserError as error:
        log.warning("%s", error)
        return {}
    return content if isinstance(content, dict) else {}
