"""Locks between processes, which the operating system releases when a process ends, however it ends.

They are ``flock`` locks on empty files: between the processes of one machine they always work, between machines where
their common file system has them (NFS and Lustre do, unless they are mounted without).
"""

import errno
import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from crosstask.errors import UserError

if TYPE_CHECKING:
    from filelock import FileLock

POLL_SECONDS = 0.1
_NOT_WRITABLE = (errno.EACCES, errno.EPERM, errno.EROFS)


def keep(path: Path, wait: bool = True) -> "FileLock | None":
    """Hold the lock on a file for as long as the returned object is referred to.

    Where another process holds it, wait; or return None.
    """
    from filelock import FileLock, Timeout  # takes longer to import than a look at a sweep

    path.parent.mkdir(parents=True, exist_ok=True)
    # Never a lock that is a mere file, which would outlive its process.
    lock = FileLock(path, fallback_to_soft=False, thread_local=False)
    try:
        lock.acquire(blocking=wait, poll_interval=POLL_SECONDS)
    except Timeout:
        return None
    return lock


@contextmanager
def held(path: Path, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Hold the lock on a file for the time of the block.

    Parameters
    ----------
    path
        The file, made if it does not exist.
    waiting
        Called once if another process holds the lock, before waiting for it.

    Raises
    ------
    UserError
        If the file system has no locks.
    """
    try:
        lock = keep(path, wait=False)
        if lock is None:
            waiting()
            lock = keep(path)
    except OSError as error:
        raise _not_locked(path, error) from error
    try:
        yield
    finally:
        _release(lock)


@contextmanager
def held_if_free(path: Path) -> Iterator[bool]:
    """Hold the lock on a file for the time of the block if nobody holds it; yields whether it is held here.

    Raises
    ------
    UserError
        If the file cannot be made, or the file system has no locks.
    """
    try:
        lock = keep(path, wait=False)
    except OSError as error:
        raise _not_locked(path, error) from error
    try:
        yield lock is not None
    finally:
        _release(lock)


def _not_locked(path: Path, error: OSError) -> UserError:
    """Return the error of a file that cannot be locked."""
    needs = "be writable" if error.errno in _NOT_WRITABLE else "lie on a file system with flock"
    return UserError(f"{path}: cannot be locked: {error}; the store has to {needs}")


def _release(lock: "FileLock | None") -> None:
    """Release a lock, if it is held."""
    if lock is not None:
        lock.release()


@contextmanager
def appending(path: Path) -> Iterator[BinaryIO]:
    """Open a file, made if it does not exist, to read it and add to it while nobody else does, thread or process.

    What is added is on the disk when the block ends.

    Raises
    ------
    UserError
        If the file cannot be written, or the file system has no locks.
    """
    try:
        file = path.open("a+b")
        fcntl.flock(file, fcntl.LOCK_EX)
    except OSError as error:
        raise _not_locked(path, error) from error
    with file:  # closed, it is free again
        yield file
        file.flush()
        os.fsync(file.fileno())


def is_held(path: Path) -> bool:
    """Return whether a process that is alive holds the lock on a file."""
    # A shared lock on a file that is only read: a store that cannot be written can be looked at.
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return False
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
