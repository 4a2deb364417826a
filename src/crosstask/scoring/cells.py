"""Cells: one target scored with one adapter, from the store where it is there."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

from crosstask.base_model import BaseModel
from crosstask.config import Scoring, Task
from crosstask.data.examples import Example
from crosstask.identity import CellKey, new_tokens
from crosstask.scoring.closed import label_log_probabilities
from crosstask.scoring.generation import greedy_outputs
from crosstask.scoring.judgement import judged, metrics
from crosstask.store import Store, read_json


def stored_metrics(store: Store, key: CellKey) -> dict[str, float] | None:
    """Return a cell's metrics, with null as NaN; None if the store does not have the cell."""
    path = store.cell(key.outputs, key.scoring) / "score.json"
    if not path.exists():
        return None
    found = read_json(path)["metrics"]
    return {name: float("nan") if value is None else value for name, value in found.items()}


def judge_cell(store: Store, key: CellKey, name: str, task: Task) -> dict[str, float]:
    """Judge the outputs that the store has, put the answers and metrics into it, and return the metrics."""
    answers = judged(pd.read_parquet(store.outputs(key.outputs)), name, task)
    found = metrics(answers, task)
    with store.new_folder(store.cell(key.outputs, key.scoring)) as folder:
        answers.to_parquet(folder / "answers.parquet", index=False)
        plain = {name: None if math.isnan(value) else value for name, value in found.items()}
        content = {"target": name, "metric": str(task.metric), "target_id": key.target, "metrics": plain}
        store.write_json(folder / "score.json", content)
    return found


def get_outputs(
    store: Store,
    key: CellKey,
    base: BaseModel,
    model: Any,
    task: Task,
    scoring: Scoring,
    examples: Sequence[Example],
    progress: Callable[[float], None],
) -> None:
    """Ask the model for the outputs of a cell and put them into the store.

    ``progress`` is called with the share of examples that are done.
    """
    done = 0

    def count(more: int) -> None:
        nonlocal done
        done += more
        progress(done / len(examples))

    prompts = [example.prompt for example in examples]
    frame = pd.DataFrame({"example": [e.id for e in examples], "answer": [e.answer for e in examples]})
    if task.labels:
        values, cut = label_log_probabilities(base, model, prompts, task.labels, scoring.batch_size, count)
        frame = frame.assign(log_probabilities=values.tolist(), prompt_cut=cut)
    else:
        said = greedy_outputs(base, model, prompts, new_tokens(task, scoring), scoring.batch_size, count)
        frame = frame.assign(
            text=[output.text for output in said],
            output_tokens=[output.tokens for output in said],
            stopped=[output.stopped for output in said],
            prompt_cut=[output.cut for output in said],
        )
    with store.new_file(store.outputs(key.outputs)) as path:
        frame.to_parquet(path, index=False)
