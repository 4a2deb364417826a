"""^C during a sweep, as a terminal sends it: to every process of the command."""

import json
import os
import signal
import time
from pathlib import Path

import pytest

from tests.support.small_sweep import SmallSweep

SAID = "interrupted; the same command continues where this one stopped"


def members(group: int) -> list[int]:
    """The processes of a group that are alive."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, of_group = path.read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(of_group) == group and state != "Z":
            found.append(int(path.parent.name))
    return found


def notes(store: Path) -> list[str]:
    """What the jobs of a sweep report at the moment."""
    return [json.loads(path.read_text())["note"] for path in store.glob("logs/*/*/progress.json")]


@pytest.mark.slow
@pytest.mark.parametrize("launcher", ["basic", "parallel"])
@pytest.mark.parametrize("moment", ["planning", "training", "scoring"])
def test_an_interrupted_sweep_says_so_once_and_leaves_nothing_running(
    tmp_path: Path, model_folder: Path, launcher: str, moment: str
):
    sweep = SmallSweep(tmp_path, model_folder, rows=16_000)
    rows = ["data.train_rows=200", "data.test_rows=4000"]  # so that training and scoring take seconds each
    process = sweep.start("runs", f"launcher={launcher}", "trainer.max_epochs=8", *rows)
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        if moment == "planning" or any(note.startswith(moment) for note in notes(tmp_path / "runs")):
            break
        time.sleep(0.05)
    assert process.poll() is None, "it ended before the moment"
    time.sleep(1.0 if moment == "planning" else 0.0)
    os.killpg(process.pid, signal.SIGINT)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert said.count(SAID) == 1
    assert "Traceback" not in said
    time.sleep(2.0)
    assert members(process.pid) == []
