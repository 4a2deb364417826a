"""`analyze.py runs=wandb` on a machine without a store, against `runs=local` where the training took place."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import wandb

from crosstask import jobs, registry
from crosstask.config import TrackingMode
from crosstask.progress import Progress
from tests.tracking.conftest import SUMS, client_environment, job, write_rows
from tests.wandb_server.http_server import WandbServer

BASE = {"source": {"base": None}}
GROUP = "sweep"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sweep")


@pytest.fixture(scope="module")
def recorded(
    place: Path, model_folder: Path, task_rows: Callable[[int], list[dict[str, Any]]]
) -> Iterator[WandbServer]:
    """A server that has a sweep: base and two sources, one of them evaluated on a further target, and other runs."""
    wandb.teardown()
    with WandbServer().running() as server, pytest.MonkeyPatch.context() as patch:
        for name, value in client_environment(server, place).items():
            patch.setenv(name, value)
        data = write_rows(place / "data", task_rows)
        config = job(data, model_folder, place / "runs", mode=TrackingMode.online, group=GROUP)
        less = replace(config, target={"sums": SUMS})
        for settings in (config, replace(config, **BASE), replace(less, source={"sums": SUMS})):
            jobs.train(settings, Progress())
        jobs.evaluate(replace(config, source={"sums": SUMS}), Progress(), "")
        other = replace(config, seed=1, tracking=replace(config.tracking, group="other"))
        jobs.train(other, Progress())
        with wandb.init(project="films", id="foreign", group=GROUP, job_type="train", dir=place) as run:
            run.log({"loss": 1.0})
        yield server
    wandb.teardown()


@pytest.fixture(scope="module")
def task_rows() -> Callable[[int], list[dict[str, Any]]]:
    return lambda count: [
        {"text": f"the film {i} was {'good' if i % 3 else 'bad'}", "label": int(i % 3 > 0)} for i in range(count)
    ]


@pytest.fixture
def analyze(recorded: WandbServer, place: Path, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs analyze.py in an empty folder, as a user of the server."""

    def execute(*arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, **client_environment(recorded, tmp_path)}
        command = [sys.executable, str(registry.CONF.parent / "analyze.py"), *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, env=environment)

    return execute


def tables(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.csv")}


def test_files_are_those_of_the_store_byte_for_byte(analyze: Any, place: Path, tmp_path: Path, recorded: WandbServer):
    local = analyze(f"runs.root={place}/runs", f"runs.group={GROUP}", "output=local")
    assert local.returncode == 0, local.stderr
    recorded.requests.clear()
    pulled = ("runs=wandb", "runs.project=films", f"runs.group={GROUP}", "runs.cache=cache", "output=pulled")
    remote = analyze(*pulled)
    assert remote.returncode == 0, remote.stderr
    assert tables(tmp_path / "pulled") == tables(tmp_path / "local")
    scores = pd.read_csv(tmp_path / "pulled" / "scores.csv")
    assert sorted(set(zip(scores["source"], scores["target"], strict=True))) == [
        (source, target) for source in ("base", "films", "sums") for target in ("films", "sums")
    ]
    assert len([r for r in recorded.requests if " Runs " in r or "graphql" in r]) <= 5
    recorded.requests.clear()
    assert analyze(*pulled).returncode == 0
    assert tables(tmp_path / "pulled") == tables(tmp_path / "local")
    print(recorded.requests)
