"""Files and folders on their way to their place: they appear there whole or not at all.

What a process writes lies in a folder of its own, whose lock it holds as long as it lives; what has no such process any
more can be removed.
"""

import os
import shutil
import uuid
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from crosstask.storage import locks


class Unfinished:
    """What is being written through this object, on the same file system as the places it goes to.

    Parameters
    ----------
    root
        Folder of everything unfinished, of all processes.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    @contextmanager
    def folder(self, final: Path, replace: bool) -> Iterator[Path]:
        """Yield an empty folder that becomes ``final`` when the block ends without an error.

        What is there already stays, unless ``replace``.
        """
        temporary, replaced = self._temporary(), self._temporary()
        temporary.mkdir()
        try:
            yield temporary
            for path in temporary.iterdir():
                _flush(path)
            final.parent.mkdir(parents=True, exist_ok=True)
            if replace and final.exists():
                os.replace(final, replaced)
            try:
                os.replace(temporary, final)
            except OSError:
                if not final.exists():  # else somebody else finished the same content first
                    raise
        finally:
            shutil.rmtree(replaced, ignore_errors=True)
            shutil.rmtree(temporary, ignore_errors=True)

    @contextmanager
    def file(self, final: Path) -> Iterator[Path]:
        """Yield a path that becomes ``final``, replacing it, when the block ends without an error."""
        temporary = self._temporary()
        try:
            yield temporary
            _flush(temporary)
            final.parent.mkdir(parents=True, exist_ok=True)
            os.replace(temporary, final)
        finally:
            temporary.unlink(missing_ok=True)

    def remove_orphaned(self) -> None:
        """Remove what dead processes left."""
        for lock in self.root.glob("*.lock"):
            with locks.held_if_free(lock) as orphaned:
                if orphaned:
                    _remove(lock.with_suffix(""), lock)

    @cached_property
    def _own(self) -> Path:
        """The folder of what is written through this object, which others leave alone until it is not used any more."""
        folder = self.root / uuid.uuid4().hex
        lock = folder.with_suffix(".lock")
        owner = locks.keep(lock)
        folder.mkdir()
        weakref.finalize(self, _forget, folder, lock, owner)  # which keeps the lock, too
        return folder

    def _temporary(self) -> Path:
        """Return a path that nobody else uses."""
        return self._own / uuid.uuid4().hex


def _remove(folder: Path, lock: Path) -> None:
    """Remove the folder of unfinished things and its lock, which the caller holds."""
    shutil.rmtree(folder, ignore_errors=True)
    lock.unlink(missing_ok=True)


def _forget(folder: Path, lock: Path, owner: Any) -> None:
    """Remove the folder of an object that is not used any more, and let go of its lock."""
    _remove(folder, lock)
    owner.release()


def _flush(path: Path) -> None:
    """Force a file to the disk, so that a crash after the rename cannot leave it empty."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
