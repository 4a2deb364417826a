"""Exclusive use of one GPU of this machine by each process that asks; nothing where there is none."""

import logging
import os
import shutil
import subprocess
import tempfile
import time
from functools import lru_cache
from pathlib import Path
from typing import Any

from crosstask.storage import locks

log = logging.getLogger(__name__)

VISIBLE = "CUDA_VISIBLE_DEVICES"
QUERY = ("nvidia-smi", "--query-gpu=index,uuid", "--format=csv,noheader")


def available() -> list[str]:
    """Return the ids of the GPUs that this process may use, in their order; CUDA_VISIBLE_DEVICES is respected."""
    if shutil.which(QUERY[0]) is None:
        return []
    listed = subprocess.run(QUERY, capture_output=True, text=True, check=False)
    if listed.returncode != 0:  # a machine with the driver's tools, but without a GPU
        return []
    return chosen(listed.stdout, os.environ.get(VISIBLE))


def chosen(listed: str, visible: str | None) -> list[str]:
    r"""Return the ids in nvidia-smi's list, of those that CUDA_VISIBLE_DEVICES names by number or id.

    Examples
    --------
    >>> chosen("0, GPU-a\n1, GPU-b\n", None)
    ['GPU-a', 'GPU-b']
    >>> chosen("0, GPU-a\n1, GPU-b\n", "1")
    ['GPU-b']
    >>> chosen("0, GPU-a\n1, GPU-b\n", "")
    []
    """
    ids = dict(line.split(", ") for line in listed.splitlines())
    if visible is None:
        return list(ids.values())
    return [ids.get(name, name) for name in visible.split(",") if name]


def claim() -> None:
    """Let this process see one GPU only, of which it has exclusive use; wait until one is free.

    To be called before CUDA is used, and before each job, since Hydra restores the environment after each. Does
    nothing where there is no GPU.
    """
    name = _own()
    if name is not None:
        os.environ[VISIBLE] = name


@lru_cache
def _own() -> str | None:
    """Return the GPU that this process holds until it ends, claimed at the first call; None where there is none."""
    names = available()
    announced = False
    while names:
        for name in names:
            lock = locks.keep(_lock_file(name), wait=False)
            if lock is not None:
                _held.append(lock)
                return name
        if not announced:
            log.info("waiting for a free GPU: %s", ", ".join(names))
            announced = True
        time.sleep(1.0)
    return None


_held: list[Any] = []
"""Locks of this process, which end with it."""


def _lock_file(name: str) -> Path:
    """Return the file that stands for a GPU, the same whatever the store."""
    return Path(tempfile.gettempdir()) / f"crosstask-gpus-{os.getuid()}" / name.replace("/", "-")
