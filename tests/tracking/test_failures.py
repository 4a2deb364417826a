"""A server that is away or refuses the key, at the start, in the middle, at the end: the job is done."""

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from crosstask.config.job import TrainConfig
from crosstask.jobs.job import train
from crosstask.jobs.progress import Progress
from crosstask.tracking.server import RunLookup
from tests.support.wandb_server.http_server import KEY, WandbServer
from tests.support.wandb_server.runs import Run
from tests.tracking.server_content import config_of, only_run, runs, steps


class Interfering(Progress):
    """Does something at the second step of a training."""

    def __init__(self, do: Callable[[], None]) -> None:
        super().__init__()
        self.do = do

    def training(self, step: int, steps: int, note: str) -> None:
        if step == 2:
            self.do()


def nothing() -> None:
    """Disturb nothing."""


def wrong_key(server: WandbServer) -> None:
    server.key = "another"


def wrong_key_after_the_artifacts(server: WandbServer) -> None:
    committed: list[str] = []

    def watch(operation: str) -> None:
        if operation == "CommitArtifact":
            committed.append(operation)
        if len(committed) > 1 and operation.endswith("file_stream"):
            server.key = "another"

    server.watcher = watch


def refuse_the_answers(server: WandbServer) -> None:
    server.refuse(400, times=1, about='"artifactTypeName":"answers"')


def refuse_artifacts(server: WandbServer) -> None:
    server.refuse(400, about='"operationName":"CommitArtifact"')


def kill_client(server: WandbServer) -> None:
    """End the process in which W&B's client does its work."""
    for status in Path("/proc").glob("[0-9]*/status"):
        described = dict(line.split(":\t", 1) for line in status.read_text().splitlines() if ":\t" in line)
        if described["Name"] == "wandb-core" and int(described["PPid"]) == os.getpid():
            os.kill(int(described["Pid"]), signal.SIGKILL)


DISTURBANCES: dict[str, tuple[Callable[[WandbServer], None], Callable[[WandbServer], None]]] = {
    "away at the start": (WandbServer.stop, lambda server: None),
    "key refused at the start": (wrong_key, lambda server: None),
    "away in the middle": (lambda server: None, WandbServer.stop),
    "key refused in the middle": (lambda server: None, wrong_key),
    "key refused at the end": (wrong_key_after_the_artifacts, lambda server: None),
    "answers refused": (refuse_the_answers, lambda server: None),
    "artifacts refused": (refuse_artifacts, lambda server: None),
    "client killed": (lambda server: None, kill_client),
}


def kept_runs(config: TrainConfig) -> list[Path]:
    return sorted((Path(config.store) / "wandb").glob("offline-run-*"))


def sync(run: Path) -> str:
    """Send a run as the warning says; returns what the command prints."""
    command = [sys.executable, "-m", "wandb", "sync", str(run)]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=run.parent).stderr


def restore(server: WandbServer) -> None:
    """Let the server answer again."""
    server.key = KEY
    server.refusals = {}
    server.watcher = lambda operation: None
    if not server.is_running:
        server.start()


def content(run: Run) -> Any:
    """What a person sees of a run, without times."""
    curve = {row["train/step"]: row["train/loss"] for row in run.history if "train/loss" in row}
    summary = {
        key: value for key, value in run.summary.items() if not key.startswith("_") and not isinstance(value, dict)
    }
    artifacts = sorted((artifact.artifactSequence.name, artifact.digest) for artifact in run.committed)
    config = {key: value for key, value in config_of(run).items() if key not in ("_wandb", "record")}
    return run.state, run.jobType, run.group, config, summary, curve, artifacts


QUICK = "answers refused"


