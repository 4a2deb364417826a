"""Queries to the W&B server besides logging: whether it has a row, and what of a run has arrived."""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import wandb

from crosstask.config.job import Tracking
from crosstask.tracking.report import Report
from crosstask.tracking.row_report import RECORD_ID, SCORE

log = logging.getLogger(__name__)

CONFIRMATION = 10.0
"""Seconds in which a server that took a run must say so."""


def quiet(login_timeout: float | None = None) -> None:
    """Keep the client from talking, and from waiting longer than some seconds for somebody to type a key."""
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)  # the client's reports on itself
    wandb.setup(wandb.Settings(silent=True, login_timeout=login_timeout))


def restart_client() -> None:
    """End the client's own process, which may be gone already or busy with a run that it cannot send."""
    try:
        wandb.teardown()
    except (Exception, SystemExit):  # it ends ours where its own ended badly
        log.debug("W&B's client did not end well", exc_info=True)


def reason(error: Exception | None) -> str:
    """Return an error in one line."""
    return " ".join(str(error).split()) or type(error).__name__


def confirm(settings: Tracking, run: Any, report: Report) -> None:
    """Raise unless the server says that it has the run as reported: the client can lose data in silence.

    The UI's tables are not looked for, of which a server may refuse one; what they show is in the answers' artifact,
    which was waited for.

    Raises
    ------
    TimeoutError
        If it does not within ``CONFIRMATION`` seconds.
    """
    deadline = time.monotonic() + CONFIRMATION
    while True:
        found = connect(settings).run(f"{run.entity}/{run.project}/{run.id}")
        if _holds(found, report):
            return
        if time.monotonic() > deadline:
            raise TimeoutError("the server does not have the run as it was sent")
        time.sleep(0.5)


@dataclass(frozen=True)
class Arrived:
    """What the server has of a run's history."""

    steps: int = 0
    """How many steps of the curve."""
    scores: Mapping[str, float] = field(default_factory=dict)
    """The scores that are logged once, by key."""


def arrived(settings: Tracking, run: Any) -> Arrived:
    """Return what the server has of a run; nothing where it does not say."""
    try:
        found = connect(settings).run(f"{run.entity}/{run.project}/{run.id}")
        scores = {key: value for key, value in found.summary_metrics.items() if key.startswith(SCORE)}
        return Arrived(int(found.historyLineCount), scores)
    except Exception:
        log.debug("W&B does not say how far it is", exc_info=True)
        return Arrived()


class RunLookup:
    """Looks runs up until the server does not answer: then the rest of a sweep shall not wait for it again."""

    def __init__(self) -> None:
        self.answered = True

    def is_held(self, settings: Tracking, runs: list[str], report: Report) -> bool:
        """Return whether one of several runs has the row as the store has it; true where the server does not answer."""
        if not self.answered:
            return True
        quiet(settings.init_timeout)
        try:
            api = connect(settings)
            path = f"{settings.entity or api.default_entity}/{settings.project}"
            found = list(api.runs(path, filters={"name": {"$in": runs}}, lazy=False))
        except ValueError:  # no such project yet
            return False
        except Exception as error:
            self.answered = False
            log.warning("W&B does not say what it has (%s); the same command later sends what it lacks", reason(error))
            return True
        return any(_holds(run, report) for run in found)


LOOKUP = RunLookup()
"""That of this process."""


def connect(settings: Tracking) -> Any:
    """Return a client for queries, which caches nothing, once the server has answered and accepted the key.

    Raises
    ------
    Exception
        If it does not, within ``init_timeout`` seconds.
    """
    return wandb.Api(timeout=max(1, int(settings.init_timeout)))


def _holds(run: Any, report: Report) -> bool:
    """Return whether a run on the server is a row as reported, and complete."""
    return bool(run.state != "running" and run.config.get(RECORD_ID) == report.id)
