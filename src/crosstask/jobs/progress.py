"""The progress of a job, as the job reports it."""

from collections.abc import Callable

TRAINING_SHARE = 0.5
"""Assumed share of training in the time of a job that also scores."""


class Progress:
    """Reports the progress of a job: a share, 0 to 1, and a note.

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
        self.share = 0.0

    def training(self, step: int, steps: int, note: str) -> None:
        """Report the progress of training."""
        self.training_share = TRAINING_SHARE
        self.show(TRAINING_SHARE * step / steps, f"training, step {step}/{steps}, {note}")

    def scoring(self, target: str, done: float, targets: int) -> None:
        """Report the progress of scoring: ``done`` of ``targets``, possibly between two."""
        self.share = self.training_share + (1 - self.training_share) * done / targets
        self.show(self.share, f"scoring {target}, {int(done) + 1}/{targets}")

    def judging(self, target: str, judged: int, answers: int) -> None:
        """Report the progress of judging, which comes last, and of whose time nothing is known."""
        self.show(self.share, f"judging {target}, answer {judged}/{answers}")
