"""One W&B run while a job lasts."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from crosstask.config import Tracking, TrackingMode
from crosstask.tracking.curve import Curve
from crosstask.tracking.row_report import RowReport

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class RunIdentity:
    """Which run, and how the UI shows it."""

    id: str
    """What the job is, so that a rerun continues the run."""
    name: str
    group: str | None
    kind: str
    """The job type: train, evaluate or analyze."""
    config: Mapping[str, Any]
    """Flat columns, see :func:`columns`."""


class Report(Protocol):
    """What a job has to say when it is done."""

    @property
    def id(self) -> str:
        """What identifies the content."""

    def send(self, run: Any, patience: float | None) -> None:
        """Send all to an open run; see :meth:`RowReport.send`."""


class Tracker:
    """One W&B run while a job lasts, or nothing where tracking is disabled."""

    def __init__(self, run: Any, curve: Curve | None, online: Tracking | None = None) -> None:
        self.run = run
        self.curve = curve
        self.online = online
        """How to reach the server; None where there is none."""
        self.report: Report | None = None
        self.failure: Exception | None = None
        """Why the run lacks something."""

    def lightning_logger(self) -> Any:
        """Return the logger that keeps Lightning's metrics and sends them to this run."""
        from crosstask.tracking.lightning_logger import CurveLogger

        assert self.curve is not None
        return CurveLogger(self.curve, self.run)

    def tell(self, report: Report) -> None:
        """Send what the job has to say; what is not taken is kept when the run closes."""
        self.report = report
        if self.run is None:
            return
        try:
            if self.online is None:
                report.send(self.run, None)
            else:
                from crosstask.tracking.server import ask

                ask(self.online)  # or the client would wait longer, with every table
                report.send(self.run, self.online.finish_timeout)
        except Exception as error:  # somebody else's server and client: training and its results come first
            log.debug("W&B does not take the run", exc_info=True)
            self.failure = error


@contextmanager
def tracked(settings: Tracking, folder: Path, identity: RunIdentity, curve: Curve | None) -> Iterator[Tracker]:
    """Open a run, and close it whatever happens in the block; one that raises is marked as failed.

    A server that cannot be reached, that refuses the key, or that goes away in the middle never raises: the run is
    then kept offline with all that the job has told, and one warning says how to send it.

    Parameters
    ----------
    settings
        Mode, project and the like.
    folder
        Where W&B keeps its own files, in a folder ``wandb``.
    identity
        Which run.
    curve
        The metrics of the training that the run is about, if any; what of them the run does not have is sent.
    """
    if settings.mode is TrackingMode.disabled:
        yield Tracker(None, curve, None)
        return
    from crosstask.tracking.session import Session

    session = Session(settings, folder, identity, curve)
    tracker = session.open()
    try:
        yield tracker
    except BaseException:
        session.close(tracker, exit_code=1)
        raise
    session.close(tracker, exit_code=0)


def is_held(settings: Tracking, runs: list[str], report: RowReport) -> bool:
    """Tell whether W&B has a row as the store has it; always true in a mode in which nobody can be asked.

    Parameters
    ----------
    settings
        Mode, project and the like.
    runs
        Ids of the runs any of which may hold the row.
    report
        The row.
    """
    if settings.mode is not TrackingMode.online:
        return True
    from crosstask.tracking import server

    return server.QUESTIONS.is_held(settings, runs, report)
