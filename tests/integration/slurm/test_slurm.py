"""Sweeps through a real Slurm; ``make test-slurm`` runs a cluster of one node around these tests."""

import re
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.small_sweep import SmallSweep

pytestmark = pytest.mark.slurm
SLURM = ["launcher=slurm", "hydra.launcher.cpus_per_task=1"]
ONE_AT_A_TIME = "hydra.launcher.array_parallelism=1"
LONG = ["trainer.batch_size=1", "trainer.max_epochs=10", "trainer.checkpoint_steps=5"]


@pytest.fixture
def sweep(tmp_path: Path, model_folder: Path) -> SmallSweep:
    return SmallSweep(tmp_path, model_folder)


def checkpoints(sweep: SmallSweep) -> set[str]:
    """The names of the trainings that have begun and not ended."""
    return {path.name for path in sweep.folder.glob("slurm/checkpoints/*.ckpt")}


def queue(*arguments: str) -> list[str]:
    """What Slurm's queue says of its jobs, a line for each."""
    command = ["squeue", "--noheader", "--array", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()


def wait_for(found: Callable[[], Any]) -> Any:
    """Wait until something is there, and return it."""
    for _ in range(1200):
        if result := found():
            return result
        time.sleep(0.1)
    raise AssertionError(f"nothing came; the queue has {queue()}")


def ended(running: subprocess.Popen[str]) -> str:
    """Wait for the end of a sweep, and return its output; Slurm would leave jobs that come back for two minutes."""
    while running.poll() is None:
        for job in queue("--states=PENDING", "--format=%i"):
            subprocess.run(["scontrol", "update", f"JobId={job}", "StartTime=now"], check=False, capture_output=True)
        time.sleep(1)
    return running.communicate()[0]


def test_an_array_gives_what_a_local_sweep_gives(sweep: SmallSweep):
    assert sweep.train("local").returncode == 0
    slurm = sweep.train("slurm", *SLURM)
    assert slurm.returncode == 0, slurm.stdout + slurm.stderr
    assert "3 jobs: 3 done" in slurm.stdout
    assert sweep.scores("slurm") == sweep.scores("local")
    again = sweep.train("slurm", *SLURM)
    assert "3 jobs: 3 reused" in again.stdout


def test_jobs_that_go_back_into_the_queue_continue(sweep: SmallSweep):
    """One is pre-empted with the signal that its launcher asked for, the other is sent back without a word."""
    assert sweep.train("local", *LONG).returncode == 0
    running = sweep.start("slurm", *LONG, *SLURM, ONE_AT_A_TIME)
    seen: set[str] = set()
    for send_back in (["scancel", "--signal=USR2"], ["scontrol", "requeue"]):
        seen |= wait_for(lambda seen=seen: checkpoints(sweep) - seen)
        (job,) = queue("--states=RUNNING", "--format=%i")
        with subprocess.Popen([*send_back, job]) as sender:
            wait_for(lambda job=job: job in queue("--states=PENDING", "--format=%i"))
            sender.kill()  # scancel would send the signal again, to the job's next life
    output = ended(running)
    assert running.returncode == 0, output
    assert "3 jobs: 3 done" in output
    logs = [path.read_text() for path in sweep.folder.glob("slurm/logs/*/*/*.log")]
    assert sum("continues from the checkpoint" in log for log in logs) == 2
    told = "".join(path.read_text() for path in sweep.folder.glob("slurm/logs/*/.submitit/*/*log.out"))
    assert "this job is preempted" in told
    assert sweep.scores("slurm") == sweep.scores("local")


def test_a_cancelled_job_does_not_hide_the_others(sweep: SmallSweep):
    running = sweep.start("slurm", *LONG, *SLURM, ONE_AT_A_TIME)
    wait_for(lambda: checkpoints(sweep))
    subprocess.run(["scancel", *queue("--states=RUNNING", "--format=%i")], check=True)
    output = ended(running)
    assert running.returncode == 1
    assert "3 jobs: 2 done, 1 interrupted" in output
    assert re.search(r"interrupted: \w+ seed=0: its process was killed while training, step \d+/1000", output)
    assert sweep.train("slurm", *LONG, *SLURM).returncode == 0
