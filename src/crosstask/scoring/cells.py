"""Cells: one target scored with one adapter, from the store where it is there."""

import math
import shutil
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pandas as pd

from crosstask.base_model import BaseModel
from crosstask.config import Decision, Scoring, Task
from crosstask.data.examples import Example
from crosstask.identity import CellKey, new_tokens
from crosstask.probe import Effect
from crosstask.scoring.answering import answered
from crosstask.scoring.closed import ClosedQuestions, LabelScores, refuse_prefixes
from crosstask.scoring.generation import OpenQuestions, Output
from crosstask.scoring.judgement import judged, metrics
from crosstask.store import Store, read_json


def stored_metrics(store: Store, key: CellKey) -> dict[str, float] | None:
    """Return a cell's metrics, with null as NaN; None if the store does not have the cell."""
    path = store.cell(key.outputs, key.scoring) / "score.json"
    if not path.exists():
        return None
    found = read_json(path)["metrics"]
    return {name: float("nan") if value is None else value for name, value in found.items()}


def judge_cell(
    store: Store, key: CellKey, name: str, task: Task, effect: Effect | None, replace: bool = False
) -> dict[str, float]:
    """Judge the outputs that the store has, put the answers and metrics into it, and return the metrics.

    ``effect`` is the proof that the adapter acts; None for the base model.
    """
    answers = judged(pd.read_parquet(store.outputs(key.outputs)), name, task)
    found = metrics(answers, task)
    with store.new_folder(store.cell(key.outputs, key.scoring), replace) as folder:
        answers.to_parquet(folder / "answers.parquet", index=False)
        plain = {name: None if math.isnan(value) else value for name, value in found.items()}
        content = {
            "target": name,
            "metric": str(task.metric),
            "target_id": key.target,
            "adapter": key.adapter,
            "logit_difference": None if effect is None else effect.differences,
            "metrics": plain,
        }
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
    content_free: str,
    progress: Callable[[float], None],
) -> None:
    """Ask the model for the outputs of a cell and put them into the store.

    A cell that was broken off continues where it stopped. ``progress`` is called with the share of examples that
    are done.
    """
    prompts = [example.prompt for example in examples]
    parts = store.parts(key.outputs)
    ask = partial(answered, budget=scoring.batch_tokens, store=store, parts=parts, progress=progress)
    if task.labels:
        closed = ClosedQuestions(base, prompts, task.labels)
        if task.decide is Decision.raw:
            refuse_prefixes(base, task.labels)
        said = ask(closed, model, row=_closed_row)
        (prior,) = ClosedQuestions(base, [content_free], task.labels).ask(model, [0])
        said["prior_log_probabilities"] = [prior.log_probabilities] * len(said)
    else:
        said = ask(OpenQuestions(base, prompts, new_tokens(task, scoring)), model, row=_open_row)
    frame = pd.DataFrame({"example": [e.id for e in examples], "answer": [e.answer for e in examples]})
    with store.new_file(store.outputs(key.outputs)) as path:
        pd.concat([frame, said], axis=1).to_parquet(path, index=False)
    shutil.rmtree(parts, ignore_errors=True)


def _closed_row(answer: LabelScores) -> dict[str, Any]:
    """Return the columns of a closed answer."""
    return {
        "log_probabilities": answer.log_probabilities,
        "label_tokens": answer.tokens,
        "prompt_cut": answer.cut,
    }


def _open_row(answer: Output) -> dict[str, Any]:
    """Return the columns of an open answer."""
    return {
        "text": answer.text,
        "output_tokens": answer.tokens,
        "stopped": answer.stopped,
        "prompt_cut": answer.cut,
    }
