"""Cells: one target scored with one adapter, from the store where it is there."""

import logging
import math
import shutil
from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

from crosstask.config import Decision, Scoring, Task
from crosstask.data.examples import Example
from crosstask.evaluation.cell_key import CellKey, new_tokens
from crosstask.evaluation.generation import OpenQuestions, Output
from crosstask.evaluation.inference import Questions, answered
from crosstask.evaluation.judgement import judged, metrics, refuse_prefixes
from crosstask.evaluation.label_likelihoods import ClosedQuestions, LabelScores
from crosstask.models.adapter_effect import Effect
from crosstask.models.base_model import BaseModel
from crosstask.storage.store import Store, read_json

log = logging.getLogger(__name__)


def stored_metrics(store: Store, key: CellKey) -> dict[str, float] | None:
    """Return a cell's metrics, with null as NaN; None if the store does not have the cell."""
    path = store.cell(key.outputs, key.scoring) / "score.json"
    if not path.exists():
        return None
    found = read_json(path)["metrics"]
    return {name: float("nan") if value is None else value for name, value in found.items()}


def stored_bytes(store: Store, key: CellKey) -> bytes | None:
    """Return what the store has written down of a cell, for comparison; None if it does not have the cell."""
    path = store.cell(key.outputs, key.scoring) / "score.json"
    return path.read_bytes() if path.exists() else None


def judge_cell(
    store: Store, key: CellKey, name: str, task: Task, effect: Effect | None, replace: bool = False
) -> dict[str, float]:
    """Judge the outputs that the store has, put the answers and metrics into it, and return the metrics.

    ``effect`` is the proof that the adapter acts; None for the base model.
    """
    answers = judged(pd.read_parquet(store.outputs(key.outputs)), name, task)
    found = metrics(answers, task)
    with store.lock("cell", key.outputs), store.new_folder(store.cell(key.outputs, key.scoring), replace) as folder:
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
    name: str,
    task: Task,
    scoring: Scoring,
    examples: Sequence[Example],
    content_free: str,
    progress: Callable[[float], None],
) -> None:
    """Ask the model for the outputs of a cell and put them into the store; the caller holds the cell's lock.

    A cell that was broken off continues where it stopped. ``progress`` is called with the share of examples that
    are done.
    """
    asked = f"questions/{key.target}/{scoring.generation}"
    if asked not in base.prepared:  # every adapter is asked the same
        base.prepared[asked] = _questions(base, name, task, scoring, examples, content_free)
    parts = store.parts(key.outputs)
    said = answered(
        base.prepared[asked],
        model,
        budget=scoring.batch_tokens,
        row=_closed_row if task.labels else _open_row,
        store=store,
        parts=parts,
        progress=progress,
    )
    if task.labels:  # the last question is the one without content
        prior = said["log_probabilities"].iloc[-1]
        said = said.iloc[:-1].assign(prior_log_probabilities=[prior] * len(examples))
    frame = pd.DataFrame({"example": [e.id for e in examples], "answer": [e.answer for e in examples]})
    with store.new_file(store.outputs(key.outputs)) as path:
        pd.concat([frame, said], axis=1).to_parquet(path, index=False)
    shutil.rmtree(parts, ignore_errors=True)


def _questions(
    base: BaseModel, name: str, task: Task, scoring: Scoring, examples: Sequence[Example], content_free: str
) -> Questions:
    """Return what a target asks, as tokens; a closed one asks last for its prior, by the prompt without content."""
    prompts = [example.prompt for example in examples]
    if not task.labels:
        return OpenQuestions(base, prompts, new_tokens(task, scoring), scoring.generation)
    questions = ClosedQuestions(base, [*prompts, content_free], task.labels)
    if task.decide is Decision.raw:
        refuse_prefixes(name, task.labels, [pair.answer for pair in questions.groups[0]])
    straddled = {task.labels[i] for group in questions.groups for i, pair in enumerate(group) if pair.straddled}
    if straddled:
        log.warning(
            "target %s: in running text %s would share a token with the end of the prompt, so its probability is that"
            " of other tokens than a reader of the prompt would expect; a prompt that ends in a space does that, labels"
            " that begin with one do not",
            name,
            ", ".join(map(repr, sorted(straddled))),
        )
    return questions


def _closed_row(answer: LabelScores) -> dict[str, Any]:
    """Return the columns of a closed answer."""
    return {
        "log_probabilities": answer.log_probabilities,
        "label_tokens": [list(tokens) for tokens in answer.tokens],
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
