"""What this machine has to compute with."""

import os
import time
from functools import cache

import torch

TIMED = 0.05
"""Seconds for which products are timed."""


def gpus() -> tuple[str, ...]:
    """Return the names of the GPUs that this process may use."""
    return tuple(torch.cuda.get_device_name(number) for number in range(torch.cuda.device_count()))


def device() -> str:
    """Return the kind of device that models compute on here: ``cuda`` or ``cpu``."""
    return "cuda" if torch.cuda.is_available() else "cpu"


def memory() -> int | None:
    """Return the bytes of memory of the first GPU, or of the machine without one; None where that is not known."""
    if device() == "cuda":
        return int(torch.cuda.get_device_properties(0).total_memory)
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError):
        return None


def free_memory(device: torch.device) -> int:
    """Return the bytes of a GPU that are free, those that this process holds without use included."""
    free, _ = torch.cuda.mem_get_info(device)
    return int(free + torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device))


@cache
def speed(tokens: int, width: int, dtype: str, threads: int) -> float:
    """Return the floating-point operations per second of a matrix product, timed here and now.

    Parameters
    ----------
    tokens, width
        The product is one of (tokens x width) and (width x width), as a layer of a model has it.
    dtype
        Name of the torch type.
    threads
        Of a CPU.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        held = {"dtype": getattr(torch, dtype), "device": device()}
        left, right = torch.ones((tokens, width), **held), torch.ones((width, width), **held)
        _ = left @ right  # the first one loads what computes it
        _finish()
        started, products = time.perf_counter(), 0
        while time.perf_counter() - started < TIMED or not products:
            _ = left @ right
            _finish()
            products += 1
        return 2 * tokens * width * width * products / (time.perf_counter() - started)
    finally:
        torch.set_num_threads(before)


def _finish() -> None:
    """Wait until the device has computed what it was given."""
    if device() == "cuda":
        torch.cuda.synchronize()
