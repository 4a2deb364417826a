"""A folder outside the user's home through which files go to the server.

W&B's client writes into the manifest of an artifact, and so sends to the server, under which path each file was found
on this machine; of files that it makes itself, such as tables, that is a folder in the user's home.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crosstask.fingerprint import fingerprint

DATA_DIR = "WANDB_DATA_DIR"
"""The variable that names the folder of files which the client makes."""


@contextmanager
def staging() -> Iterator[Path]:
    """Yield a folder that exists while the block runs, and let the client make its files there."""
    before = os.environ.get(DATA_DIR)
    with tempfile.TemporaryDirectory(prefix="crosstask-") as folder:
        os.environ[DATA_DIR] = folder
        try:
            yield Path(folder)
        finally:
            if before is None:
                del os.environ[DATA_DIR]
            else:
                os.environ[DATA_DIR] = before


def linked(path: Path, folder: Path) -> Path:
    """Return a link to a file, made in a folder unless it is there."""
    link = folder / fingerprint(str(path))
    if not link.is_symlink():
        link.symlink_to(path)
    return link
