"""The files of a sweep: the state of each job, whoever runs it."""

import json
import os
import signal
import time
from pathlib import Path

import pytest

from crosstask.errors import UserError
from crosstask.storage import locks
from crosstask.sweeps.job_folder import JobFolder, Status
from crosstask.sweeps.status_table import announcement, overview, summary
from crosstask.sweeps.sweep_folder import Plan, PlannedJob, SweepFolder, latest


@pytest.fixture
def sweep(tmp_path: Path) -> SweepFolder:
    jobs = [PlannedJob(name, [f"source={name}"], work) for name, work in (("a", 60.0), ("b", 30.0), ("base", 10.0))]
    folder = SweepFolder(tmp_path / "logs" / "first")
    folder.write(Plan("python train.py -m source=a,b,base", "train", "tiny", jobs, started=time.time() - 100))
    for number in range(len(jobs)):
        folder.job(number).path.mkdir()
    return folder


def statuses(sweep: SweepFolder) -> list[Status]:
    return [job.status for job in sweep.jobs()]


def test_a_plan_is_read_as_it_was_written(sweep: SweepFolder):
    assert SweepFolder(sweep.path).plan == sweep.plan
    assert [job.name for job in sweep.plan.jobs] == ["a", "b", "base"]


def test_the_state_of_jobs_while_the_sweep_runs_and_after(sweep: SweepFolder):
    with sweep.alive():
        assert statuses(sweep) == [Status.waiting] * 3
        with sweep.job(0).claimed() as to_do:
            assert to_do
            sweep.job(0).report(0.5, "training, step 5/10")
            assert statuses(sweep) == [Status.running, Status.waiting, Status.waiting]
            assert sweep.share(sweep.jobs()) == pytest.approx(0.3)
        assert statuses(sweep)[0] is Status.waiting, "it was sent back and is to continue"
    assert statuses(sweep) == [Status.interrupted, Status.not_started, Status.not_started]
    assert sweep.jobs()[0].note == "its process was killed while training, step 5/10"


def test_a_job_whose_process_is_killed_is_interrupted(sweep: SweepFolder):
    child = os.fork()
    if child == 0:
        with sweep.job(1).claimed():
            sweep.job(1).report(0.1, "starting")
            os.kill(os.getpid(), signal.SIGSTOP)
    os.waitpid(child, os.WUNTRACED)
    assert statuses(sweep)[1] is Status.running
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert statuses(sweep)[1] is Status.interrupted


def test_a_job_that_has_ended_is_not_done_again(sweep: SweepFolder):
    sweep.job(0).end("a", Status.done, "trained")
    with sweep.job(0).claimed() as to_do:
        assert not to_do


def test_progress_is_written_once_a_second(tmp_path: Path):
    job = JobFolder(tmp_path)
    job.report(0.1, "first")
    job.report(0.2, "second")
    assert job.progress()["note"] == "first"


def test_the_table_at_the_end(sweep: SweepFolder):
    sweep.job(0).end("a", Status.done, "trained")
    sweep.job(1).end("b", Status.failed, "no such file")
    sweep.job(2).end("base", Status.skipped, "another job failed")
    (sweep.job(1).path / "train.log").touch()
    assert sweep.any_failed()
    assert summary(sweep).splitlines() == [
        f"3 jobs: 1 done, 1 failed, 1 skipped (logs in {sweep.path})",
        "  failed: b: no such file",
        f"    log: {sweep.path}/1/train.log",
        "  skipped: base: another job failed",
        f"    log: {sweep.path}/2",
    ]


def test_the_table_at_any_time(sweep: SweepFolder):
    sweep.job(0).end("a", Status.done, "trained 10 steps")
    with sweep.alive(), sweep.job(1).claimed():
        sweep.job(1).report(0.5, "scoring imdb, 1/2")
        lines = overview(sweep, sweep.jobs()).splitlines()
    assert lines[0] == "python train.py -m source=a,b,base"
    assert lines[1].endswith(f", running ({sweep.path})")
    # 75 % of the work in 100 s, so the other 25 % take another 33 s
    assert lines[2] == "3 jobs: 1 done, 1 running, 1 waiting; 75 % of the work in 2 min, about 33 s left"
    assert lines[3:] == [
        "  [1/3] a     done: trained 10 steps",
        "  [2/3] b     running: scoring imdb, 1/2 (50 % for 0 s)",
        "  [3/3] base  waiting",
    ]
    after = overview(sweep, sweep.jobs()).splitlines()
    assert after[-1] == "the same command computes what is missing"
    assert "  [2/3] b     interrupted: its process was killed while scoring imdb, 1/2" in after


