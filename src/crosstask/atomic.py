"""Atomic writes: a temporary file, then a rename, so that a reader sees the old content or the new, never half of it.

POSIX lets a rename replace its target in one step if both names are on one file system. A temporary file therefore lies
on the file system of its target, and has a random name, so that two writers of one target (threads, processes, or
machines that share the file system) never write into the same one. The last of them to finish wins.
"""

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO


def write_atomic(path: Path, write: Callable[[IO[bytes]], object], durable: bool = False) -> Path:
    """Write a file in one step, replacing what was there.

    Parameters
    ----------
    path
        File to write; its folder is made if need be.
    write
        Writes the content to an open binary file.
    durable
        Force the content to the disk before the rename (see `replacing`).

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    OSError
        If the file cannot be written. After this, as after any error of ``write``, the file is what it was before and
        nothing lies beside it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{uuid.uuid4().hex}.unfinished")  # no reader looks for this suffix
    with replacing(path, temporary, durable), temporary.open("wb") as file:
        write(file)
    return path


@contextmanager
def replacing(path: Path, temporary: Path, durable: bool) -> Iterator[None]:
    """Rename ``temporary`` to ``path`` when the block ends without an error, else remove it.

    Parameters
    ----------
    path
        The final place.
    temporary
        What the block writes: a name that nobody else uses, on the same file system as ``path``.
    durable
        Force the content to the disk before the rename. Without this a file system may carry out the rename first, and
        a power failure then leaves an empty file.
    """
    try:
        yield
        if durable:
            flush(temporary)
        os.replace(temporary, path)
    finally:
        with suppress(OSError):  # after the rename there is nothing to remove
            temporary.unlink()


def flush(path: Path) -> None:
    """Force a file's content to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
