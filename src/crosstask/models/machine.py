"""What this machine has to compute with."""

import torch


def gpus() -> tuple[str, ...]:
    """Return the names of the GPUs that this process may use."""
    return tuple(torch.cuda.get_device_name(number) for number in range(torch.cuda.device_count()))
