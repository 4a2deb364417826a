"""What models do on a target, answer by answer, from cells written as scoring writes them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from crosstask.analysis.matrix.behavior import TargetBehavior
from crosstask.config.scoring import Scoring
from crosstask.config.task import Task
from crosstask.data.examples import Example
from crosstask.evaluation.cell_key import CellKey
from crosstask.evaluation.cells import score_cell
from crosstask.evaluation.scorers.protocol import Target
from crosstask.evaluation.scorers.registry import scorer
from crosstask.jobs.compact_store import write_compact
from crosstask.runs.behavior import behavior_of
from crosstask.runs.cell_table import cell_table
from crosstask.storage.rows import StoredRows
from crosstask.storage.store import Store
from tests.support.records import run_record

LABELS = ["positive", "negative", "neutral"]
CLOSED = Task(dataset={"name": "films"}, prompt="{{ text }}", answer="{{ label }}", labels=LABELS, metric="accuracy")
OPEN = Task(dataset={"name": "code"}, prompt="{{ text }}", answer="{{ code }}", metric="chrf")
GOLD = ("negative", "positive", "neutral")


def closed(log_probabilities: list[list[float]], prior: list[float], stray: int = 0) -> pd.DataFrame:
    """Outputs of the closed target on three examples; ``stray`` names other ones."""
    return pd.DataFrame(
        {
            "example": [f"test-{number + stray}" for number in range(3)],
            "reference": GOLD,
            "log_probabilities": log_probabilities,
            "label_tokens": [[[1], [2], [3]]] * 3,
            "prior_log_probabilities": [prior] * 3,
            "prompt_cut": 0,
        }
    )


def generated(texts: list[str], stopped: list[bool]) -> pd.DataFrame:
    """Outputs of the open target on two examples."""
    return pd.DataFrame(
        {
            "example": ["x", "y"],
            "reference": ["print(1)", "a = 2"],
            "text": texts,
            "output_tokens": [len(text.split()) + 1 for text in texts],
            "stopped": stopped,
            "prompt_cut": 0,
        }
    )


def write(store: Store, source: str, seed: int | None, cells: dict[str, tuple[Task, pd.DataFrame]]) -> None:
    refs = {}
    for target, (task, outputs) in cells.items():
        key = CellKey(f"{source}-{seed}-{target}", "scored", None, target)
        with store.new_file(store.outputs(key.outputs)) as path:
            outputs.to_parquet(path, index=False)
        pairs = zip(outputs["example"], outputs["reference"], strict=True)
        examples = [Example(name, "p", reference) for name, reference in pairs]
        score_cell(store, key, Target(scorer(target, task), examples, None, Scoring()), None)
        refs[target] = key.ref
    store.record(run_record(f"{source}-{seed}", source, seed=seed, cells=refs))


VECTORS = {
    ("imdb", 1): [[-1.0, -2.0, -3.0], [-1.0, -2.0, -3.0], [-3.0, -2.0, -1.0]],
    ("imdb", 0): [[-2.0, -1.0, -3.0], [-2.0, -1.0, -3.0], [-3.0, -2.0, -1.0]],
    ("base", None): [[-1.0, -1.5, -3.0], [-1.0, -2.0, -3.0], [-1.0, -2.0, -3.0]],
}


@pytest.fixture
def filled(store: Store) -> Store:
    for (source, seed), vectors in VECTORS.items():
        texts = ["print(1)", "???"] if seed is None else ["print(2) # no", "a = 2"]
        films = CLOSED, closed(vectors, [-1.0, -1.0, -1.0])
        write(store, source, seed, {"films": films, "code": (OPEN, generated(texts, [seed is not None, True]))})
    return store


def behavior(store: Store, target: str, rows: tuple[str, ...] = ("source",)) -> TargetBehavior | None:
    origin = StoredRows(store)
    found = origin.rows()
    folders = lambda: origin.fetch_answers([row.record for row in found])  # noqa: E731
    return behavior_of(folders, cell_table(found, rows), rows)(target)


def test_a_closed_target_has_labels_and_their_probabilities(filled: Store):
    found = behavior(filled, "films")
    assert found is not None
    assert found.rows == (("base", None), ("imdb", 0), ("imdb", 1))
    assert (found.base, found.rows_of("imdb"), found.is_closed) == (0, [1, 2], True)
    assert found.labels == tuple(LABELS)
    assert found.examples.tolist() == ["test-0", "test-1", "test-2"]
    assert found.gold is not None
    assert found.gold.tolist() == [1, 0, 2]
    assert found.predicted is not None
    assert found.predicted.tolist() == [[0, 0, 0], [1, 1, 2], [0, 0, 2]]
    assert found.scores.tolist() == [[0, 1, 0], [1, 0, 1], [0, 1, 1]]
    assert found.valid.all()
    assert found.log_probabilities is not None
    for place, run in enumerate(found.rows):
        np.testing.assert_array_equal(found.log_probabilities[place], VECTORS[run])
    np.testing.assert_array_equal(found.decision, found.log_probabilities)
    assert found.cut is None


def test_labels_that_are_chosen_with_the_prior_taken_off_have_another_deciding_vector(store: Store):
    task = replace(CLOSED, decide="prior_corrected")
    write(store, "base", None, {"films": (task, closed(VECTORS["base", None], [-0.1, -1.2, -1.0]))})
    found = behavior(store, "films")
    assert found is not None
    assert found.predicted is not None
    assert found.predicted.tolist() == [[1, 1, 1]]  # the raw ones would choose 0 in each
    np.testing.assert_allclose(found.decision, np.array([VECTORS["base", None]]) - [-0.1, -1.2, -1.0], rtol=1e-6)


def test_an_open_target_has_lengths_and_what_was_cut(filled: Store):
    found = behavior(filled, "code")
    assert found is not None
    assert (found.labels, found.gold, found.predicted, found.log_probabilities) == ((), None, None, None)
    assert found.cut is not None
    assert found.cut.tolist() == [[True, False], [False, False], [False, False]]
    assert {unit: found.lengths[unit][:2].tolist() for unit in found.lengths} == {
        "tokens": [[2, 2], [4, 4]],
        "words": [[1, 1], [3, 3]],
        "characters": [[8, 3], [13, 5]],
    }
    assert {unit: lengths.tolist() for unit, lengths in found.gold_lengths.items()} == {
        "words": [1, 3],
        "characters": [8, 5],
    }


def test_a_compact_store_has_the_same_and_the_tokens_of_gold_answers(filled: Store, tmp_path: Path):
    compact = write_compact(filled, tmp_path / "compact", lambda texts: [len(text) // 2 for text in texts])
    for target in ("films", "code"):
        one, other = behavior(filled, target), behavior(compact, target)
        assert one is not None
        assert other is not None
        assert (one.rows, one.labels) == (other.rows, other.labels)
        for name in ("examples", "scores", "valid", "gold", "predicted", "log_probabilities", "decision", "cut"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)
        for unit in ("words", "characters"):
            np.testing.assert_array_equal(one.lengths[unit], other.lengths[unit])
            np.testing.assert_array_equal(one.gold_lengths[unit], other.gold_lengths[unit])
        assert "tokens" in other.gold_lengths


def test_a_cell_of_other_examples_or_without_answers_is_no_row(filled: Store):
    write(filled, "goat", 0, {"films": (CLOSED, closed(VECTORS["base", None], [-1.0] * 3, stray=1))})
    record = next(record for record in filled.records() if record.run == "imdb-0")
    filled.answers(record.cells["films"]).unlink()
    found = behavior(filled, "films")
    assert found is not None
    assert found.rows == (("base", None), ("imdb", 1))


def test_a_damaged_cell_is_no_row(filled: Store):
    record = next(record for record in filled.records() if record.run == "imdb-0")
    filled.answers(record.cells["films"]).write_bytes(b"PAR1 is all that is left")
    found = behavior(filled, "films")
    assert found is not None
    assert found.rows == (("base", None), ("imdb", 1))


def test_a_cell_whose_file_has_other_columns_is_no_row(filled: Store):
    record = next(record for record in filled.records() if record.run == "imdb-0")
    pd.DataFrame({"a": [1, 2, 3]}).to_parquet(filled.answers(record.cells["films"]))
    found = behavior(filled, "films")
    assert found is not None
    assert found.rows == (("base", None), ("imdb", 1))


def test_without_answers_nothing_is_known_of_a_target(filled: Store):
    for record in filled.records():
        filled.answers(record.cells["films"]).unlink()
    assert behavior(filled, "films") is None
