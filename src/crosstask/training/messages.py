"""Messages of the first of several training processes to the process that waits for them, through a pipe."""

import io
import logging
import threading
import warnings
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

import pytorch_lightning as lightning
import torch
from pytorch_lightning.loggers.logger import Logger


class Sender(lightning.Callback):
    """In the first process: what it reports, it sends to the process that waits."""

    def __init__(self, pipe: Connection, held_out: Any) -> None:
        self.pipe = pipe
        self.held_out = held_out

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Arrive in a spawned process, which is to be as quiet as the one that waits."""
        self.__dict__.update(state)
        warnings.simplefilter("ignore")
        for name in ("pytorch_lightning", "lightning_fabric"):
            logging.getLogger(name).setLevel(logging.ERROR)

    def progress(self, step: int, steps: int, note: str) -> None:
        """Send how far the training is."""
        self.pipe.send(("progress", (step, steps, note)))

    def on_train_start(self, trainer: Any, module: Any) -> None:
        """Draw other random numbers (dropout) on each device."""
        if trainer.global_rank:
            torch.manual_seed(torch.initial_seed() + trainer.global_rank + trainer.world_size * trainer.global_step)

    def on_train_end(self, trainer: Any, module: Any) -> None:
        """Send what the training left, weights excepted."""
        if trainer.is_global_zero:
            content = io.BytesIO()
            torch.save({"losses": module.losses, "held_out": self.held_out.state_dict()}, content)
            self.pipe.send(("left", content.getvalue()))


class SendingLogger(Logger):
    """In the first process: a logger that sends what it is given."""

    name = "sent"
    version = ""

    def __init__(self, pipe: Connection) -> None:
        super().__init__()
        self.pipe = pipe

    def log_metrics(self, metrics: dict[str, float], step: int | None = None) -> None:
        """Send numbers; the other processes have nothing to say."""
        if lightning.utilities.rank_zero_only.rank == 0:
            self.pipe.send(("metrics", (dict(metrics), step)))

    def log_hyperparams(self, *args: Any, **kwargs: Any) -> None:
        """Leave the settings to the process that waits."""


class Receiver(threading.Thread):
    """In the process that waits: hands on what is sent, until the pipe is closed."""

    def __init__(self, pipe: Connection, logger: Any, progress: Callable[[int, int, str], None]) -> None:
        super().__init__(daemon=True)
        self.pipe = pipe
        self.logger = logger
        self.show = progress
        self.stop: Callable[[], None] = lambda: None
        """Ends the processes; called where something that was sent cannot be handled."""
        self.left: dict[str, Any] = {}
        self.error: BaseException | None = None

    def run(self) -> None:
        """Handle message after message."""
        try:
            while True:
                self._handle(*self.pipe.recv())
        except EOFError:
            pass
        except BaseException as error:  # an interruption too belongs to the thread that waits
            self.error = error
            self.stop()

    def _handle(self, kind: str, content: Any) -> None:
        """Handle one message."""
        if kind == "progress":
            self.show(*content)
        elif kind == "metrics":
            self.logger.log_metrics(*content)
        else:
            self.left = torch.load(io.BytesIO(content), weights_only=True)
