"""What the terminal shows while jobs run: one bar for the whole sweep, and one line per finished job."""

import logging
import sys
import time
from types import TracebackType

from tqdm import tqdm

TRAINING_SHARE = 0.5
"""Assumed share of training in the time of a job that also scores."""


class ConsoleHandler(logging.Handler):
    """Prints messages above the bar; tracebacks are for the log file."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print one message."""
        tqdm.write(record.getMessage(), file=sys.stdout)


class Progress:
    """The bar of a job within its sweep; silent where nobody watches (no terminal)."""

    def __init__(self, job: str, number: int, total: int, sweep_started: float) -> None:
        self.job = job
        self.number = number
        self.total = total
        self.label = f"[{number + 1}/{total}] {job}"
        self.training_share = 0.0
        self.bar = tqdm(
            total=total,
            disable=None,
            leave=False,
            bar_format="{desc} |{bar}| {percentage:3.0f} % of the sweep, {elapsed} so far, {remaining} left",
        )
        if not self.bar.disable:
            self.bar.start_t = sweep_started + (self.bar.start_t - time.time())  # the sweep's own clock

    def __enter__(self) -> "Progress":
        self._show(0.0, "starting")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.bar.close()

    def training(self, step: int, steps: int, note: str) -> None:
        """Show how far training is."""
        self.training_share = TRAINING_SHARE
        self._show(TRAINING_SHARE * step / steps, f"training, step {step}/{steps}, {note}")

    def scoring(self, target: str, done: float, targets: int) -> None:
        """Show how far scoring is: ``done`` of ``targets``, possibly between two."""
        share = self.training_share + (1 - self.training_share) * done / targets
        self._show(share, f"scoring {target}, {int(done) + 1}/{targets}")

    def _show(self, share: float, note: str) -> None:
        """Move the bar to a share of this job."""
        if self.bar.disable:
            return
        self.bar.n = self.number + share
        self.bar.set_description_str(f"{self.label}: {note}", refresh=True)
