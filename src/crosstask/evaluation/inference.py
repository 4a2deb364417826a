"""Asking the model: portion by portion, each answer kept as soon as it is there."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import pandas as pd

from crosstask.evaluation.batching import backed_off, portions
from crosstask.storage.store import Store

SECONDS = 5.0
"""Answers are put into the store this often, so that no more is lost when the process is killed."""


class Questions(Protocol):
    """What a cell asks: how much room each question needs, and how some of them are asked."""

    lengths: list[int]
    pass_tokens: int
    """Tokens in one forward pass that suit the device."""

    def ask(self, model: Any, members: Sequence[int]) -> Sequence[Any]:
        """Return the answers to some of the questions."""
        ...


def answered(
    questions: Questions,
    model: Any,
    *,
    budget: int | None,
    row: Callable[[Any], dict[str, Any]],
    store: Store,
    parts: Path,
    progress: Callable[[float], None],
) -> pd.DataFrame:
    """Return the answers to all questions, those that an earlier process has got already included.

    Parameters
    ----------
    budget
        Tokens in one forward pass; None is what suits the device.
    row
        Turns an answer into the columns of the table.
    parts
        Folder of what is done already.
    progress
        Called with the share of questions that are done.

    Returns
    -------
    DataFrame, one row per question in their order
    """
    rows = _kept(parts)
    waiting: dict[int, dict[str, Any]] = {}
    flushed = time.monotonic()
    for portion in portions(questions.lengths, budget or questions.pass_tokens):
        members = [member for member in portion if member not in rows]
        if members:
            answers = backed_off(lambda some: list(questions.ask(model, some)), members)
            waiting |= {member: row(answer) for member, answer in zip(members, answers, strict=True)}
            rows |= waiting
        if time.monotonic() - flushed > SECONDS:
            _keep(store, parts, waiting)
            waiting, flushed = {}, time.monotonic()
        progress(len(rows) / len(questions.lengths))
    return pd.DataFrame([rows[number] for number in range(len(questions.lengths))])


def _kept(parts: Path) -> dict[int, dict[str, Any]]:
    """Return the answers that are in the store, by number of the question."""
    rows: dict[int, dict[str, Any]] = {}
    for path in sorted(parts.glob("*.parquet")):
        frame = pd.read_parquet(path).set_index("number")
        rows |= dict(zip(frame.index.tolist(), frame.to_dict("records"), strict=True))
    return rows


def _keep(store: Store, parts: Path, rows: dict[int, dict[str, Any]]) -> None:
    """Put some answers into the store."""
    if rows:
        frame = pd.DataFrame([{"number": number, **columns} for number, columns in rows.items()])
        with store.new_file(parts / f"{min(rows)}.parquet") as path:
            frame.to_parquet(path, index=False)
