"""W&B offline, through its own client, read back with its own `wandb leet inspect`."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from crosstask.config.flat import columns
from crosstask.config.job import Tracking, TrainConfig
from crosstask.jobs.job import train
from crosstask.jobs.progress import Progress
from crosstask.tracking.report import RunIdentity
from crosstask.tracking.tracked import tracked

SECRET = "0123456789abcdef0123456789abcdef01234567"


def printed(store: str, *options: str) -> list[str]:
    """What each run's file says."""
    files = sorted(Path(store).glob("wandb/offline-run-*/*.wandb"))
    command = [str(Path(sys.executable).with_name("wandb")), "leet", "inspect", "--json", *options]
    return [subprocess.run([*command, str(f)], capture_output=True, text=True, check=True).stdout for f in files]


def summaries(store: str) -> list[dict[str, Any]]:
    return [json.loads(text) for text in printed(store, "--summary")]


def test_two_jobs_of_one_process_are_two_runs(config: TrainConfig, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("WANDB_API_KEY", SECRET)
    for job in (config, replace(config, source={"base": None})):
        train(job, Progress())
    runs = {run["config"]["source"]: run for run in summaries(config.store)}
    assert sorted(runs) == ["base", "films"]
    trained, base = runs["films"], runs["base"]
    assert trained["state"] == base["state"] == "finished"
    expected = {"model": "tiny", "seed": 0, "lora.rank": 8, "data.train_rows": 12, "trainer.batch_size": 4}
    assert expected.items() <= trained["config"].items()
    assert trained["project"] == "films"
    scored = {"films/score", "films/stderr", "films/n", "films/macro_f1", "films/predicted/1"}
    assert scored <= trained["summary"].keys()
    assert scored <= base["summary"].keys()
    assert trained["summary"]["films/n"] == 4
    assert trained["summary"]["train/stopped"] == "trainer.max_epochs=1 reached"
    assert {"train/trainable_parameters", "train/rows_cut", "train/supervised_tokens_lost"} <= trained["summary"].keys()
    for path in Path(config.store).rglob("*"):
        assert not path.is_file() or SECRET.encode() not in path.read_bytes(), path


def test_a_run_has_group_type_tags_and_a_loss_for_every_step(config: TrainConfig):
    train(config, Progress())
    (text,) = printed(config.store)
    records = [json.loads(line) for line in text.splitlines()]
    run = next(record["run"] for record in records if record["type"] == "run")
    assert run["run_group"].startswith("tiny-local-")
    assert run["job_type"] == "train"
    assert run["tags"] == ["trial"]
    steps = [record["history"]["item"] for record in records if record["type"] == "history"]
    assert [step["train/step"] for step in steps] == [1, 2, 3]
    assert all(step["train/loss"] > 0 for step in steps)
    assert "epoch" not in steps[0]


def test_a_run_is_closed_as_failed_when_the_job_raises(tmp_path: Path):
    def fail() -> None:
        raise ZeroDivisionError

    with (
        pytest.raises(ZeroDivisionError),
        tracked(Tracking(), tmp_path, RunIdentity(id="r", name="n", group="g", kind="train", config={}), None),
    ):
        fail()
    (summary,) = summaries(str(tmp_path))
    assert (summary["state"], summary["exit_code"]) == ("failed", 1)


def test_a_job_that_finds_all_done_opens_no_run(config: TrainConfig):
    for _ in range(2):
        train(config, Progress())
    assert len(list(Path(config.store).glob("wandb/offline-run-*"))) == 1


def test_columns_are_flat_and_plain(config: TrainConfig):
    found = columns(config, source="imdb")
    assert {key for key in found if "source" in key} == {"source"}
    assert all(isinstance(value, str | int | float | bool | list | None) for value in found.values())
    json.dumps(found)


def test_disabled_writes_nothing_and_imports_no_wandb(tmp_path: Path):
    code = """
import sys
from pathlib import Path
from crosstask.config.job import Tracking, TrackingMode
from crosstask.tracking.analysis_report import AnalysisReport
from crosstask.tracking.report import RunIdentity
from crosstask.tracking.tracked import tracked
nobody = RunIdentity(id='r', name='n', group='g', kind='k', config={})
with tracked(Tracking(mode=TrackingMode.disabled), Path('x'), nobody, None) as tracker:
    tracker.log_report(AnalysisReport((), ()))
assert 'wandb' not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, env=os.environ)
    assert list(tmp_path.iterdir()) == []


def test_names_that_are_longer_than_wandb_takes_are_shortened_in_their_middle(tmp_path: Path):
    identity = RunIdentity(id="a", name="n" * 200 + "-0", group="g" * 200 + "-1", kind="train", config={})
    with tracked(Tracking(project="films"), tmp_path, identity, None):
        pass
    (text,) = printed(str(tmp_path))
    run = next(record["run"] for record in map(json.loads, text.splitlines()) if record["type"] == "run")
    for name, end in ((run["display_name"], "-0"), (run["run_group"], "-1")):
        assert 120 < len(name) <= 128
        assert "..." in name
        assert name.endswith(end)


def test_a_client_that_opens_no_run_at_all_stops_no_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def refuse(**settings: Any) -> None:
        raise ValueError("no such setting")

    monkeypatch.setattr("wandb.init", refuse)
    identity = RunIdentity(id="a", name="imdb-0", group="g", kind="train", config={})
    with tracked(Tracking(project="films"), tmp_path, identity, None) as tracker:
        assert tracker.run is None
    assert caplog.messages == ["W&B: the run imdb-0 is not recorded (no such setting)"]
