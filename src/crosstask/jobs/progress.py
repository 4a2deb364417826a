"""The progress of a job."""

from collections.abc import Callable

TRAINING_SHARE = 0.5
"""Assumed share of training in the time of a job that also scores."""


class Progress:
    """Reports the progress of a job: the share of it that is done, and a note.

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
        """Report the progress of training."""
        self.training_share = TRAINING_SHARE
        self.show(TRAINING_SHARE * step / steps, f"training, step {step}/{steps}, {note}")

    def scoring(self, target: str, done: float, targets: int) -> None:
        """Report the progress of scoring: ``done`` of ``targets``, possibly between two."""
        share = self.training_share + (1 - self.training_share) * done / targets
        self.show(share, f"scoring {target}, {int(done) + 1}/{targets}")
