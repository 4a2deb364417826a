"""Sweeps as a user types them: launchers, interruptions, and status."""

import json
import os
import re
import signal
import time
from pathlib import Path

import pytest

from tests.support.small_sweep import SmallSweep

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory, model_folder: Path) -> SmallSweep:
    return SmallSweep(tmp_path_factory.mktemp("sweep"), model_folder)


@pytest.fixture(scope="module", autouse=True)
def alone(sweep: SmallSweep) -> None:
    """One job after the other, which the tests compare with."""
    ended = sweep.train("alone")
    assert ended.returncode == 0, ended.stdout + ended.stderr


def lines(output: str, start: str) -> list[str]:
    return [line for line in output.splitlines() if line.startswith(start)]


def test_two_workers_give_the_same_results(sweep: SmallSweep):
    parallel = sweep.train("parallel", "launcher=parallel", "hydra.launcher.n_jobs=2")
    assert parallel.returncode == 0, parallel.stdout + parallel.stderr
    assert "3 jobs: 3 done (logs in parallel/logs/" in parallel.stdout
    assert sweep.scores("parallel") == sweep.scores("alone")
    logs = [path.read_text() for path in sweep.folder.glob("parallel/logs/*/*/train.log")]
    assert len(logs) == 3
    assert all("done: " in log for log in logs)


def test_a_worker_that_is_killed_does_not_end_the_sweep(sweep: SmallSweep):
    long = ["trainer.batch_size=1", "trainer.checkpoint_steps=5", "trainer.max_epochs=4"]
    running = sweep.start("killed", *long, "launcher=parallel", "hydra.launcher.n_jobs=2")
    os.kill(in_training(sweep, "killed")[0], signal.SIGKILL)
    output = running.communicate(timeout=240)[0]
    assert running.returncode == 0, output
    assert "a worker process was killed; jobs that have not ended are launched again" in output
    assert "3 jobs: 3 done" in output
    logs = [path.read_text() for path in sweep.folder.glob("killed/logs/*/*/train.log")]
    assert any("continues from the checkpoint" in log for log in logs)


def test_workers_end_with_a_sweep_that_is_killed(sweep: SmallSweep):
    long = ["trainer.batch_size=1", "trainer.checkpoint_steps=5", "trainer.max_epochs=4"]
    running = sweep.start("orphans", *long, "launcher=parallel", "hydra.launcher.n_jobs=2")
    workers = in_training(sweep, "orphans")
    assert running.pid not in workers
    os.kill(running.pid, signal.SIGKILL)
    running.communicate(timeout=60)  # once the last process that could write is gone
    assert not list(sweep.holders("orphans/locks/*"))
    assert not list(sweep.holders("orphans/unfinished/*.lock"))


def in_training(sweep: SmallSweep, store: str) -> list[int]:
    """Wait until a checkpoint is there, and return the processes that hold the lock of an adapter."""
    for _ in range(1200):
        if list(sweep.folder.glob(f"{store}/checkpoints/*.ckpt")):
            break
        time.sleep(0.05)
    return sorted(set(sweep.holders(f"{store}/locks/adapter-*")))


def test_fail_fast_starts_nothing_more(sweep: SmallSweep):
    broken = ["data.test_rows=1000", "target.imdb.prompt='{{ nothing }}'", "fail_fast=true"]
    stopped = sweep.train("stopped", *broken)
    assert stopped.returncode == 1
    assert "3 jobs: 1 failed, 2 skipped" in stopped.stdout
    assert "skipped: another job failed, and fail_fast=true" in stopped.stdout


def test_status_shows_every_job_and_what_is_stale(sweep: SmallSweep):
    status = sweep.script("status.py", "store=alone")
    assert status.returncode == 0, status.stderr
    assert status.stdout.startswith("python train.py -m source=base,imdb,pile data=local ")
    assert "3 jobs: 3 done" in status.stdout
    assert len(re.findall(r"^  \[\d/3\] .* done: ", status.stdout, re.MULTILINE)) == 3
    assert "stale" not in status.stdout
    path = sweep.folder / "data" / "imdb" / "test.jsonl"
    before = path.read_text()
    path.write_text(before.replace("good", "fine"))
    try:
        after = sweep.script("status.py", "store=alone").stdout.splitlines()
    finally:
        path.write_text(before)
    assert after[-2:] == [
        "stale, because an input is not what it was; the same command computes anew:",
        "  target imdb: all",
    ]


def test_status_of_a_sweep_that_was_killed(sweep: SmallSweep):
    long = ["trainer.batch_size=1", "trainer.checkpoint_steps=5", "trainer.max_epochs=4"]
    running = sweep.start("interrupted", *long)
    (process,) = in_training(sweep, "interrupted")
    left = r"3 jobs: 1 running, 2 waiting; \d+ % of the work in \d+ (s|min), about \d+ (s|min) left"
    for _ in range(20):  # a job reports its progress from time to time; after one step it may seem to take hours
        during = sweep.script("status.py", "store=interrupted").stdout
        if re.search(left, during):
            break
    assert re.search(left, during)
    assert re.search(r"\[1/3\] \w+ seed=0  running: training, step \d+/400, loss [\d.]+ \(\d+ % for \d+ s\)", during)
    os.kill(process, signal.SIGKILL)
    running.communicate()
    after = sweep.script("status.py", "store=interrupted").stdout
    assert "3 jobs: 1 interrupted, 2 not started" in after
    assert "the same command computes what is missing" in after


def test_a_second_sweep_knows_how_long_it_takes(sweep: SmallSweep):
    again = sweep.train("alone", "seed=0,1")
    assert lines(again.stdout, "6 jobs, the longest first; about ")
    assert "6 jobs: 2 done, 4 reused" in again.stdout
    plan = json.loads(max(sweep.folder.glob("alone/logs/*/sweep.json")).read_text())
    works = [job["work"] for job in plan["jobs"]]
    assert works == sorted(works, reverse=True)
    assert [work > 0 for work in works] == [True] * 2 + [False] * 4
