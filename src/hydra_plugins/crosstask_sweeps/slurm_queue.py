"""How Slurm jobs are, by Slurm's queue, which every cluster has; submitit asks its accounting, which not every one has.

Without accounting, submitit would wait for ever for a job that was cancelled.
"""

import subprocess
import time

from submitit.slurm.slurm import SlurmInfoWatcher

SECONDS = 10
"""Between two looks at the queue, at most."""


class SlurmQueue(SlurmInfoWatcher):
    """Jobs that the queue has, in their state; a job that it has not any more is over."""

    def __init__(self) -> None:
        super().__init__(delay_s=SECONDS)

    def update(self) -> None:
        """Ask for the state of all jobs at once."""
        self._last_status_check = time.time()
        arrays = sorted({job.split("_")[0] for job in self._registered})
        command = ["squeue", "--noheader", "--array", "--format=%i|%T", f"--jobs={','.join(arrays)}"]
        asked = subprocess.run(command, capture_output=True, text=True, check=False)
        if asked.returncode == 0 or "Invalid job id" in asked.stderr:  # which it says of jobs that are long over
            self._info_dict = states(asked.stdout, self._registered)

    def wait(self) -> None:
        """Wait until the queue has none of the jobs."""
        while not all(self.is_done(job) for job in self._registered):
            time.sleep(SECONDS)


def states(queue: str, jobs: set[str]) -> dict[str, dict[str, str]]:
    r"""Return the state of jobs in what ``squeue`` printed of them.

    Examples
    --------
    >>> states("7_0|RUNNING\n7_1|PENDING\n", {"7_0", "7_2"})
    {'7_0': {'State': 'RUNNING'}, '7_2': {'State': 'COMPLETED'}}
    """
    found = dict(line.split("|") for line in queue.splitlines())
    return {job: {"State": found.get(job, "COMPLETED")} for job in sorted(jobs)}
