"""Lightning's strategies for several devices, in processes of their own, and what a device does within one."""

import faulthandler
import os
import sys
from typing import Any

import torch
from pytorch_lightning.strategies import DDPStrategy, ModelParallelStrategy
from pytorch_lightning.strategies.launchers import _MultiProcessingLauncher

from crosstask.config.training import Strategy, Trainer
from crosstask.errors import UserError


class Launcher(_MultiProcessingLauncher):
    """Lightning's, whose processes end as soon as they are done.

    In an orderly exit PyTorch's threads that still serve the group abort the process now and then ("terminate called
    without an active exception"). What a process returns is in its pipe by then. One that crashes in native code says
    where it was.
    """

    def __init__(self, strategy: Any) -> None:
        super().__init__(strategy, start_method="spawn")

    def _wrapping_function(self, *args: Any, **kwargs: Any) -> None:
        faulthandler.enable()
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
