"""Training on several devices: Lightning's strategies in processes of their own, and what comes back from them.

Lightning starts the processes of a strategy by running the command line once more, which would repeat a whole sweep;
so here they are spawned from the running job, each with a copy of model and data. Only the first one reports: what it
logs, how far it is, and at the end what the training left, through a pipe. Its weights come back by Lightning.
"""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from signal import SIGKILL
from typing import Any

import pytorch_lightning as lightning
import torch
from pytorch_lightning.strategies import DDPStrategy, ModelParallelStrategy
from pytorch_lightning.strategies.launchers import _MultiProcessingLauncher
from torch.multiprocessing import ProcessRaisedException

from crosstask.config.training import Strategy, Trainer
from crosstask.errors import UserError
from crosstask.training.messages import Receiver, Sender, SendingLogger

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


class Launcher(_MultiProcessingLauncher):
    """Lightning's, whose processes end as soon as they are done.

    In an orderly exit PyTorch's threads that still serve the group abort the process now and then ("terminate called
    without an active exception"). What a process returns is in its pipe by then.
    """

    def __init__(self, strategy: Any) -> None:
        super().__init__(strategy, start_method="spawn")

    def _wrapping_function(self, *args: Any, **kwargs: Any) -> None:
        super()._wrapping_function(*args, **kwargs)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


class ReplicatedStrategy(DDPStrategy):
    """PyTorch's DDP as Lightning has it, in spawned processes."""

    def __init__(self) -> None:
        super().__init__(start_method="spawn")

    def _configure_launcher(self) -> None:
        self._launcher = Launcher(self)


class ShardedStrategy(ModelParallelStrategy):
    """PyTorch's FSDP2 as Lightning has it, in spawned processes; the layers are sharded by :func:`shard`.

    FSDP2 shards each tensor by itself, so that frozen and trained weights may stand side by side.
    """

    def __init__(self, devices: int) -> None:
        super().__init__(data_parallel_size=devices, tensor_parallel_size=1, save_distributed_checkpoint=False)

    def _configure_launcher(self) -> None:
        self._launcher = Launcher(self)

    def load_checkpoint(self, checkpoint_path: Any, weights_only: bool | None = None) -> dict[str, Any]:
        """Load a checkpoint, and keep in it the weights that Lightning takes out: the module checks their names."""
        checkpoint = super().load_checkpoint(checkpoint_path, weights_only)
        weights = torch.load(checkpoint_path, map_location="cpu", weights_only=True)["state_dict"]
        return {**checkpoint, "state_dict": weights}


def strategy(settings: Trainer) -> Any:
    """Return what Lightning's trainer takes as its strategy for several devices.

    Raises
    ------
    UserError
        If there are fewer GPUs than ``trainer.devices``.
    """
    if settings.accelerator != "cpu" and torch.cuda.is_available() and settings.devices > torch.cuda.device_count():
        raise UserError(f"trainer.devices={settings.devices}: this machine has {torch.cuda.device_count()} GPUs")
    return ReplicatedStrategy() if settings.strategy is Strategy.ddp else ShardedStrategy(settings.devices)


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


def shard(model: Any, trainer: Any) -> None:
    """Share a peft model's weights out among the devices, block by block, if that is the trainer's strategy."""
    if not isinstance(trainer.strategy, ShardedStrategy):
        return
    from torch.distributed.fsdp import fully_shard

    mesh = trainer.strategy.device_mesh["data_parallel"]
    blocks = set(model.get_base_model()._no_split_modules or ())
    for module in list(model.modules()):
        if type(module).__name__ in blocks:
            fully_shard(module, mesh=mesh)
    fully_shard(model, mesh=mesh)


def full_tensor(weight: torch.Tensor) -> torch.Tensor:
    """Return a tensor of which this device may hold only a part; all devices must ask for it."""
    return weight.full_tensor() if hasattr(weight, "full_tensor") else weight


def sum_over_devices(value: torch.Tensor | float, trainer: Any) -> float:
    """Return the sum of a number over all devices; all devices must ask for it."""
    if trainer.world_size > 1:
        value = torch.as_tensor(value, dtype=torch.float32, device=trainer.strategy.root_device)
        value = trainer.strategy.reduce(value, reduce_op="sum")
    return float(value)


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
    with _errors(receiver), _port():
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
def _errors(receiver: Receiver) -> Iterator[None]:
    """Raise what a process raised as if it had been raised here."""
    try:
        yield
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
