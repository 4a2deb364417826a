"""Cells: one target scored with one adapter, from the store where it is there."""

import shutil
from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
from pyarrow.parquet import ParquetFile

from crosstask.errors import UserError
from crosstask.evaluation.cell_key import CellKey
from crosstask.evaluation.inference import PartialOutputs, collect_outputs
from crosstask.evaluation.request_cache import REQUESTS
from crosstask.evaluation.scorers.protocol import Scorer, Target
from crosstask.models.language_model import BaseModel
from crosstask.storage.records import CellScore
from crosstask.storage.store import Store


def stored_bytes(store: Store, key: CellKey) -> bytes | None:
    """Return what the store has written down of a cell, for comparison; None if it does not have the cell."""
    path = store.cell(key.ref) / "score.json"
    return path.read_bytes() if path.exists() else None


def score_cell(
    store: Store, key: CellKey, scorer: Scorer, effect: Sequence[float] | None, replace: bool = False
) -> None:
    """Score the outputs that the store has, and put the answers and their score into it.

    ``effect`` is by how much the adapter moves the logits of each probe prompt; None for the base model.
    """
    answers = scorer.score(read_outputs(store, key))
    score = CellScore(
        target=scorer.name,
        target_id=key.target,
        metric=str(scorer.task.metric),
        metrics=scorer.metrics(answers),
        adapter=key.adapter,
        logit_difference=None if effect is None else tuple(effect),
        labels=scorer.labels,
        decide=scorer.decide,
    )
    with store.lock("cell", key.outputs), store.new_folder(store.cell(key.ref), replace) as folder:
        answers.to_parquet(folder / "answers.parquet", index=False)
        store.write_json(folder / "score.json", score.to_json())


def answers_fault(store: Store, key: CellKey, count: float) -> str | None:
    """Return what is wrong with the file of a cell's answers, of which there should be so many; None if nothing is."""
    path = store.answers(key.ref)
    try:
        found = ParquetFile(path).metadata.num_rows
    except (OSError, ValueError) as error:
        return f"{path}: cannot be read: {error}"
    return None if found == count else f"{path}: {found} answers, where the cell's score is of {count:.0f}"


def read_outputs(store: Store, key: CellKey) -> pd.DataFrame:
    """Return the outputs of a cell.

    Returns
    -------
    DataFrame, one row per example
        ``example``, ``reference`` (text as the data has it), and the columns of the scorer's outputs.

    Raises
    ------
    UserError
        If the file is damaged.
    """
    path = store.outputs(key.outputs)
    try:
        outputs = pd.read_parquet(path)
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as error:  # pyarrow's errors are some of these
        raise UserError(f"{path}: damaged ({error}); delete the folder {path.parent} to make the cell again") from error
    return outputs.rename(columns={"answer": "reference"})  # as earlier versions called it


def run_inference(
    store: Store, key: CellKey, target: Target, base: BaseModel, model: Any, progress: Callable[[float], None]
) -> None:
    """Run the inference of a cell and put its outputs into the store; the caller holds the cell's lock.

    Inference that was interrupted continues where it stopped.

    Parameters
    ----------
    store, key, target
        The cell.
    base, model
        The base model, and what the outputs are of: the same with or without an adapter.
    progress
        Called with the share of requests that are done, 0 to 1.
    """
    every_adapter = f"{base.identity}/{key.target}/{target.scoring.generation}"
    requests = REQUESTS.get(every_adapter, lambda: target.scorer.requests(base, target))
    partial = PartialOutputs(store, store.parts(key.outputs))
    responses = collect_outputs(requests, model, target.scoring.batch_tokens, partial, progress)
    references = {"example": [e.id for e in target.examples], "reference": [e.answer for e in target.examples]}
    outputs = pd.concat([pd.DataFrame(references), target.scorer.outputs(responses)], axis=1)
    with store.new_file(store.outputs(key.outputs)) as path:
        outputs.to_parquet(path, index=False)
    shutil.rmtree(partial.folder, ignore_errors=True)
