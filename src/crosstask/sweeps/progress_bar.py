"""What the terminal shows of a sweep while it runs, read from its files alone: any process may run its jobs."""

import logging
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tqdm import tqdm

from crosstask.sweeps.job_folder import JobState, Status
from crosstask.sweeps.sweep_folder import SweepFolder

SECONDS = 0.3
"""Between two looks."""
LEFT = "{elapsed} so far, {remaining} left"
"""The end of the bar, in tqdm's words."""


class ConsoleHandler(logging.Handler):
    """Prints messages above the bar; tracebacks are for the log file."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print one message."""
        tqdm.write(record.getMessage(), file=sys.stdout)


class Bar:
    """A bar in the terminal, with the time that is left; nothing where nobody watches (no terminal)."""

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
        """Move the bar to a share, 0 to 1."""
        if not self.bar.disable:
            self.bar.n = share
            self.bar.set_description_str(note, refresh=True)

    def close(self) -> None:
        """Take the bar away."""
        self.bar.close()


@contextmanager
def watched(folder: SweepFolder) -> Iterator[None]:
    """Show a planned sweep's bar, and a line for each job that ends, for the time of the block."""
    over = threading.Event()
    watch = _Watch(folder)

    def look() -> None:
        while not over.wait(SECONDS):
            watch.look()

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        watch.look()
        watch.bar.close()


class _Watch:
    """What has been shown of a sweep."""

    def __init__(self, folder: SweepFolder) -> None:
        self.folder = folder
        self.bar = Bar("sweep", folder.plan.started)
        self.shown: set[int] = set()

    def look(self) -> None:
        """Show what is new."""
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
