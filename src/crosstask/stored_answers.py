"""Answers for the analysis: the scores of single examples behind chosen cells, from the folders that hold them."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from crosstask.analysis.answers import Answers, CellAnswers, paired_answers
from crosstask.analysis.columns import CELLS, column_names, require_columns
from crosstask.analysis.row_names import further_keys
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
    found = []
    examples: dict[str, tuple[pa.ChunkedArray, NDArray[np.object_]]] = {}  # one array for all cells that share it
    gold: dict[str, dict[str, int]] = {}
    for cell, of_run in zip(cells.itertuples(), settings, strict=True):
        path = folders[cell.run, cell.target] / "answers.parquet"
        if not path.exists():
            continue
        table = _columns(path, "example", "score")
        labels = [name.removeprefix(_PREDICTED) for name in cell.metrics if name.startswith(_PREDICTED)]
        if labels and cell.target not in gold:
            counts = Counter(_columns(path, "gold")["gold"].to_pylist())
            gold[cell.target] = {label: counts[label] for label in labels}
        if cell.target not in examples or not table["example"].equals(examples[cell.target][0]):
            examples[cell.target] = table["example"], np.array(table["example"].to_pylist(), dtype=object)
        seed = None if pd.isna(cell.seed) else int(cell.seed)
        scores = table["score"].to_numpy().astype(np.float32)
        found.append(CellAnswers(cell.source, cell.target, seed, examples[cell.target][1], scores, of_run))
    return paired_answers(found, gold)


def _columns(path: Path, *names: str) -> pa.Table:
    """Some columns of a file of answers."""
    try:
        file = pq.ParquetFile(path, pre_buffer=False)  # reading ahead doubles the time for small files
        return file.read(columns=list(names), use_threads=False).select(names)
    except (OSError, ValueError, KeyError) as error:
        raise UserError(
            f"{path}: cannot be read: {error}; delete its folder, and it is judged or fetched again"
        ) from error
