"""What a job logs online, through the unpatched client, as the server then has it."""

import json
from pathlib import Path
from typing import Any

import pandas as pd

from crosstask import jobs
from crosstask.config import TrainConfig
from crosstask.progress import Progress
from tests.wandb_server.http_server import WandbServer


def run_job(config: TrainConfig) -> str:
    return jobs.train(config, Progress("job", 0, 1, 0.0))


def test_a_job_is_one_finished_run_with_columns_and_scores(server: WandbServer, online: TrainConfig):
    run_job(online)
    run = only_run(server)
    assert (run.jobType, run.state, run.tags, run.displayName) == ("train", "finished", ["trial"], "films-0")
    assert run.group.startswith("tiny-local-")
    assert {"source": "films", "model": "tiny", "seed": 0, "lora.rank": 8}.items() <= config_of(run).items()
    summary = json.loads(run.summaryMetrics)
    (stored,) = [
        json.loads(path.read_text())
        for path in Path(online.store).glob("cells/*/*/score.json")
        if "sums" in path.read_text()
    ]
    assert {f"sums/{name}": value for name, value in stored["metrics"].items()}.items() <= summary.items()
    assert summary["train/stopped"] == "trainer.max_epochs=1 reached"
    assert server.errors == []
