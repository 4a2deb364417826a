"""Hydra's launchers, such that the end of one process does not end a sweep."""

import logging
import os
import signal
from collections.abc import Sequence
from typing import Any

from hydra_plugins.hydra_joblib_launcher.joblib_launcher import JoblibLauncher
from hydra_plugins.hydra_submitit_launcher.submitit_launcher import LocalLauncher, SlurmLauncher

from crosstask.errors import UserError

log = logging.getLogger("crosstask.launchers")

LAUNCHES = 3
"""Number of times that a sweep whose worker processes are killed is launched at most."""


class WorkerPool(JoblibLauncher):
    """Several processes on this machine (joblib): one for each GPU, or for each core where there is no GPU.

    joblib divides the cores among the processes (OMP_NUM_THREADS). It ends all of them when one is killed, so the jobs
    that have not ended are launched again; one that is killed again and again is left in the end.
    """

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Any:
        """Launch the jobs."""
        from joblib import cpu_count
        from joblib.externals.loky.process_executor import TerminatedWorkerError

        from crosstask.sweeps import gpus
        from hydra_plugins.crosstask_sweeps.worker import end_with

        if not self.joblib["n_jobs"]:
            raise UserError("hydra.launcher.n_jobs=0: must be at least 1, or -1 for one on each GPU or core")
        self.joblib |= {"initializer": end_with, "initargs": (os.getpid(),)}
        most = self.joblib["n_jobs"] if self.joblib["n_jobs"] > 0 else len(gpus.available()) or cpu_count()
        self.joblib["n_jobs"] = min(most, len(job_overrides))
        for launches_left in reversed(range(LAUNCHES)):
            try:
                return super().launch(job_overrides, initial_job_idx)
            except TerminatedWorkerError:
                if not launches_left:
                    raise
                log.warning("a worker process was killed; jobs that have not ended are launched again")


class LocalProcesses(LocalLauncher):
    """A process for each job on this machine (submitit), so that a job is run as it will be on a cluster."""

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Any:
        """Launch the jobs; all GPUs are left to them, where submitit would hide them."""
        from crosstask.sweeps import gpus

        self.params["gpus_per_node"] = len(gpus.available())
        return super().launch(job_overrides, initial_job_idx)


class SlurmArray(SlurmLauncher):
    """An array of Slurm jobs (submitit)."""

    def checkpoint(self, *args: Any, **kwargs: Any) -> Any:
        """Return what is to be done when the job comes out of the queue again; called before it goes back.

        Once Slurm is asked for that, it ends all that belongs to the job, the process that asks included: so that
        this one can finish, it must inherit that SIGTERM is ignored.
        """
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        return super().checkpoint(*args, **kwargs)

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Any:
        """Launch the jobs; one that Slurm ends does not hide the end of the others."""
        from submitit import SlurmJob
        from submitit.core.utils import UncompletedJobError

        from crosstask.sweeps.slurm_queue import SlurmQueue

        SlurmJob.watcher = queue = SlurmQueue()
        try:
            return super().launch(job_overrides, initial_job_idx)
        except UncompletedJobError:
            queue.wait()
            raise
