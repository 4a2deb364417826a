"""What a job logs to W&B while it lasts."""

import logging
from pathlib import Path
from typing import Any

from crosstask.config.job import Tracking
from crosstask.tracking.curve import Curve
from crosstask.tracking.report import Report

log = logging.getLogger(__name__)


class Tracker:
    """One W&B run while a job lasts, or nothing where tracking is disabled."""

    def __init__(
        self, run: Any, curve: Curve | None, online: Tracking | None = None, links: Path | None = None
    ) -> None:
        self.run = run
        self.curve = curve
        self.online = online
        """How to reach the server; None where there is none."""
        self.links = links
        """Folder of links by which files go to the server."""
        self.report: Report | None = None
        self.failure: Exception | None = None
        """Why the run lacks something."""

    def lightning_logger(self) -> Any:
        """Return the logger that keeps Lightning's metrics and sends them to this run."""
        from crosstask.tracking.lightning_logger import CurveLogger

        assert self.curve is not None
        return CurveLogger(self.curve, self.run)

    def log_report(self, report: Report) -> None:
        """Send the report of a job; what the server does not take is kept when the run closes."""
        self.report = report
        if self.run is None:
            return
        try:
            from crosstask.tracking.contents import Delivery, send
            from crosstask.tracking.server import connect

            if self.online is not None:
                connect(self.online)  # or the client would wait longer, with every table
            timeout = self.online.finish_timeout if self.online else None
            send(self.run, report, Delivery(timeout, self.run.summary, self.links))
        except Exception as error:  # somebody else's server and client: training and its results come first
            log.debug("W&B does not take the run", exc_info=True)
            self.failure = error
