"""Locks between processes, which the operating system releases when a process ends, however it ends.

They are ``flock`` locks on empty files: between the processes of one machine they always work, between machines where
their common file system has them (NFS and Lustre do, unless they are mounted without).
"""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from crosstask.errors import UserError

POLL_SECONDS = 0.1


def _lock(path: Path) -> FileLock:
    """Return a lock on a file; never one that is a mere file, which would outlive its process."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return FileLock(path, fallback_to_soft=False, thread_local=False)


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
    lock = _lock(path)
    try:
        try:
            lock.acquire(blocking=False)
        except Timeout:
            waiting()
            lock.acquire(poll_interval=POLL_SECONDS)
    except OSError as error:
        raise UserError(f"{path}: cannot be locked: {error}; the store needs a file system with flock") from error
    try:
        yield
    finally:
        lock.release()


@contextmanager
def held_if_free(path: Path) -> Iterator[bool]:
    """Hold the lock on a file for the time of the block if nobody holds it; yields whether it is held here."""
    lock = _lock(path)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


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


def keep(path: Path, wait: bool = True) -> FileLock | None:
    """Hold the lock on a file for as long as the returned object is referred to.

    Where another process holds it, wait; or return None.
    """
    lock = _lock(path)
    try:
        lock.acquire(blocking=wait)
    except Timeout:
        return None
    return lock
