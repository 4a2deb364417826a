"""All that W&B is told of a row of the matrix; the store can say it again at any time."""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from crosstask.fingerprint import fingerprint

PREDICTIONS = 100
"""Most predictions of a target that are shown in a table; the artifact has them all."""
SHOWN = (
    "example",
    "text",
    "gold",
    "prediction",
    "valid",
    "score",
    "lenient_prediction",
    "output_tokens",
    "log_probabilities",
)
"""Columns of a target's answers that are shown, where it has them."""
RECORD, RECORD_ID = "record", "record_id"
"""Where a run's config holds the store's record of the row, as JSON, and what identifies it."""
UNDEFINED = "NaN"
"""How W&B is told of a metric that is not defined."""
SHARE = "predicted/"
"""Begins the names of the metrics of a closed target that are about one label."""


@dataclass(frozen=True)
class RowReport:
    """What the store holds of one row."""

    record: dict[str, Any]
    """The store's record of the row."""
    scores: dict[str, dict[str, Any]]
    """By target: the content of ``score.json``."""
    answers: dict[str, Path]
    """By target: the folder with ``answers.parquet`` and ``score.json``."""
    profiles: tuple[Path, ...] = ()
    """Files with what the row's data sets look like."""
    adapter: Path | None = None
    """Folder of the adapter, where the run is the one that trained it."""
    training: dict[str, Any] = field(default_factory=dict)
    """The content of ``adapter.json``, where the run is the one that trained it."""

    @cached_property
    def id(self) -> str:
        """What identifies the row's content; when it was last asked for does not count."""
        return fingerprint([{key: value for key, value in self.record.items() if key != "updated"}, self.scores])

    def config(self) -> dict[str, Any]:
        """Return the config columns from which the row can be read back, see :func:`reading.stored_row`."""
        told = {
            target: {**score, "metrics": sorted(score["metrics"])} for target, score in self.scores.items()
        }  # the values are in the summary
        return {RECORD: json.dumps({**self.record, "scores": told}, sort_keys=True), RECORD_ID: self.id}

    def summary(self) -> dict[str, Any]:
        """Return ``<target>/<metric>`` for every cell, and what happened in the training."""
        training = self.training.get("report", {})
        told = {f"train/{key}": value for key, value in training.items() if key != "seconds"}
        for target, score in self.scores.items():
            for name, value in score["metrics"].items():
                told[f"{target}/{name}"] = UNDEFINED if value is None else value
            told[f"{target}/predictions_shown"] = min(PREDICTIONS, int(score["metrics"]["n"]))
        return told

    def targets(self) -> pd.DataFrame:
        """Return a table with a row per target: its main metric and all others; NaN where a target has no such."""
        rows = [{"target": target, "metric": score["metric"], **score["metrics"]} for target, score in self._cells()]
        return pd.DataFrame(rows)

    def predictions(self) -> Iterator[tuple[str, pd.DataFrame]]:
        """Yield each target's first answers, at most ``PREDICTIONS``."""
        for target, _ in self._cells():
            answers = self._answers(target)
            yield target, answers[[name for name in SHOWN if name in answers]].head(PREDICTIONS)

    def confusions(self) -> Iterator[tuple[str, list[str], pd.DataFrame]]:
        """Yield each closed target with its labels and its answers: ``gold`` and ``prediction``."""
        for target, score in self._cells():
            labels = [name.removeprefix(SHARE) for name in score["metrics"] if name.startswith(SHARE)]
            if labels:
                yield target, labels, self._answers(target)[["gold", "prediction"]]

    def _cells(self) -> list[tuple[str, dict[str, Any]]]:
        """Return the targets with their scores, in order of name."""
        return sorted(self.scores.items())

    def _answers(self, target: str) -> pd.DataFrame:
        """Return a target's judged answers."""
        return pd.read_parquet(self.answers[target] / "answers.parquet")


def metric_value(told: Any) -> float | None:
    """Return a metric as the store has it; None where it is not defined.

    Examples
    --------
    >>> [metric_value(value) for value in (1, 0.5, "NaN")]
    [1.0, 0.5, None]
    """
    value = float(told)
    return None if math.isnan(value) else value
