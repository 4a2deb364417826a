"""Answers for the analysis: the scores of single examples behind chosen cells, from the folders that hold them."""

import logging
import os
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from string import ascii_uppercase

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

log = logging.getLogger(__name__)

ROUNDING = 1e-6
"""Largest difference of a mean that another order of summation makes, with room."""
SHOWN = 5
"""Most cells without answers that a message lists."""
AGAIN = "delete its folder, and it is scored or fetched again"


def read_answers(
    folders: Mapping[tuple[str, str], Path],
    cells: pd.DataFrame,
    rows: tuple[str, ...] = ("source",),
    prior_corrected: bool = False,
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
    prior_corrected
        Take what the answers are worth with the prior of the labels taken off, which the scores of the cells then are.

    Returns
    -------
    Answers
        A cell whose answers were deleted is not among them, nor is one whose file is damaged or holds other answers
        than those that gave the cell its score; warnings name both, the former where other cells have answers.
    """
    require_columns(cells, [*column_names(CELLS), *rows], "cell table")
    settings = cells[further_keys(rows)].fillna("").itertuples(index=False, name=None)
    named = (cells[name].tolist() for name in ("run", "source", "target", "seed", "labels", "score", "n"))
    found, lacking = [], []
    examples: dict[str, tuple[pa.ChunkedArray, NDArray[np.object_]]] = {}  # one array for all cells that share it
    gold: dict[str, dict[str, int]] = {}
    for run, source, target, seed, labels, score, n, of_run in zip(*named, settings, strict=True):
        path = folders[run, target] / "answers.parquet"
        try:
            table = _prior_corrected(path, labels) if prior_corrected else answer_columns(path, "example", "score")
            scores = checked_scores(path, table["score"], score, n)
            if target not in gold and (counts := _gold(path, labels)):
                gold[target] = counts
        except FileNotFoundError:
            lacking.append(f"{source} on {target}")
            continue
        except UserError as error:
            log.warning("answers are left out: %s", error)
            continue
        if target not in examples or not table["example"].equals(examples[target][0]):
            examples[target] = table["example"], np.array(table["example"].to_pylist(), dtype=object)
        number = None if pd.isna(seed) else int(seed)
        found.append(CellAnswers(source, target, number, examples[target][1], scores, of_run))
    if found and lacking:  # where nothing has answers, a note of the analysis says so
        shown = ", ".join(lacking[:SHOWN]) + " ..." * (len(lacking) > SHOWN)
        log.warning(
            "no answers.parquet is kept of %d cells, which no test can pair by example: %s", len(lacking), shown
        )
    return paired_answers(found, gold)


def _prior_corrected(path: Path, labels: tuple[str, ...] | None) -> pa.Table:
    """Return examples and whether the most probable answer, with its prior taken off, is right: 0 or 1."""
    table = answer_columns(path, "example", "gold", "prior_corrected")
    names = labels or tuple(ascii_uppercase)  # options of a row go by letters
    right = [
        float(names[int(np.argmax(values))] == gold)
        for values, gold in zip(table["prior_corrected"].to_pylist(), table["gold"].to_pylist(), strict=True)
    ]
    return pa.table({"example": table["example"], "score": pa.array(right, pa.float64())})


def checked_scores(path: Path, answers: pa.ChunkedArray, score: float, n: float) -> NDArray[np.float32]:
    """Return what each answer is worth, float32; UserError where these are not what the cell's score is the mean of."""
    worth = answers.to_numpy()
    possible = worth.dtype.kind == "f" and len(worth) == n and bool(((worth >= 0) & (worth <= 1)).all())
    if not possible or abs(float(worth.mean()) - score) > ROUNDING:
        raise UserError(f"{path}: its answers do not give the cell's score, {score:.6g} over {n:.0f} examples; {AGAIN}")
    return worth.astype(np.float32)


def _gold(path: Path, labels: tuple[str, ...] | None) -> dict[str, int]:
    """Return how many examples have each label, in the order of the labels; empty for an open target."""
    labels = labels_of_old(path) if labels is None else labels
    counts = Counter(answer_columns(path, "gold")["gold"].to_pylist() if labels else ())
    return {label: counts[label] for label in labels}


def labels_of_old(path: Path) -> tuple[str, ...]:
    """Return the labels of a cell that was written without them, sorted: the task's order is lost.

    They are those among the answers; none unless these are all, as many as the vectors of probabilities have numbers.
    """
    table = answer_columns(path, "gold", "prediction", "log_probabilities", optional=True)
    if "log_probabilities" not in table.column_names:  # an open target
        return ()
    found = {*table["gold"].to_pylist(), *table["prediction"].to_pylist()}
    return tuple(sorted(found)) if len(found) == len(table["log_probabilities"][0]) else ()


def answer_columns(path: Path, *names: str, optional: bool = False) -> pa.Table:
    """Return some columns of a file of answers; FileNotFoundError where it was deleted, UserError where one is lacking
    that is not optional.
    """
    try:
        # For small files reading ahead would double the time; finding out which file system it is would add a tenth.
        with pa.OSFile(os.fspath(path)) as file:
            opened = pq.ParquetFile(file, pre_buffer=False, page_checksum_verification=True)
            table = opened.read(columns=list(names), use_threads=False)
        # A column that is lacking is left out without a word; selecting what is there takes longer than counting it.
        return table if optional or table.num_columns == len(names) else table.select(names)
    except FileNotFoundError:
        raise  # is no error to whoever asks: answers may be deleted
    except (OSError, ValueError, KeyError) as error:
        raise UserError(f"{path}: cannot be read: {error}; {AGAIN}") from error
