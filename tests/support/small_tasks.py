"""A closed and an open task on local files, small enough for the tiny model."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from crosstask.config.inputs import Data, DataKind, Model
from crosstask.config.job import Tracking, TrackingMode, TrainConfig
from crosstask.config.scoring import Scoring
from crosstask.config.task import AnswerExtraction, DataSet, Task
from crosstask.config.training import Trainer

FILMS = Task(
    dataset=DataSet(name="films"),
    prompt="{{ text }}\nSentiment:\n",
    answer="{{ label }}",
    metric="accuracy",
    labels=["0", "1"],
)
SUMS = Task(
    dataset=DataSet(name="sums"),
    prompt="{{ sum }}\nAnswer:\n",
    answer="{{ value }}",
    metric="exact_match",
    extraction=AnswerExtraction(r"^\s*(\d+)\s*$", r"(\d+)", number=True),
)


def write_rows(folder: Path, task_rows: Callable[[int], list[dict[str, Any]]]) -> Path:
    """Write the rows of both tasks."""
    rows = {
        "films": (task_rows(30), [{"text": f"new {i}", "label": i % 2} for i in range(8)]),
        "sums": tuple([{"sum": f"{i} + {j}", "value": i + j} for i in range(n, n + 5)] for n, j in ((1, 2), (3, 4))),
    }
    for name, splits in rows.items():
        (folder / name).mkdir(parents=True)
        for split, content in zip(("train", "test"), splits, strict=True):
            (folder / name / f"{split}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in content))
    return folder


def small_job(folder: Path, model_folder: Path, task_rows: Callable[[int], list[dict[str, Any]]]) -> TrainConfig:
    """Write the rows of both tasks, and return a job that trains on the closed one and is scored on both."""
    data = write_rows(folder / "data", task_rows)
    return TrainConfig(
        source={"films": FILMS},
        target={"films": FILMS, "sums": SUMS},
        model=Model(name="tiny", path=str(model_folder)),
        data=Data(name="local", kind=DataKind.local, root=str(data), train_rows=12, test_rows=4),
        trainer=Trainer(batch_size=4, accelerator="cpu"),
        scoring=Scoring(max_new_tokens=5),
        tracking=Tracking(mode=TrackingMode.disabled),
        store=str(folder / "runs"),
    )
