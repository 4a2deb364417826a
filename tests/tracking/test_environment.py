"""What W&B keeps of the machine and the command, through the unpatched client, and that nothing private is among it."""

import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crosstask.config.job import TrackingMode, TrainConfig
from crosstask.jobs.job import train
from crosstask.jobs.progress import Progress
from crosstask.tracking.environment import environment, send_environment
from crosstask.tracking.report import RunIdentity
from tests.support.small_tasks import write_rows
from tests.support.wandb_server.http_server import KEY, WandbServer
from tests.support.wandb_server.runs import Run
from tests.tracking.conftest import job
from tests.tracking.server_content import config_of, only_run

USER = "jane-doe"
PRIVATE = (USER, "jane@doe.example", "hunter2", "4711-account", KEY)
"""What stands in the environment of the person who runs a job, and is nobody else's business."""


@pytest.fixture
def commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The commit that is checked out where the code is; the remote's address has a password in it."""
    repository = tmp_path / "code"
    repository.mkdir()
    commands = [
        ["init", "-q"],
        ["-c", "user.name=Jane", "-c", "user.email=jane@doe.example", "commit", "-q", "--allow-empty", "-m", "x"],
        ["remote", "add", "origin", f"https://{USER}:hunter2@git.example.org/team/code.git"],
    ]
    for command in commands:
        subprocess.run(["git", *command], cwd=repository, check=True)
    monkeypatch.setattr("crosstask.tracking.environment.CONF", repository / "conf")
    told = subprocess.run(["git", "rev-parse", "HEAD"], cwd=repository, check=True, capture_output=True, text=True)
    return told.stdout.strip()


@pytest.fixture
def at_home(
    tmp_path: Path,
    model_folder: Path,
    task_rows: Callable[[int], list[dict[str, Any]]],
    commit: str,
    monkeypatch: pytest.MonkeyPatch,
) -> TrainConfig:
    """A job whose data, model and store are in the home folder of a person with an account on a Slurm cluster."""
    home = tmp_path / USER
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setattr(sys, "argv", [f"{home}/worker.py", "--password=hunter2"])
    for name, value in (("USER", USER), ("ACCOUNT", "4711-account"), ("SUBMIT_DIR", f"{home}/code"), ("ID", "5")):
        monkeypatch.setenv(f"SLURM_JOB_{name}" if name != "SUBMIT_DIR" else f"SLURM_{name}", value)
    monkeypatch.setenv("WANDB_DATA_DIR", f"{home}/.local/share/wandb")  # where it is by default
    data = write_rows(home / "data", task_rows)
    (home / ".gitconfig").write_text(f"[user]\nname = {USER}\nemail = jane@doe.example\n")
    return job(data, Path(shutil.copytree(model_folder, home / "model")), home / "runs")


def run_job(config: TrainConfig) -> None:
    train(config, Progress(), command=("train.py", "source=films", f"store={config.store}", "seed=0"))


def metadata(server: WandbServer, run: Run) -> dict[str, Any]:
    """What the UI shows of a run's environment."""
    return json.loads(server.root.content[run.files["wandb-metadata.json"]])


def assert_kept(server: WandbServer, run: Run, commit: str) -> None:
    """A run has the commit, the command, the machine and system metrics."""
    assert run.commit == commit
    found = metadata(server, run)
    assert (found["program"], found["args"]) == ("train.py", ["source=films", "store=~/runs", "seed=0"])
    assert found["git"] == {"commit": commit, "remote": "https://git.example.org/team/code.git"}
    assert found["host"] == socket.gethostname()
    assert int(found["memory"]["total"]) > 1e9
    assert found["cpu_count_logical"] > 0
    assert {"os", "python", "startedAt"} <= found.keys()
    assert any("system.memory_percent" in line for line in run.event_lines)


def assert_nothing_private(server: WandbServer, but: bytes = b"no request") -> None:
    """No request, but for those with some text in them, has anything of the person in it."""
    for word in PRIVATE:
        assert [body[:200] for body in server.bodies if word.encode() in body and but not in body] == [], word


def test_an_online_run_keeps_commit_command_machine_and_metrics_and_nothing_private(
    server: WandbServer, at_home: TrainConfig, commit: str
):
    at_home.tracking.mode = TrackingMode.online
    run_job(at_home)
    assert_kept(server, only_run(server), commit)
    assert_nothing_private(server)
    for path in Path(at_home.store).glob("wandb/run-*/files/**/*"):
        assert not path.is_file() or not any(word.encode() in path.read_bytes() for word in PRIVATE), path


def test_an_offline_run_keeps_the_same_for_the_day_when_it_is_sent(
    server: WandbServer, at_home: TrainConfig, commit: str
):
    run_job(at_home)
    (kept,) = Path(at_home.store).glob("wandb/offline-run-*")
    assert not any(KEY.encode() in path.read_bytes() for path in kept.rglob("*") if path.is_file())
    command = [sys.executable, "-m", "wandb", "sync", str(kept)]
    subprocess.run(command, capture_output=True, text=True, check=True, cwd=kept.parent)
    assert_kept(server, only_run(server), commit)
    assert_nothing_private(server, but=b'"storagePolicyConfig"')  # manifests, in which the client has files' paths


def test_the_base_models_folder_is_private_in_the_adapter_that_is_uploaded(server: WandbServer, at_home: TrainConfig):
    at_home.tracking.mode = TrackingMode.online
    run_job(at_home)
    (stored,) = Path(at_home.store).glob("adapters/*/adapter_config.json")
    assert json.loads(stored.read_text())["base_model_name_or_path"] == at_home.model.path
    (artifact,) = [of_run for of_run in only_run(server).outputs if of_run.artifactSequence.type == "adapter"]
    place = artifact.places[artifact.entries["adapter_config.json"]["digest"]]
    sent = json.loads(server.root.content[place])
    assert sent == {**json.loads(stored.read_text()), "base_model_name_or_path": "~/model"}


def test_nothing_of_it_is_kept_where_it_is_not_wanted(server: WandbServer, at_home: TrainConfig):
    at_home.tracking.mode, at_home.tracking.system = TrackingMode.online, False
    run_job(at_home)
    run = only_run(server)
    assert (run.commit, run.event_lines) == (None, [])
    assert "wandb-metadata.json" not in run.files
    assert "e" not in config_of(run)["_wandb"]
    assert not any(socket.gethostname().encode() in body for body in server.bodies if len(socket.gethostname()) > 3)
    assert_nothing_private(server)


def test_gpus_are_named_and_counted():
    identity = RunIdentity("r", "n", None, "train", {}, gpus=("NVIDIA H100", "NVIDIA H100"))
    found = environment(identity)
    assert (found.gpu_type, found.gpu_count) == ("NVIDIA H100", 2)
    assert environment(RunIdentity("r", "n", None, "train", {})).gpu_count == 0


def test_a_client_that_takes_no_environment_ends_no_run():
    send_environment(object(), RunIdentity("r", "n", None, "train", {}))
