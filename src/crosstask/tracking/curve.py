"""The metrics of a training, step by step, in a file: what W&B lacks of them can be sent at any time."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

STEP = "train/step"
"""The x axis of a training's metrics: optimizer steps done."""


class Curve:
    """Metrics by optimizer step, counted from 0; one line of JSON each time that some are added.

    A training that was interrupted repeats the steps since its last checkpoint: the later line counts.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, step: int, metrics: Mapping[str, float]) -> None:
        """Add metrics of a step."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write("\n" + json.dumps({"step": step, **metrics}))  # a killed process may leave a line incomplete

    def rows(self) -> dict[int, dict[str, Any]]:
        """Return the metrics of every step, with the x axis, in order; empty where there was no training."""
        rows: dict[int, dict[str, Any]] = {}
        lines = self.path.read_text(encoding="utf-8").splitlines() if self.path.exists() else []
        for line in lines:
            try:
                metrics = json.loads(line)
            except ValueError:  # empty, or incomplete
                continue
            step = metrics.pop("step")
            rows[step] = rows.get(step, {}) | point(step, metrics)
        return dict(sorted(rows.items()))


def point(step: int, metrics: Mapping[str, float]) -> dict[str, Any]:
    """Return the metrics of a step with their place on the x axis."""
    return {STEP: step + 1, **metrics}
