"""What models do on a target, answer by answer, from the folders that hold the answers."""

import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from string import ascii_uppercase
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from crosstask.analysis.matrix.answers import Run, runs_of
from crosstask.analysis.matrix.behavior import UNITS, BehaviorOf, TargetBehavior
from crosstask.analysis.matrix.prompts import PROMPT
from crosstask.analysis.matrix.row_keys import further_keys
from crosstask.analysis.schema import BASE
from crosstask.errors import UserError
from crosstask.runs.answers import answer_columns, checked_scores, labels_of_old
from crosstask.runs.kept_behavior import KeptBehavior

log = logging.getLogger(__name__)

Folders = Callable[[], Mapping[tuple[str, str], Path]]
"""Gives the folder of each cell, by run and target."""
VECTORS = ("log_probabilities", "per_token", "per_byte", "prior_corrected")
"""Columns by which labels are chosen, the log-probabilities themselves first."""
NEEDED = (
    *("example", "score", "valid", "gold", "prediction", "reference", "text", "output_tokens", "stopped", "cut"),
    *(f"{name}_{unit}" for name in ("answer", "gold") for unit in UNITS),
    *VECTORS,
)
"""Columns of answers that are read where there are any; which there are depends on the scorer."""


def behavior_of(folders: Folders, cells: pd.DataFrame, rows: tuple[str, ...] = ("source",)) -> BehaviorOf:
    """Return what reads the answers to a target.

    Parameters
    ----------
    folders : callable
        Is asked when the first target is.
    cells : DataFrame
        Columns ``CELLS`` and those of the rows; those chosen. Of a target that was asked in several prompts the first
        counts.
    rows
        What a row is, as for `transfer_matrix`.

    Returns
    -------
    callable
        From a target to a `TargetBehavior`; None where no answers of it are kept. A cell whose answers were deleted,
        are damaged, or are of other examples than the first row's, base's where there is one, is no row of it. What was
        read is kept for the next section that asks, as far as it fits (`KeptBehavior`).
    """

    def read(target: str) -> TargetBehavior | None:
        of_target = cells[cells["target"] == target]
        of_target = of_target[of_target[PROMPT] == of_target[PROMPT].min()]
        order = [name for name in ("source", "seed", *further_keys(rows)) if name in of_target]
        of_target = of_target.sort_values(order, kind="stable", na_position="first")
        of_target = pd.concat([of_target[of_target["source"] == BASE], of_target[of_target["source"] != BASE]])
        found = folders()
        labels: tuple[str, ...] = ()
        tables: list[tuple[Run, pa.Table]] = []
        for run, cell in zip(runs_of(of_target, further_keys(rows)), of_target.to_dict(orient="records"), strict=True):
            path = found[cell["run"], target] / "answers.parquet"
            table = _table(path, cell)
            if table is None or (tables and not table["example"].equals(tables[0][1]["example"])):
                continue
            if not tables:
                labels = labels_of_old(path) if cell["labels"] is None else tuple(cell["labels"])
            tables.append((run, table))
        return _behavior(tables, labels) if tables else None

    return KeptBehavior(read)


def _table(path: Path, cell: Mapping[str, Any]) -> pa.Table | None:
    """Return the answers of a cell; None where they were deleted or are damaged, which the reading of scores says."""
    try:
        table = answer_columns(path, *NEEDED, optional=True)
        if not {"example", "score"} <= {*table.column_names}:
            return None
        checked_scores(path, table["score"], cell["score"], cell["n"])
    except (FileNotFoundError, UserError) as error:
        log.debug("%s", error)
        return None
    return table


