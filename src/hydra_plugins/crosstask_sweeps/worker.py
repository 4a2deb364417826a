"""What a worker process of a sweep does besides its jobs."""

import os
import threading
import time

SECONDS = 1.0
"""Between two looks at the launcher."""


def end_with(launcher: int) -> None:
    """End this process as soon as the one that launched it is gone.

    One that was killed cannot tell its workers; they would wait for jobs for ever, with a model in memory and locks in
    the store. A job that is cut short in this way is taken up again where it was.
    """
    threading.Thread(target=_watch, args=(launcher,), daemon=True).start()


def _watch(launcher: int) -> None:
    """Look again and again whether the launcher is still the parent."""
    while os.getppid() == launcher:
        time.sleep(SECONDS)
    os._exit(1)
