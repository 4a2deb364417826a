"""A compact copy of a store gives the same analysis, and holds none of its texts."""

from pathlib import Path

import pandas as pd
import pytest

from crosstask.config.job import TrainConfig
from crosstask.errors import UserError
from crosstask.jobs.compact_store import write_compact
from crosstask.jobs.job import train
from crosstask.jobs.progress import Progress
from crosstask.runs.answers import read_answers
from crosstask.runs.cell_table import cell_table
from crosstask.runs.features import kept_features
from crosstask.runs.profiles import profile_table
from crosstask.storage.compact_answers import compact_answers
from crosstask.storage.rows import StoredRows
from crosstask.storage.store import Store


def count(texts: list[str]) -> list[int]:
    return [2 * len(text) for text in texts]


CLOSED = pd.DataFrame(
    {
        "example": ["test-1", "test-0"],
        "reference": [" yes", " no"],
        "log_probabilities": [[-1.5, -2.5], [-3.0, -4.0]],
        "prior_corrected": [[0.5, 1.0], [1.0, 0.25]],
        "prompt_cut": [0, 3],
        "gold": [" yes", " no"],
        "prediction": [" no", " no"],
        "valid": [True, True],
        "score": [0.0, 1.0],
    }
)
OPEN = pd.DataFrame(
    {
        "example": ["test-3", "test-4", "test-5"],
        "reference": ["Two and two. #### 4", "5", "6"],
        "text": ["It is 4", "a secret", "-1.5"],
        "output_tokens": [3, 4, 5],
        "stopped": [True, False, True],
        "gold": ["4", "5", "6"],
        "prediction": ["4", "a secret", "-1.5"],
        "valid": [True, True, True],
        "score": [1.0, 0.0, 0.0],
    }
)


def test_a_closed_answer_keeps_label_and_probabilities():
    found = compact_answers(CLOSED, [" yes", " no"], count)
    assert found["prediction"].tolist() == [" no", " no"]
    assert [row.tolist() for row in found["log_probabilities"]] == [[-1.5, -2.5], [-3, -4]]
    assert [row.tolist() for row in found["prior_corrected"]] == [[0.5, 1], [1, 0.25]]
    assert found["prompt_cut"].tolist() == [0, 3]
    assert found["score"].tolist() == [0, 1]
    assert found["gold_characters"].tolist() == [4, 3]
    assert found["answer_words"].tolist() == [1, 1]
    assert found["answer_tokens"].tolist() == [6, 6]
    assert "reference" not in found


def test_of_an_open_answer_the_number_and_the_lengths_are_left():
    found = compact_answers(OPEN, [], count)
    assert found["prediction"].fillna("-").tolist() == ["4", "-", "-1.5"]
    assert found["cut"].tolist() == [False, True, False]
    assert found["gold_words"].tolist() == [5, 1, 1]
    assert found["answer_characters"].tolist() == [7, 8, 4]
    assert not {"text", "reference"} & set(found)


def test_answers_that_are_texts_are_not_kept_whatever_their_scorer():
    text = "A document, 12 words long."
    plain = pd.DataFrame({"example": ["test-0"], "reference": [text], "gold": [text], "valid": [True], "score": [0.5]})
    found = compact_answers(plain, [], count)
    assert found["gold"].isna().all()
    assert found["gold_characters"].tolist() == [len(text)]
    assert text not in found.to_json()
    letters = plain.assign(gold="B", prediction="AB")
    assert compact_answers(letters, [], count)[["gold", "prediction"]].fillna("-").values.tolist() == [["B", "-"]]
    unknown = plain.assign(gold=" yes", prediction=" maybe")
    assert compact_answers(unknown, [" yes"], count)[["gold", "prediction"]].fillna("-").values.tolist() == [
        [" yes", "-"]
    ]


def test_a_store_without_the_answers_of_a_cell_cannot_be_copied(config: TrainConfig, tmp_path: Path):
    train(config, Progress())
    path = next(Path(config.store).rglob("answers.parquet"))
    path.write_bytes(b"x")
    with pytest.raises(UserError, match=f"^{path}: cannot be read: .*; a copy needs the answers of every cell$"):
        write_compact(Store(config.store), tmp_path / "copy", count)
    path.unlink()
    with pytest.raises(UserError, match=f"^{path}: cannot be read: "):
        write_compact(Store(config.store), tmp_path / "other", count)


@pytest.fixture
def copy(config: TrainConfig, tmp_path: Path) -> Store:
    train(config, Progress())
    return write_compact(Store(config.store), tmp_path / "copy", count)


def test_the_analysis_reads_the_same_of_the_copy(config: TrainConfig, copy: Store):
    tables, scores = [], []
    for store in (Store(config.store), copy):
        rows = StoredRows(store)
        table = cell_table(rows.rows())
        tables.append(table)
        records = store.records()
        answers = read_answers(rows.fetch_answers(records), table)
        scores.append({name: (list(found.examples), found.scores.tolist()) for name, found in answers.targets.items()})
        profiles = profile_table(records, rows.fetch_profiles(records))
        tables.append(profiles.groupby(["role", "name", "kind"])["value"].agg(["size", "sum"]))
        kept = kept_features(records, lambda rows=rows, records=records: rows.fetch_features(records))
        assert kept.names == (("source", "films"), ("target", "films"), ("target", "sums"))
        tables.append(pd.concat([kept.read(*name).values for name in kept.names]))
    assert len(tables[2]) == 12 + 4 + 4
    for own, copied in zip(tables[:3], tables[3:], strict=True):
        pd.testing.assert_frame_equal(own, copied)
    assert scores[0] == scores[1] != {}


def test_no_file_of_the_copy_holds_a_text_or_a_place(config: TrainConfig, copy: Store):
    texts = ("film", "Sentiment", str(config.data.root), str(config.store), str(config.model.path))
    files = [path for path in copy.root.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} == {".json", ".parquet"}
    for path in files:
        table = pd.read_parquet(path).to_json() if path.suffix == ".parquet" else path.read_text()
        held = [text for text in texts if text in table.replace('"films"', "")]
        assert not held, path
    assert not (copy.root / "adapters").exists()
    assert not [path for path in copy.root.glob("features/*") if "row" in pd.read_parquet(path)]
