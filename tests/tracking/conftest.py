"""Jobs on the tiny model, a W&B server of our own, and what W&B's client keeps between runs cleared away."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import wandb

from crosstask.config.inputs import Data, DataKind, Model
from crosstask.config.job import Tracking, TrackingMode, TrainConfig
from crosstask.config.scoring import Scoring
from crosstask.config.training import Trainer
from tests.support.small_tasks import FILMS, SUMS, write_rows
from tests.support.wandb_server.http_server import KEY, WandbServer


def job(data: Path, model: Path, store: Path, **tracking: Any) -> TrainConfig:
    """The settings of a job that trains on films and is scored on films and sums."""
    return TrainConfig(
        source={"films": FILMS},
        target={"films": FILMS, "sums": SUMS},
        model=Model(name="tiny", path=str(model)),
        data=Data(name="local", kind=DataKind.local, root=str(data), train_rows=12, test_rows=4),
        trainer=Trainer(batch_size=4, accelerator="cpu"),
        scoring=Scoring(max_new_tokens=5),
        tracking=Tracking(
            **{"project": "films", "tags": ["trial"], "init_timeout": 2, "finish_timeout": 2, **tracking}
        ),
        store=str(store),
    )


@pytest.fixture
def config(tmp_path: Path, model_folder: Path, task_rows: Callable[[int], list[dict[str, Any]]]) -> TrainConfig:
    return job(write_rows(tmp_path / "data", task_rows), model_folder, tmp_path / "runs")


@pytest.fixture
def online(config: TrainConfig) -> TrainConfig:
    """The same, with its run online."""
    config.tracking.mode = TrackingMode.online
    return config


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WandbServer]:
    """A server with which a user of this process is logged in."""
    wandb.teardown()
    with WandbServer().running() as running:
        for name, value in client_environment(running, tmp_path).items():
            monkeypatch.setenv(name, value)
        yield running
        wandb.teardown()


def client_environment(server: WandbServer, home: Path) -> dict[str, str]:
    """The environment of a user of a server, with folders of their own."""
    folders = {f"WANDB_{name}_DIR": str(home / "wandb-home" / name) for name in ("CACHE", "CONFIG", "DATA")}
    direct = dict.fromkeys(("NO_PROXY", "no_proxy"), server.address[0])
    return {"WANDB_BASE_URL": server.url, "WANDB_API_KEY": KEY, **folders, **direct}
