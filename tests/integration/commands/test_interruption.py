"""A sweep that is killed again and again ends where an undisturbed one ends."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crosstask.config import task_files

ROOT = task_files.CONF.parent
KILLS = 6


@pytest.mark.slow
def test_killed_at_random_moments(tmp_path: Path, model_folder: Path, task_rows: Callable[[int], list[dict[str, Any]]]):
    for name in ("imdb", "pile"):
        (tmp_path / "data" / name).mkdir(parents=True)
        rows = [
            {"text": row["text"], "label": row["label"], "texts": [row["text"]], "avg_score": row["label"]}
            for row in task_rows(400)
        ]
        for split, part in (("train", rows[:300]), ("test", rows[300:])):
            text = "".join(json.dumps(row) + "\n" for row in part)
            (tmp_path / "data" / name / f"{split}.jsonl").write_text(text)
    settings = ["data=local", f"data.root={tmp_path}/data", "model=local", f"model.path={model_folder}"]
    settings += ["target=[imdb,pile]", "trainer.batch_size=2", "trainer.checkpoint_steps=5", "lora.dropout=0.1"]
    sweep = [sys.executable, str(ROOT / "train.py"), "-m", "source=base,imdb,pile", *settings, "tracking.mode=disabled"]

    def scores(store: str) -> bytes:
        command = [sys.executable, str(ROOT / "analyze.py"), f"store={store}", f"output={store}-results"]
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
        return (tmp_path / f"{store}-results" / "scores.csv").read_bytes()

    started = time.monotonic()
    subprocess.run([*sweep, "store=whole"], cwd=tmp_path, check=True, capture_output=True)
    whole = time.monotonic() - started
    expected = scores("whole")

    moments = random.Random(0)
    for _ in range(KILLS):
        process = subprocess.Popen(
            [*sweep, "store=killed"], cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(moments.uniform(0.2, 0.9) * whole)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        # Every second time all is begun anew, so that later kills do not all fall into the same place.
        if moments.random() < 0.5:
            shutil.rmtree(tmp_path / "killed" / "cells", ignore_errors=True)
    subprocess.run([*sweep, "store=killed"], cwd=tmp_path, check=True, capture_output=True)
    assert scores("killed") == expected
    assert list((tmp_path / "killed" / "checkpoints").glob("*.ckpt")) == []