def _behavior(tables: Sequence[tuple[Run, pa.Table]], labels: tuple[str, ...]) -> TargetBehavior:
    """Return the answers to one target, of cells with the same examples and columns."""
    first = tables[0][1]
    every = [table for _, table in tables]
    has_options = not labels and VECTORS[0] in first.column_names
    if has_options:
        labels = tuple(ascii_uppercase[: max(len(values) for values in first[VECTORS[0]].to_pylist())])
    place = {label: number for number, label in enumerate(labels)}
    gold = np.array([place.get(label, -1) for label in _values(first, "gold")], dtype=np.intp) if labels else None
    if gold is not None and (len(gold) == 0 or (gold < 0).any()):  # answers are sets of labels, say
        gold, labels, has_options = None, (), False
    valid = np.array([_flags(table, "valid", True) for table in every])
    predicted, vectors, decision = None, None, None
    if gold is not None:
        chosen = [[place.get(label, -1) for label in _values(table, "prediction")] for table in every]
        predicted = np.where(valid, np.array(chosen, dtype=np.intp), -1)
        vectors, decision = _vectors(every, predicted, len(labels))
    return TargetBehavior(
        rows=tuple(run for run, _ in tables),
        examples=np.array(first["example"].to_pylist(), dtype=object),
        scores=np.array([table["score"].to_numpy() for table in every], dtype=np.float32),
        valid=valid,
        labels=labels,
        has_options=has_options,
        gold=gold,
        predicted=predicted,
        log_probabilities=vectors,
        decision=decision,
        cut=_cut(every),
        lengths={unit: np.array(found) for unit in UNITS if (found := _lengths(every, "answer", unit))},
        gold_lengths={unit: found[0] for unit in UNITS if (found := _lengths(every[:1], "gold", unit))},
    )


def _values(table: pa.Table, name: str) -> list[Any]:
    """Return a column as a list; as many None as there are rows where there is no such column."""
    return table[name].to_pylist() if name in table.column_names else [None] * len(table)


def _flags(table: pa.Table, name: str, otherwise: bool) -> NDArray[np.bool_]:
    """Return a column of flags; where there is none, or a flag is null, what stands for it."""
    return np.array([otherwise if value is None else value for value in _values(table, name)], dtype=bool)


def _vectors(
    tables: Sequence[pa.Table], predicted: NDArray[np.intp], labels: int
) -> tuple[NDArray[np.float32] | None, NDArray[np.float32] | None]:
    """Return the log-probabilities of the labels, and those vectors whose largest entries are the predictions."""
    known = {
        name: np.stack([_padded(table[name], labels) for table in tables])
        for name in VECTORS
        if all(name in table.column_names for table in tables)
    }
    deciding = [
        values
        for values in known.values()
        if (np.argmax(np.nan_to_num(values, nan=-np.inf), axis=-1) == predicted)[predicted >= 0].all()
    ]
    return known.get(VECTORS[0]), deciding[0] if deciding else None


def _padded(column: pa.ChunkedArray, labels: int) -> NDArray[np.float32]:
    """Return a column of vectors as an array, (n, labels), with NaN behind those that are shorter."""
    vectors = column.combine_chunks()
    lengths = np.diff(vectors.offsets.to_numpy())
    found = np.full((len(column), labels), np.nan, dtype=np.float32)
    found[np.arange(labels) < lengths[:, None]] = vectors.flatten().to_numpy(zero_copy_only=False)
    return found


def _cut(tables: Sequence[pa.Table]) -> NDArray[np.bool_] | None:
    """Return which generated texts reached the limit; None where none were generated."""
    if all("cut" in table.column_names for table in tables):
        return np.array([_flags(table, "cut", False) for table in tables])
    if all("stopped" in table.column_names for table in tables):
        return ~np.array([_flags(table, "stopped", True) for table in tables])
    return None


def _lengths(tables: Sequence[pa.Table], of: str, unit: str) -> list[NDArray[np.int32]]:
    """Return the lengths of the answers, or of the gold answers, in each cell; none where they are not known.

    They are counted in the texts where these are kept, as they were when a compact store was written.
    """
    if all(f"{of}_{unit}" in table.column_names for table in tables):
        return [table[f"{of}_{unit}"].to_numpy().astype(np.int32) for table in tables]
    is_open = all("text" in table.column_names for table in tables)
    if unit == "tokens":  # counting them needs the tokenizer; those of an output were written down
        known = of == "answer" and is_open and all("output_tokens" in table.column_names for table in tables)
        return [table["output_tokens"].to_numpy().astype(np.int32) for table in tables] if known else []
    name = {"answer": "text" if is_open else "prediction", "gold": "reference" if is_open else "gold"}[of]
    if not all(name in table.column_names for table in tables):
        return []
    count: Callable[[str], int] = len if unit == "characters" else lambda text: len(text.split())
    return [np.array([count(text or "") for text in _values(table, name)], dtype=np.int32) for table in tables]
