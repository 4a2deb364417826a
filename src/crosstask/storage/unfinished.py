"""Atomic writes of files and folders into the store, and the removal of what killed processes left behind.

Each process writes below a folder of its own and holds a lock beside it for as long as it lives. A folder whose lock is
free therefore belongs to a process that is gone, and can be removed.
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

from crosstask.atomic import flush, replacing
from crosstask.storage import locks


class Unfinished:
    """Temporary files and folders of this process, on the file system of the places that they are renamed to.

    Parameters
    ----------
    root
        Folder of the temporary files and folders of all processes.
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
                flush(path)
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
        with replacing(final, temporary, durable=True):
            yield temporary
            final.parent.mkdir(parents=True, exist_ok=True)

    def remove_orphaned(self) -> None:
        """Remove what killed processes left behind."""
        for lock in self.root.glob("*.lock"):
            with locks.held_if_free(lock) as orphaned:
                if orphaned:
                    _remove(lock.with_suffix(""), lock)

    @cached_property
    def _own(self) -> Path:
        """The folder of this object, which other processes leave alone until the object is garbage-collected."""
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
    """Remove a folder of temporary files and its lock, which the caller holds."""
    shutil.rmtree(folder, ignore_errors=True)
    lock.unlink(missing_ok=True)


def _forget(folder: Path, lock: Path, owner: Any) -> None:
    """Remove the folder of a garbage-collected object and release its lock."""
    _remove(folder, lock)
    owner.release()