def test_what_is_printed_before_the_first_job(sweep: SweepFolder):
    jobs = sweep.plan.jobs
    assert announcement(Plan("", "train", None, jobs)) == (
        "3 jobs, the longest first; no earlier job to estimate the time from"
    )
    assert announcement(Plan("", "train", None, jobs, seconds=600.0)) == (
        "3 jobs, the longest first; about 10 min of computing, estimated from earlier jobs"
    )
    assert announcement(Plan("", "train", None, [PlannedJob("a", [], 0.0)])) == "1 jobs, nothing to compute"


def test_the_latest_sweep_or_one_by_name(sweep: SweepFolder):
    logs = sweep.path.parent
    second = SweepFolder(logs / "second")
    second.write(sweep.plan)
    os.utime(second.path / "sweep.json", (time.time() + 9, time.time() + 9))
    assert latest(logs).path.name == "second"
    assert latest(logs, "first").path.name == "first"
    with pytest.raises(UserError, match=r"sweep=third: no such sweep in .*/logs; there are first, second"):
        latest(logs, "third")
    with pytest.raises(
        UserError, match=r"^store=.*: no sweep in .*/nowhere; python train.py -m 'source=glob\(\*\)' makes one"
    ):
        latest(logs / "nowhere")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", r"sweep\.json: cannot be read: .*; sweep=NAME shows another"),
        ("[]", r"sweep\.json: no plan of a sweep: not an object with fields but \[\]; sweep=NAME shows another"),
        ("{}", r"sweep\.json: no plan of a sweep: command: field required; sweep=NAME shows another"),
        ('{"jobs": [1]}', r"sweep\.json: no plan of a sweep: name: field required; "),
        (
            '{"jobs": [], "schema": 99}',
            r"sweep\.json: schema 99 of a newer version of crosstask; this one reads up to 1; sweep=NAME shows another",
        ),
    ],
)
def test_a_plan_that_is_damaged_or_of_another_version_is_named(sweep: SweepFolder, content: str, message: str):
    (sweep.path / "sweep.json").write_text(content)
    with pytest.raises(UserError, match=message):
        _ = SweepFolder(sweep.path).plan


def test_files_are_never_half_there(sweep: SweepFolder):
    sweep.job(0).end("a", Status.done, "trained")
    names = {path.name for path in sweep.job(0).path.iterdir()}
    assert names == {"job.json"}
    assert json.loads((sweep.job(0).path / "job.json").read_text())["status"] == "done"
    assert not locks.is_held(sweep.path / "lock")


OTHER_TYPES = '{"status": [], "note": 1, "share": "x", "begun": [], "seconds": "x"}'


def test_nothing_in_the_files_of_a_job_moves_the_cursor_of_a_terminal(sweep: SweepFolder):
    sweep.job(0).end("\x1b[2J", Status.failed, "\x1b[2Jdone\u202e\r")
    for shown in (overview(sweep, sweep.jobs()), summary(sweep)):
        assert "done" in shown
        assert not {"\x1b", "\r", "\u202e"} & set(shown)


def test_a_plan_that_was_written_before_plans_had_a_version_is_read(sweep: SweepFolder):
    path = sweep.path / "sweep.json"
    content = json.loads(path.read_text())
    assert content.pop("schema") == 1
    path.write_text(json.dumps(content))
    assert SweepFolder(sweep.path).plan == sweep.plan


@pytest.mark.parametrize("name", ["progress.json", "job.json"])
@pytest.mark.parametrize("damage", ["", "{}", "[]", "{", '{"status": "x", "note": ""}', OTHER_TYPES])
def test_a_damaged_file_of_a_job_ends_no_look_at_a_sweep(sweep: SweepFolder, name: str, damage: str):
    path = sweep.job(0).path / name
    path.write_text(damage)
    first = sweep.jobs()[0]
    assert statuses(sweep)[1:] == [Status.not_started] * 2
    assert first.status is (Status.unknown if name == "job.json" else Status.not_started)
    assert (f"{path} is damaged" in first.note) == (name == "job.json")
    sweep.job(0).end("a", Status.done, "")
    assert statuses(sweep)[0] is Status.done
