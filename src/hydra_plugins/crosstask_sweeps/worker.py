"""Worker processes of a sweep end with the process that launched them."""

import os
import threading
import time

SECONDS = 1.0
"""Between two checks."""


def end_with(launcher: int) -> None:
    """End this process as soon as the one that launched it has ended.

    A launcher that was killed cannot stop its workers; they would wait for jobs forever, with a model in memory and
    locks in the store. A job that is interrupted in this way continues from its checkpoint when it is run again.
    """
    threading.Thread(target=_watch, args=(launcher,), daemon=True).start()


def _watch(launcher: int) -> None:
    """Check from time to time whether the launcher is still the parent."""
    while os.getppid() == launcher:
        time.sleep(SECONDS)
    os._exit(1)