@pytest.mark.parametrize(
    "case", [pytest.param(case, marks=[] if case == QUICK else pytest.mark.slow) for case in DISTURBANCES]
)
def test_the_run_is_kept_and_sent_later(
    case: str, server: WandbServer, online: TrainConfig, caplog: pytest.LogCaptureFixture
):
    before, during = DISTURBANCES[case]
    before(server)
    with caplog.at_level(logging.WARNING):
        note = train(online, Interfering(lambda: during(server)))
    assert note.startswith("done: trained 3 steps")
    (kept,) = kept_runs(online)
    assert not case.endswith("start") or kept_runs(online) == sorted(kept.parent.glob("*run-2*"))
    (warning,) = [record.message for record in caplog.records if record.name.startswith("crosstask")]
    assert warning.startswith("W&B did not take the run films-0 (")
    assert warning.endswith(f"; this sends it later: wandb sync {kept}")

    restore(server)
    sync(kept)
    (sent,) = runs(server).values()
    later = content(sent)
    assert "Skipped 1 synced run" in sync(kept)
    assert content(sent) == later
    assert steps(sent) == [1, 2, 3]
    assert len([row for row in sent.history if "score/films" in row]) == 1
    assert len(runs(server)) == 1

    elsewhere = replace(online, tracking=replace(online.tracking, project="whole"))
    assert train(elsewhere, Interfering(nothing)).startswith("reused")
    (expected,) = runs(server, "whole").values()
    assert later == content(expected)


def test_the_same_command_later_sends_what_is_lacking(server: WandbServer, online: TrainConfig):
    server.stop()
    train(online, Interfering(nothing))
    server.start()
    assert train(online, Interfering(nothing)).startswith("reused")
    sent = content(only_run(server))
    assert sent[0] == "finished"
    assert steps(only_run(server)) == [1, 2, 3]
    server.requests.clear()
    assert train(online, Interfering(nothing)).startswith("reused")
    assert not [request for request in server.requests if "UpsertBucket" in request]
    sync(*kept_runs(online))
    assert content(only_run(server)) == sent


def test_a_server_that_is_silent_is_asked_once_in_a_sweep(
    server: WandbServer, online: TrainConfig, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("crosstask.tracking.server.LOOKUP", RunLookup())
    train(online, Interfering(nothing))
    server.stop()
    for _ in range(3):
        assert train(online, Interfering(nothing)).startswith("reused")
    (warning,) = [record.message for record in caplog.records if record.name.startswith("crosstask")]
    assert warning.startswith("W&B does not say what it has (")
    assert warning.endswith("; the same command later sends what it lacks")


def test_a_training_that_was_killed_continues_its_run(server: WandbServer, online: TrainConfig):
    def interrupt() -> None:
        raise ZeroDivisionError

    online.trainer.checkpoint_steps = 1
    with pytest.raises(ZeroDivisionError):
        train(online, Interfering(interrupt))
    assert only_run(server).state == "failed"
    assert steps(only_run(server)) == [1]
    train(online, Interfering(nothing))
    run = only_run(server)
    assert (run.state, steps(run)) == ("finished", [1, 2, 3])
    whole = replace(online, store=f"{online.store}-whole", tracking=replace(online.tracking, project="whole"))
    train(whole, Interfering(nothing))
    (undisturbed,) = runs(server, "whole").values()
    assert content(run)[:-1] == content(undisturbed)[:-1]


def test_offline_runs_of_a_row_replace_each_other_until_they_are_sent(server: WandbServer, config: TrainConfig):
    def interrupt() -> None:
        raise ZeroDivisionError

    config.trainer.checkpoint_steps = 1
    with pytest.raises(ZeroDivisionError):
        train(config, Interfering(interrupt))
    (broken,) = kept_runs(config)
    train(config, Interfering(nothing))
    (whole,) = kept_runs(config)
    assert whole != broken
    sync(whole)
    run = only_run(server)
    assert (run.state, steps(run)) == ("finished", [1, 2, 3])


@pytest.mark.slow
@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_is_busy_is_waited_for(server: WandbServer, online: TrainConfig, status: int):
    server.refuse(status, times=1, retry_after=1)
    online.tracking.init_timeout = 20
    train(online, Interfering(lambda: server.refuse(status, times=2, retry_after=1)))
    assert only_run(server).state == "finished"
    assert kept_runs(online) == []


def test_nobody_waits_for_a_key_to_be_typed(
    server: WandbServer, online: TrainConfig, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.delenv("WANDB_API_KEY")
    monkeypatch.setenv("NETRC", os.devnull)
    train(online, Interfering(nothing))
    (warning,) = [record.message for record in caplog.records if record.name.startswith("crosstask")]
    assert "No API key configured" in warning
    assert len(kept_runs(online)) == 1
