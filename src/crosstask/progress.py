"""How far a job or a sweep is: what jobs report, and the bar that a terminal shows."""

import logging
import sys
import time
from collections.abc import Callable

from tqdm import tqdm

TRAINING_SHARE = 0.5
"""Assumed share of training in the time of a job that also scores."""
LEFT = "{elapsed} so far, {remaining} left"
"""The end of the bar, in tqdm's words."""


class ConsoleHandler(logging.Handler):
    """Prints messages above the bar; tracebacks are for the log file."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print one message."""
        tqdm.write(record.getMessage(), file=sys.stdout)


class Progress:
    """What a job says about how far it is: a share of the job, and a note.

    Examples
    --------
    >>> progress = Progress(lambda share, note: print(f"{share:.2f} {note}"))
    >>> progress.training(5, 10, "loss 1.2")
    0.25 training, step 5/10, loss 1.2
    >>> progress.scoring("imdb", 0.5, 2)
    0.62 scoring imdb, 1/2
    """

    def __init__(self, show: Callable[[float, str], None] = lambda share, note: None) -> None:
        self.show = show
        self.training_share = 0.0

    def training(self, step: int, steps: int, note: str) -> None:
        """Say how far training is."""
        self.training_share = TRAINING_SHARE
        self.show(TRAINING_SHARE * step / steps, f"training, step {step}/{steps}, {note}")

    def scoring(self, target: str, done: float, targets: int) -> None:
        """Say how far scoring is: ``done`` of ``targets``, possibly between two."""
        share = self.training_share + (1 - self.training_share) * done / targets
        self.show(share, f"scoring {target}, {int(done) + 1}/{targets}")


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
