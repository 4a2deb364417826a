"""Answers for the analysis: the scores of single examples behind chosen cells, from the folders that hold them."""

import os
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from crosstask.analysis.matrix.answers import Answers, CellAnswers, paired_answers
from crosstask.analysis.matrix.columns import CELLS
from crosstask.analysis.matrix.row_keys import further_keys
from crosstask.analysis.schema import column_names, require_columns
from crosstask.errors import UserError

_PREDICTED = "predicted/"
"""Beginning of the name of a closed target's metric of each label."""


def read_answers(
    folders: Mapping[tuple[str, str], Path], cells: pd.DataFrame, rows: tuple[str, ...] = ("source",)
) -> Answers:
    """Return the answers of cells, paired by example.

    Parameters
    ----------
    folders : mapping
        Run and target -> the folder of the cell, with ``answers.parquet``.
    cells : DataFrame
        Columns ``CELLS`` and those of the rows; those chosen.
    rows
        What a row is, as for `transfer_matrix`: settings among it tell runs of a source and seed apart.

    Returns
    -------
    Answers
        A cell whose answers were deleted is not among them.

    Raises
    ------
    UserError
        If a file cannot be read.
    """
    require_columns(cells, [*column_names(CELLS), *rows], "cell table")
    settings = cells[further_keys(rows)].fillna("").itertuples(index=False, name=None)
    named = (cells[name].tolist() for name in ("run", "source", "target", "seed", "metrics"))
    found = []
    examples: dict[str, tuple[pa.ChunkedArray, NDArray[np.object_]]] = {}  # one array for all cells that share it
    gold: dict[str, dict[str, int]] = {}
    for run, source, target, seed, metrics, of_run in zip(*named, settings, strict=True):
        path = folders[run, target] / "answers.parquet"
        try:
            table = _columns(path, "example", "score")
        except FileNotFoundError:
            continue
        labels = [name.removeprefix(_PREDICTED) for name in metrics if name.startswith(_PREDICTED)]
        if labels and target not in gold:
            counts = Counter(_columns(path, "gold")["gold"].to_pylist())
            gold[target] = {label: counts[label] for label in labels}
        if target not in examples or not table["example"].equals(examples[target][0]):
            examples[target] = table["example"], np.array(table["example"].to_pylist(), dtype=object)
        scores = table["score"].to_numpy().astype(np.float32)
        number = None if pd.isna(seed) else int(seed)
        found.append(CellAnswers(source, target, number, examples[target][1], scores, of_run))
    return paired_answers(found, gold)


def _columns(path: Path, *names: str) -> pa.Table:
    """Some columns of a file of answers; FileNotFoundError where it was deleted."""
    try:
        # For small files reading ahead would double the time; finding out which file system it is would add a tenth.
        with pa.OSFile(os.fspath(path)) as file:
            table = pq.ParquetFile(file, pre_buffer=False).read(columns=list(names), use_threads=False)
        return table.select(names)
    except FileNotFoundError:
        raise  # is no error to whoever asks: answers may be deleted
    except (OSError, ValueError, KeyError) as error:
        raise UserError(
            f"{path}: cannot be read: {error}; delete its folder, and it is judged or fetched again"
        ) from error
