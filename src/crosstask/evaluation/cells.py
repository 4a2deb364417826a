"""Cells: one target scored with one adapter, from the store where it is there."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from pyarrow.parquet import ParquetFile

from crosstask.data.examples import Example
from crosstask.errors import UserError
from crosstask.evaluation.cell_key import CellKey
from crosstask.evaluation.inference import PartialOutputs, collect_outputs
from crosstask.evaluation.request_cache import REQUESTS
from crosstask.evaluation.scorers.protocol import Target
from crosstask.evaluation.verdicts import with_replies
from crosstask.models.language_model import BaseModel
from crosstask.storage.cell_score import CellScore
from crosstask.storage.judge_use import JudgeUse
from crosstask.storage.named_tables import is_named, write_named
from crosstask.storage.store import Store

NAME = b"crosstask.outputs"
"""Where the metadata of a file of outputs has the fingerprint of the cell; what was written before has none."""


def stored_bytes(store: Store, key: CellKey) -> bytes | None:
    """Return what the store has written down of a cell, for comparison; None if it does not have the cell."""
    path = store.cell(key.ref) / "score.json"
    return path.read_bytes() if path.exists() else None


def score_cell(
    store: Store,
    key: CellKey,
    target: Target,
    effect: Sequence[float] | None,
    replace: bool = False,
    judging: Callable[[int, int], None] = lambda judged, answers: None,
) -> JudgeUse | None:
    """Score the outputs that the store has, and put the answers and their score into it.

    Parameters
    ----------
    store, key, target
        The cell.
    effect
        By how much the adapter moves the logits of each probe prompt; None for the base model.
    replace
        Whether what there is of the scored cell is replaced.
    judging
        Called with the answers that a judge has judged, and with how many there are.

    Returns
    -------
    JudgeUse or None
        What the judge took, where the target has one.

    Raises
    ------
    UserError
        If the outputs are damaged or cannot be scored, or the judge fails; then nothing is put into the store but the
        judge's replies.
    """
    scorer, use = target.scorer, None
    outputs = read_outputs(store, key, target)
    if target.judge is not None:
        outputs, use = with_replies(store, target, outputs, judging)
    answers = scorer.score(outputs)
    score = CellScore(
        target=scorer.name,
        target_id=key.target,
        metric=str(scorer.task.metric),
        metrics=scorer.metrics(answers),
        adapter=key.adapter,
        logit_difference=None if effect is None else tuple(effect),
        labels=scorer.labels,
        decide=scorer.decide,
        cell=(key.ref.outputs, key.ref.scoring),
    )
    with store.lock("cell", key.outputs), store.new_folder(store.cell(key.ref), replace) as folder:
        answers.to_parquet(folder / "answers.parquet", index=False, write_page_checksum=True)
        store.write_json(folder / "score.json", score.to_json())
    return use


def answers_fault(store: Store, key: CellKey, count: float) -> str | None:
    """Return what is wrong with the file of a cell's answers, of which there should be so many; None if nothing is."""
    path = store.answers(key.ref)
    try:
        found = ParquetFile(path).metadata.num_rows
    except (OSError, ValueError) as error:
        return f"{path}: cannot be read: {error}"
    return None if found == count else f"{path}: {found} answers, where the cell's score is of {count:.0f}"


def outputs_fault(store: Store, key: CellKey, target: Target) -> str | None:
    """Return what is wrong with the file of a cell's outputs; None if nothing is."""
    try:
        _whole_outputs(store.outputs(key.outputs), key, target)
    except (OSError, ValueError) as error:  # pyarrow's errors are some of these
        return f"{store.outputs(key.outputs)}: damaged ({error})"
    return None


def read_outputs(store: Store, key: CellKey, target: Target) -> pd.DataFrame:
    """Return the outputs of a cell.

    Returns
    -------
    DataFrame, one row per example
        The columns of `_references`, and those of the scorer's outputs.

    Raises
    ------
    UserError
        If the file is damaged, or has the outputs of another cell or of other examples.
    """
    path = store.outputs(key.outputs)
    try:
        return _whole_outputs(path, key, target)
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: damaged ({error}); delete the folder {path.parent} to make the cell again") from error


def _whole_outputs(path: Path, key: CellKey, target: Target) -> pd.DataFrame:
    """Return the outputs in a file; OSError or ValueError where they are not those of the target's examples."""
    table = ParquetFile(path, page_checksum_verification=True).read(use_threads=False)
    if not is_named(table, NAME, key.outputs):
        raise ValueError("of another cell than its folder's name says, which was renamed or copied")
    outputs = table.to_pandas().rename(columns={"answer": "reference"})  # as earlier versions called it
    if lacking := {"example", "reference", *target.scorer.columns} - set(outputs):
        raise ValueError(f"it lacks the columns {', '.join(sorted(lacking))}")
    if len(outputs) != len(target.examples):
        raise ValueError(f"it has {len(outputs)} rows, where {target.scorer.name} has {len(target.examples)} examples")
    for name, right in _references(target.examples).items():
        if name not in outputs:
            raise ValueError(f"it lacks the column {name}")
        for example, row, expected, found in zip(
            target.examples, outputs["example"], right, outputs[name], strict=True
        ):
            if example.id != row:
                raise ValueError(f"it has row {row!r:.40}, where {target.scorer.name} has {example.id}")
            if expected != (found if isinstance(found, str) else list(found)):
                raise ValueError(f"in row {row} it has another {name} than {target.scorer.name}")
    return outputs


def _references(examples: Sequence[Example]) -> pd.DataFrame:
    """Return what outputs are compared with, a row per example: ``example``, ``reference`` (text as the data has it),
    and where examples have them ``options`` (multiple choice) and ``accepted``, lists of text, and the code in
    ``given``, ``tests`` and ``entry_point``.
    """
    frame = pd.DataFrame({"example": [one.id for one in examples], "reference": [one.answer for one in examples]})
    for name in ("options", "accepted", "given", "tests", "entry_point"):
        values = [getattr(one, name) for one in examples]
        if any(values):
            frame[name] = [value if isinstance(value, str) else list(value) for value in values]
    return frame


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
    outputs = pd.concat([_references(target.examples), target.scorer.outputs(responses)], axis=1)
    with store.new_file(store.outputs(key.outputs)) as path:
        write_named(path, NAME, key.outputs, outputs)
    shutil.rmtree(partial.folder, ignore_errors=True)
