"""Live progress display of a running sweep, read from its files alone: any process may run its jobs."""

import logging
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tqdm import tqdm

from crosstask.errors import printable
from crosstask.sweeps.job_folder import JobState, Status
from crosstask.sweeps.sweep_folder import SweepFolder

SECONDS = 0.3
"""Between two updates."""
LEFT = "{elapsed} so far, {remaining} left"
"""The end of the bar, in tqdm's words."""


class ConsoleHandler(logging.Handler):
    """Prints messages above the bar, without tracebacks, which are in the log file."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print one message."""
        tqdm.write("\n".join(map(printable, record.getMessage().split("\n"))), file=sys.stdout)


class Bar:
    """A progress bar with the time that is left; nothing where the output is no terminal."""

    def __init__(self, of_what: str, started: float) -> None:
        self.bar = tqdm(
            total=1.0,
            disable=None,
            leave=False,
            bar_format=f"{{desc}} |{{bar}}| {{percentage:3.0f}} % of the {of_what}, {LEFT}",
        )
        if not self.bar.disable:
            self.bar.start_t = started + (self.bar.start_t - time.time())  # the clock of what is shown

    def show(self, share: float, note: str) -> None:
        """Move the bar to a share of the work, 0 to 1."""
        if not self.bar.disable:
            self.bar.n = share
            self.bar.set_description_str(note, refresh=True)

    def close(self) -> None:
        """Remove the bar."""
        self.bar.close()


@contextmanager
def watched(folder: SweepFolder) -> Iterator[None]:
    """Show a planned sweep's bar, and a line for each job that ends, for the time of the block."""
    over = threading.Event()
    display = _Display(folder)

    def update() -> None:
        while not over.wait(SECONDS):
            display.update()

    thread = threading.Thread(target=update, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        display.update()
        display.bar.close()


class _Display:
    """The bar of a sweep, and the jobs whose outcome was printed."""

    def __init__(self, folder: SweepFolder) -> None:
        self.folder = folder
        self.bar = Bar("sweep", folder.plan.started)
        self.shown: set[int] = set()

    def update(self) -> None:
        """Print the outcomes of jobs that ended since, and move the bar."""
        jobs = self.folder.jobs()
        for job in jobs:
            if job.status.ended and job.number not in self.shown:
                self.shown.add(job.number)
                tqdm.write(f"{_label(job, jobs)}: {job.status}: {job.note}")
        running = [job for job in jobs if job.status is Status.running]
        if running:
            more = f" (and {len(running) - 1} more)" if len(running) > 1 else ""
            self.bar.show(self.folder.share(jobs), f"{_label(running[0], jobs)}: {running[0].note}{more}")


def _label(job: JobState, jobs: list[JobState]) -> str:
    """Return a job's number and name."""
    return f"[{job.number + 1}/{len(jobs)}] {job.name}"
