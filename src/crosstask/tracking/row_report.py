"""All that is logged to W&B of a row of the matrix; the store can say it again at any time."""

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from crosstask.fingerprint import fingerprint
from crosstask.storage.adapter_record import AdapterRecord
from crosstask.storage.cell_score import CellScore
from crosstask.storage.records import RunRecord

SCORE = "score/"
"""Begins the key of each target's score in a run's history; by its prefix the UI draws a panel for each."""
PREDICTIONS = 100
"""Most predictions of a target that are shown in a table; the answers' artifact has them all."""
SHOWN = (
    "example",
    "text",
    "gold",
    "prediction",
    "valid",
    "score",
    "lenient_prediction",
    "outcome",
    "detail",
    "verdict",
    "unparsable",
    "exact_match",
    "output_tokens",
    "log_probabilities",
)
"""Columns of a target's answers that are shown, where it has them."""
ANSWERS = "answers.parquet"
"""The file with the answers of a cell."""
RECORD, RECORD_ID = "record", "record_id"
"""Where a run's config holds the store's record of the row, as JSON, and what identifies it."""
SCORES = "scores"
"""Where that JSON has, besides, the scores by target; of their metrics the names."""
TextsOff = Callable[[pd.DataFrame, Sequence[str]], pd.DataFrame]
"""From the answers of a cell and its labels to the answers without their texts."""
UNDEFINED = "NaN"
"""How a run's summary holds a metric that is undefined."""


@dataclass(frozen=True)
class RowReport:
    """What the store holds of one row."""

    record: RunRecord
    scores: Mapping[str, CellScore]
    """By target."""
    answers: Mapping[str, Path]
    """By target: the folder with ``answers.parquet`` and ``score.json``."""
    profiles: tuple[Path, ...] = ()
    """Files with what the row's data sets look like."""
    features: tuple[Path, ...] = ()
    """Files with features of the examples of these."""
    adapter: Path | None = None
    """Folder of the adapter, where the run is the one that trained it."""
    training: AdapterRecord | None = None
    """What made the adapter, where the run is the one that trained it."""
    examples: Mapping[str, Path] = field(default_factory=dict)
    """By fingerprint: the files with the prompts of the row's columns."""
    texts_off: TextsOff | None = None
    """What takes the texts off answers before they are sent; None where texts are sent."""

    @cached_property
    def id(self) -> str:
        """What identifies the row's content; the time of its last update does not count."""
        scores = {target: score.to_json() for target, score in self.scores.items()}
        without = ["without texts"] if self.texts_off else []
        return fingerprint([replace(self.record, updated="").to_json(), scores, *without])

    @property
    def sent_record(self) -> RunRecord:
        """The record as it is sent: it names no prompts that are not."""
        return replace(self.record, examples={}) if self.texts_off else self.record

    def config(self) -> dict[str, Any]:
        """Return the config columns from which the row can be read back, see :func:`reading.stored_row`."""
        scores = {
            target: {**score.to_json(), "metrics": sorted(score.metrics)} for target, score in self.scores.items()
        }  # the values are in the summary
        content = {**self.sent_record.to_json(), SCORES: scores}
        return {RECORD: json.dumps(content, sort_keys=True), RECORD_ID: self.id}

    def summary(self) -> dict[str, Any]:
        """Return ``<target>/<metric>`` for every cell, and what happened in the training."""
        training = asdict(self.training.report) if self.training else {}
        training["adapted_layers"] = sum(training.get("adapted_layers", {}).values()) or None
        known = {key: value for key, value in training.items() if key != "seconds" and value is not None}
        logged = {f"train/{key}": value for key, value in known.items()}
        for target, score in self.scores.items():
            for name, value in score.metrics.items():
                logged[f"{target}/{name}"] = UNDEFINED if math.isnan(value) else value
        return logged

    def scores_by_key(self) -> dict[str, float]:
        """Return ``score/<target>`` for every cell."""
        return {SCORE + target: score.metrics["score"] for target, score in self._cells()}

    def targets(self) -> pd.DataFrame:
        """Return a table with a row per target: its main metric and all others; NaN where a target has no such."""
        rows = [{"target": target, "metric": score.metric, **score.metrics} for target, score in self._cells()]
        return pd.DataFrame(rows)

    def predictions(self) -> Iterator[tuple[str, pd.DataFrame]]:
        """Yield each target's first answers, at most ``PREDICTIONS``."""
        for target, _ in self._cells():
            answers = self.sent_answers(target)
            yield target, answers[[name for name in SHOWN if name in answers]].head(PREDICTIONS)

    def confusions(self) -> Iterator[tuple[str, Sequence[str], pd.DataFrame]]:
        """Yield each closed target whose labels are known with its labels and answers: ``gold`` and ``prediction``."""
        for target, score in self._cells():
            if score.labels:
                yield target, score.labels, self.sent_answers(target)[["gold", "prediction"]]

    def _cells(self) -> list[tuple[str, CellScore]]:
        """Return the targets with their scores, in order of name."""
        return sorted(self.scores.items())

    def sent_answers(self, target: str) -> pd.DataFrame:
        """Return a target's scored answers, without texts where these are not sent."""
        answers = pd.read_parquet(self.answers[target] / ANSWERS)
        return self.texts_off(answers, self.scores[target].labels or ()) if self.texts_off else answers
