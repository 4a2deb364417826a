"""Answers of real cells, written as scoring writes them."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from crosstask.analysis.matrix.columns import CELLS
from crosstask.analysis.schema import column_names
from crosstask.config.scoring import Scoring
from crosstask.config.task import Task
from crosstask.data.examples import Example
from crosstask.evaluation.cell_key import CellKey
from crosstask.evaluation.cells import score_cell
from crosstask.evaluation.scorers.protocol import Target
from crosstask.evaluation.scorers.registry import scorer
from crosstask.runs.answers import read_answers
from crosstask.runs.cell_table import cell_table
from crosstask.storage.records import CellRef
from crosstask.storage.rows import StoredRows
from crosstask.storage.store import Store
from tests.support.records import run_record

LABELS = ["positive", "negative", "neutral"]
CLOSED = Task(dataset={"name": "films"}, prompt="{{ text }}", answer="{{ label }}", labels=LABELS, metric="accuracy")
OPEN = Task(dataset={"name": "code"}, prompt="{{ text }}", answer="{{ code }}", metric="chrf")


def closed(rows):
    """Outputs of a closed target, from examples, gold labels and the labels predicted."""
    probabilities = [[0.0 if label == said else -1.0 for label in LABELS] for _, _, said in rows]
    return pd.DataFrame(
        {
            "example": [example for example, _, _ in rows],
            "reference": [gold for _, gold, _ in rows],
            "log_probabilities": probabilities,
            "label_tokens": [[[1], [2], [3]]] * len(rows),
            "prior_log_probabilities": [[-1.0, -1.0, -1.0]] * len(rows),
            "prompt_cut": 0,
        }
    )


def generated(rows):
    """Outputs of an open target, from examples, gold texts and texts."""
    frame = pd.DataFrame(rows, columns=["example", "reference", "text"])
    return frame.assign(output_tokens=3, stopped=True, prompt_cut=0)


@pytest.fixture
def filled(store: Store) -> Store:
    """Base and one source with one seed on a closed and on an open target."""
    films = {
        "base": closed([("a", "negative", "negative"), ("b", "positive", "negative"), ("c", "positive", "positive")]),
        "imdb": closed([("a", "negative", "positive"), ("b", "positive", "positive"), ("c", "positive", "positive")]),
    }
    code = {
        "base": generated([("x", "print(1)", "print(1)"), ("y", "a = 2", "???")]),
        "imdb": generated([("x", "print(1)", "print(2)"), ("y", "a = 2", "a = 2")]),
    }
    for source in ("base", "imdb"):
        cells = {}
        for target, task, outputs in (("films", CLOSED, films[source]), ("code", OPEN, code[source])):
            key = CellKey(f"{source}-{target}", "scored", None, target)
            with store.new_file(store.outputs(key.outputs)) as path:
                outputs.to_parquet(path, index=False)
            rows = zip(outputs["example"], outputs["reference"], strict=True)
            examples = [Example(row, "p", reference) for row, reference in rows]
            score_cell(store, key, Target(scorer(target, task), examples, None, Scoring()), None)
            cells[target] = key.ref
        store.record(run_record(source, source, seed=None if source == "base" else 4, cells=cells))
    return store


def test_answers_are_the_scores_of_the_stored_cells(filled: Store):
    found = read_answers(StoredRows(filled).fetch_answers(filled.records()), cell_table(StoredRows(filled).rows()))
    films, code = found.targets["films"], found.targets["code"]
    assert films.rows == (("base", None), ("imdb", 4))
    assert films.scores.tolist() == [[1, 0, 1], [0, 1, 1]]
    assert films.examples.tolist() == ["a", "b", "c"]
    assert films.gold == {"negative": 1, "neutral": 0, "positive": 2}
    assert code.gold == {}
    assert code.scores[0, 0] == 1
    assert 0 < code.scores[1, 0] < 1
    assert found.refused.empty


def test_their_means_are_the_cells_scores(filled: Store):
    cells = cell_table(StoredRows(filled).rows())
    found = read_answers(StoredRows(filled).fetch_answers(filled.records()), cells)
    for cell in cells.itertuples():
        of_target = found.targets[cell.target]
        row = [source for source, _ in of_target.rows].index(cell.source)
        assert of_target.scores[row].mean(dtype=float) == pytest.approx(cell.score, abs=1e-7)


def test_a_cell_whose_answers_were_deleted_is_not_among_them_and_named(filled: Store, caplog: pytest.LogCaptureFixture):
    cells = cell_table(StoredRows(filled).rows())
    (filled.cell(CellRef("imdb-code", "scored")) / "answers.parquet").unlink()
    found = read_answers(StoredRows(filled).fetch_answers(filled.records()), cells)
    assert found.targets["code"].sources == ["base"]
    assert found.targets["films"].sources == ["base", "imdb"]
    assert caplog.messages == ["no answers.parquet is kept of 1 cells, which no test can pair by example: imdb on code"]


def test_other_examples_than_the_base_models_are_refused(filled: Store):
    path = filled.cell(CellRef("imdb-films", "scored")) / "answers.parquet"
    pd.read_parquet(path).assign(example=["a", "b", "z"]).to_parquet(path, index=False)
    found = read_answers(StoredRows(filled).fetch_answers(filled.records()), cell_table(StoredRows(filled).rows()))
    assert found.refused["source"].tolist() == ["imdb"]


def changed(path: Path, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    change(pd.read_parquet(path)).to_parquet(path, index=False)


def flip_a_bit(path: Path) -> None:
    """In a text, where nothing else could notice it."""
    table = pd.read_parquet(path)
    table.assign(example=["row-10", "row-11", "row-12"]).to_parquet(path, index=False, write_page_checksum=True)
    path.write_bytes(path.read_bytes().replace(b"row-10", b"row-00"))


DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "cut": (lambda path: path.write_bytes(path.read_bytes()[:-20]), "cannot be read: "),
    "a flipped bit": (flip_a_bit, "cannot be read: .*CRC"),
    "no scores": (lambda path: changed(path, lambda table: table.drop(columns="score")), "cannot be read: .*score"),
    "another score": (
        lambda path: changed(path, lambda table: table.assign(score=[1.0, 1.0, 1.0])),
        r"its answers do not give the cell's score, 0\.666667 over 3 examples",
    ),
    "the right mean of impossible scores": (
        lambda path: changed(path, lambda table: table.assign(score=[2.0, 1.0, -1.0])),
        "its answers do not give the cell's score",
    ),
    "twice": (lambda path: changed(path, lambda table: pd.concat([table, table])), "its answers do not give"),
    "text": (lambda path: changed(path, lambda table: table.assign(score="1.0")), "its answers do not give"),
    "nothing": (lambda path: changed(path, lambda table: table.assign(score=np.nan)), "its answers do not give"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_file_with_other_answers_is_named_and_left_out(filled: Store, caplog: pytest.LogCaptureFixture, damage: str):
    path = filled.cell(CellRef("imdb-films", "scored")) / "answers.parquet"
    change, message = DAMAGES[damage]
    change(path)
    found = read_answers(StoredRows(filled).fetch_answers(filled.records()), cell_table(StoredRows(filled).rows()))
    assert found.targets["films"].sources == ["base"]
    assert found.targets["code"].sources == ["base", "imdb"]
    assert re.search(f"answers are left out: {path}: {message}.*; delete its folder, and it is scored", caplog.text)


def test_no_cells_have_no_answers():
    found = read_answers({}, pd.DataFrame(columns=column_names(CELLS)))
    assert not found.targets
    assert np.array_equal(found.refused.columns, ["source", "target", "seed", "reason"])
