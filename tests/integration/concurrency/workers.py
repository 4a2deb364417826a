"""Several processes that make the same rows in one store at the same time.

Arguments: a pickled list of jobs, a folder for what they say, and how many processes. Each process makes all rows, the
n-th begins with the n-th. What each job returned is in ``<folder>/<process>.json``, its log in ``<process>.log``.
With ``victim`` as fourth argument the first process kills itself with SIGKILL after two steps of its first training, in
which the others find it.
"""

import json
import logging
import os
import pickle
import signal
import sys
import time
from pathlib import Path

from crosstask.config.job import TrainConfig
from crosstask.jobs.job import train
from crosstask.jobs.progress import Progress
from crosstask.training import fit  # noqa: F401  imported before the processes part, which saves the time of all but one

PATIENCE = 60
"""Seconds until a process dies of which no other waits, which fails the test."""


class DiesInTraining(Progress):
    """Kills its process after two steps, once another one waits for it."""

    def __init__(self, log_of_other: Path) -> None:
        super().__init__()
        self.log_of_other = log_of_other

    def training(self, step: int, steps: int, note: str) -> None:
        if step == 2:
            until = time.monotonic() + PATIENCE
            while not self._is_awaited() and time.monotonic() < until:
                time.sleep(0.01)
            os.kill(os.getpid(), signal.SIGKILL)

    def _is_awaited(self) -> bool:
        return self.log_of_other.exists() and "waiting for another process" in self.log_of_other.read_text()


def make(rows: list[TrainConfig], said: Path, number: int, progress: Progress) -> None:
    """Make all rows, and write down what was said."""
    logging.basicConfig(filename=said / f"{number}.log", level=logging.INFO)
    first = number % len(rows)
    notes = [train(row, progress) for row in rows[first:] + rows[:first]]
    (said / f"{number}.json").write_text(json.dumps(notes))


def main(pickled: str, said: str, processes: str, victim: str = "") -> None:
    """Start the processes and wait for them."""
    rows = pickle.loads(Path(pickled).read_bytes())
    children = []
    for number in range(int(processes)):
        child = os.fork()
        if child == 0:
            progress = DiesInTraining(Path(said) / "1.log") if victim and number == 0 else Progress()
            make(rows, Path(said), number, progress)
            os._exit(0)
        children.append(child)
        while victim and not list(Path(rows[0].store).glob("locks/adapter-*")):
            time.sleep(0.01)
    ends = [os.waitpid(child, 0)[1] for child in children]
    expected = [signal.SIGKILL] if victim else [0]
    assert ends == expected + [0] * (len(children) - 1), ends


if __name__ == "__main__":
    main(*sys.argv[1:])
