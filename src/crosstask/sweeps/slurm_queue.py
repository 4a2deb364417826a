"""The state of Slurm jobs from Slurm's queue, which every cluster has; submitit reads its accounting, which some lack.

Without accounting, submitit would wait forever for a job that was canceled.
"""

import subprocess
import time

from submitit.slurm.slurm import SlurmInfoWatcher

SECONDS = 10
"""Longest time between two requests to the queue."""


class SlurmQueue(SlurmInfoWatcher):
    """The jobs in the queue with their state; a job that is not in it any more has completed."""

    def __init__(self) -> None:
        super().__init__(delay_s=SECONDS)

    def update(self) -> None:
        """Request the state of all jobs at once."""
        self._last_status_check = time.time()
        arrays = sorted({job.split("_")[0] for job in self._registered})
        command = ["squeue", "--noheader", "--array", "--format=%i|%T", f"--jobs={','.join(arrays)}"]
        asked = subprocess.run(command, capture_output=True, text=True, check=False)
        if asked.returncode == 0 or "Invalid job id" in asked.stderr:  # its answer about jobs that completed long ago
            self._info_dict = states(asked.stdout, self._registered)

    def wait(self) -> None:
        """Wait until the queue has none of the jobs."""
        while not all(self.is_done(job) for job in self._registered):
            time.sleep(SECONDS)


def states(queue: str, jobs: set[str]) -> dict[str, dict[str, str]]:
    r"""Return the state of jobs from the output of ``squeue``.

    Examples
    --------
    >>> states("7_0|RUNNING\n7_1|PENDING\n", {"7_0", "7_2"})
    {'7_0': {'State': 'RUNNING'}, '7_2': {'State': 'COMPLETED'}}
    """
    found = dict(line.split("|") for line in queue.splitlines())
    return {job: {"State": found.get(job, "COMPLETED")} for job in sorted(jobs)}
