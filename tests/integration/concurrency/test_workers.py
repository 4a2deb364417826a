"""Eight processes on one store: nothing is made twice, and what comes out is what one process makes."""

import json
import os
import pickle
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from crosstask.config.job import TrainConfig
from crosstask.config.training import Trainer
from tests.support.small_tasks import SUMS

SCRIPT = Path(__file__).with_name("workers.py")
ROOT = SCRIPT.parents[3]


@pytest.fixture
def rows(config: TrainConfig) -> list[TrainConfig]:
    """Base and three adapters; the last one shares its adapter with the first, on fewer test rows."""
    fewer = replace(config.data, test_rows=2)
    slow = replace(config, trainer=Trainer(batch_size=1, checkpoint_steps=1, accelerator="cpu"))
    sources = [{"films": config.source["films"]}, {"sums": SUMS}, {"base": None}]
    made = [replace(slow, source=source) for source in sources]
    return [*made, replace(made[0], data=fewer)]


def together(rows: list[TrainConfig], folder: Path, *more: str) -> list[list[str]]:
    """Make the rows in eight processes; returns what each of those that lived said of each."""
    folder.mkdir()
    (folder / "rows").write_bytes(pickle.dumps(rows))
    command = [sys.executable, str(SCRIPT), str(folder / "rows"), str(folder), *more]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env=environment)
    assert ended.returncode == 0, ended.stderr
    return [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]


def content(store: str) -> dict[str, bytes]:
    """Every file of the store by name, but for locks and for what holds dates."""
    files = [path for part in ("adapters", "cells") for path in (Path(store) / part).rglob("*") if path.is_file()]
    return {str(path.relative_to(store)): path.read_bytes() for path in files if path.name != "adapter.json"}


@pytest.mark.slow
def test_eight_processes_make_every_adapter_and_cell_once(rows: list[TrainConfig], tmp_path: Path):
    alone = [replace(row, store=str(tmp_path / "alone")) for row in rows]
    together(alone, tmp_path / "alone_said", "1")  # not in this process, in which earlier tests may have set much
    said = together(rows, tmp_path / "said", "8")
    notes = [note for process in said for note in process]
    assert len(notes) == 8 * len(rows)
    assert sum("trained" in note for note in notes) == 2
    assert content(rows[0].store) == content(alone[0].store)
    assert not list(Path(rows[0].store).glob("cells/*/parts"))
    logs = [path.read_text() for path in (tmp_path / "said").glob("*.log")]
    assert any("waiting for another process that makes the same row" in log for log in logs)
    assert max(log.count("makes the same row") for log in logs) <= len(rows)
    records = [json.loads(path.read_text()) for path in Path(rows[0].store).glob("records/*.json")]
    assert sorted(len(record["cells"]) for record in records) == [2] * len(rows)


@pytest.mark.slow
def test_another_process_takes_over_from_one_that_is_killed(rows: list[TrainConfig], tmp_path: Path):
    said = together(rows[:1], tmp_path / "said", "2", "victim")
    assert len(said) == 1
    (note,) = said[0]
    assert note.startswith("done: trained")
    log = (tmp_path / "said" / "1.log").read_text()
    assert log.count("waiting for another process that makes the same row") == 1
    assert "continues from the checkpoint" in log
