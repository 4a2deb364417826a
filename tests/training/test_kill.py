"""SIGKILL at any step, and the adapter is bit for bit what an undisturbed training gives."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).with_name("killed_training.py")
COMMON = {"batch_size": 4, "accumulate": 2, "max_epochs": 3, "checkpoint_steps": 3, "evaluate_steps": 2}
PASSES_DIFFER = {**COMMON, "batch_tokens": 70, "learning_rate": 2e-3}
STOPS_EARLY = {**COMMON, "bucket": True, "held_out": 0.2, "patience": 2, "learning_rate": 5e-2, "max_epochs": 12}


def outcome(model_folder: Path, store: Path, settings: dict[str, Any], *moments: str) -> dict[str, Any]:
    command = [sys.executable, str(SCRIPT), str(model_folder), str(store), json.dumps(settings), *moments]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    ended = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout.splitlines()[-1])
    del found["report"]["seconds"]
    return found


# Of 18 steps: before the first checkpoint, at one, right after one, while one is written, and after the last step.
MOMENTS = ["1", "3", "4", "2th-checkpoint", "8", "11", "16", "18"]
# The best of 60 steps is the 6th, so the 10th is the last.
EARLY_MOMENTS = ["2", "4", "1th-checkpoint", "6", "9", "10"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("settings", "stopped", "moments"),
    [
        (PASSES_DIFFER, "trainer.max_epochs=3 reached", MOMENTS),
        (STOPS_EARLY, "no lower loss on held-out rows in trainer.patience=2 evaluations", EARLY_MOMENTS),
    ],
)
def test_a_killed_training_ends_with_the_same_bytes(
    tmp_path: Path, model_folder: Path, settings: dict[str, Any], stopped: str, moments: list[str]
):
    whole = outcome(model_folder, tmp_path / "whole", settings)
    assert whole["report"]["stopped"] == stopped
    assert outcome(model_folder, tmp_path / "killed", settings, *moments) == whole
