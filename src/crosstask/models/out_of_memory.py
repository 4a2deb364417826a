"""Out of memory, on whatever device."""

import torch

CPU_MEMORY = "DefaultCPUAllocator: "
"""Stands in the RuntimeError that tells of a CPU without memory; on other devices the error has a class of its own.
How it goes on depends on the operating system."""


def is_out_of_memory(error: BaseException) -> bool:
    """Tell whether an error says that the device's memory does not suffice.

    Examples
    --------
    >>> is_out_of_memory(RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes"))
    True
    >>> is_out_of_memory(RuntimeError("shapes do not match"))
    False
    """
    return isinstance(error, torch.OutOfMemoryError) or (isinstance(error, RuntimeError) and CPU_MEMORY in str(error))
