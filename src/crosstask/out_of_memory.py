"""Out of memory, on whatever device."""

import torch

CPU_MEMORY = "not enough memory"
"""What torch says in a RuntimeError when the CPU's memory runs out; on other devices the error has its own class."""


def is_out_of_memory(error: BaseException) -> bool:
    """Tell whether an error says that the device's memory does not suffice.

    Examples
    --------
    >>> is_out_of_memory(RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 8 bytes"))
    True
    >>> is_out_of_memory(RuntimeError("shapes do not match"))
    False
    """
    return isinstance(error, torch.OutOfMemoryError) or (isinstance(error, RuntimeError) and CPU_MEMORY in str(error))
