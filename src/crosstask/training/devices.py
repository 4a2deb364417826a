"""Training on several devices: the processes of a strategy, and what comes back from them.

Lightning starts the processes of a strategy by running the command line once more, which would repeat a whole sweep;
so here they are spawned from the running job, each with a copy of model and data. Only the first one reports: what it
logs, how far it is, and at the end what the training left, through a pipe. Its weights come back by Lightning.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from signal import SIGKILL
from typing import Any

import pytorch_lightning as lightning
import torch
from torch.multiprocessing import ProcessExitedException, ProcessRaisedException

from crosstask.config.training import Trainer
from crosstask.errors import UserError
from crosstask.training.messages import Receiver, Sender, SendingLogger
from crosstask.training.strategies import strategy

PORT = "MASTER_PORT"
"""Environment variable in which Lightning leaves the port of a training's processes."""
SHARED_MEMORY = Path("/dev/shm")


@dataclass(frozen=True)
class Loop:
    """What Lightning runs in a training, in this process or in others."""

    module: Any
    """A :class:`crosstask.training.module.AdapterModule`."""
    data: Any
    """A :class:`crosstask.training.batches.SourceData`."""
    held_out: Any
    """A :class:`crosstask.training.held_out.HeldOut`."""
    follow: Any
    """The callback that writes checkpoints and reports progress."""


def check_shared_memory(module: Any) -> None:
    """Refuse a model that is too large to be handed to processes.

    Raises
    ------
    UserError
        Naming what is needed and what is free, in GiB.
    """
    if not SHARED_MEMORY.is_dir():  # other systems have no such limit
        return
    needed, free = sum(weight.nbytes for weight in module.parameters()), shutil.disk_usage(SHARED_MEMORY).free
    if needed > free:
        raise UserError(
            f"trainer.strategy: the model is handed to the processes in shared memory and takes {needed / 2**30:.1f}"
            f" GiB, {SHARED_MEMORY} has {free / 2**30:.1f} GiB free (docker run --shm-size gives it more)"
        )


def fit(loop: Loop, settings: Trainer, logger: Any, checkpoint: Path | None, options: dict[str, Any]) -> None:
    """Run Lightning in ``trainer.devices`` processes; afterwards all is as if it had run in this one.

    Parameters
    ----------
    loop
        What is run.
    settings
        Strategy and number of devices.
    logger
        Lightning's logger, which the first process reports to; None for none.
    checkpoint
        Where to continue from; None to start.
    options
        Of Lightning's trainer.

    Raises
    ------
    UserError
        What one of the processes raised.
    """
    check_shared_memory(loop.module)
    loop.module.cpu()  # the processes get it through shared memory, and put it on their devices
    ours, theirs = torch.multiprocessing.get_context("spawn").Pipe(duplex=False)
    receiver = Receiver(ours, logger, loop.follow.progress)
    sender = Sender(theirs, loop.held_out)
    loop.follow.progress = sender.progress
    with _errors(receiver, settings), _port():
        trainer = lightning.Trainer(
            strategy=strategy(settings),
            devices=settings.devices,
            logger=SendingLogger(theirs) if logger else False,
            callbacks=[loop.held_out, loop.follow, sender],
            **options,
        )
        receiver.stop = lambda: trainer.strategy.launcher.kill(SIGKILL)
        receiver.start()
        try:
            trainer.fit(loop.module, loop.data, ckpt_path=checkpoint, weights_only=True)
        finally:
            theirs.close()
            receiver.join()
    loop.module.losses = receiver.left["losses"]
    loop.held_out.load_state_dict(receiver.left["held_out"])


@contextmanager
def _errors(receiver: Receiver, settings: Trainer) -> Iterator[None]:
    """Raise what a process raised as if it had been raised here."""
    try:
        yield
    except ProcessExitedException as error:
        ended = error.signal_name or f"exit code {error.exit_code}"
        why = ", as the system does where memory is short" if ended == "SIGKILL" else ""
        raise UserError(
            f"process {error.error_index} of {settings.devices} that train ended by {ended}{why}; the same command"
            " continues from the last checkpoint"
        ) from error
    except ProcessRaisedException as error:
        name, _, message = str(error).strip().splitlines()[-1].partition(": ")
        if name == f"{UserError.__module__}.{UserError.__qualname__}":
            raise UserError(message) from error
        raise
    finally:
        if receiver.error is not None:
            raise receiver.error


@contextmanager
def _port() -> Iterator[None]:
    """Let every training find a free port of its own."""
    before = os.environ.pop(PORT, None)
    try:
        yield
    finally:
        os.environ.pop(PORT, None)
        if before is not None:
            os.environ[PORT] = before
