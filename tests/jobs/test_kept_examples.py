"""Prompts and gold answers of test rows: kept once for all cells of a column, added to a store that lacks them."""

import json
import logging
import threading
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from crosstask.config.job import TrainConfig
from crosstask.data.examples import Example, content_hash
from crosstask.jobs.compact_store import write_compact
from crosstask.jobs.job import evaluate, train
from crosstask.jobs.kept_examples import keep_examples
from crosstask.jobs.progress import Progress
from crosstask.storage.example_files import read_examples
from crosstask.storage.store import Store

BASE = {"source": {"base": None}}
SHOWN = [Example("test-3", "What?", " this"), Example("test-0", "Who?\n", " that")]


def kept(store: str | Path) -> dict[str, bytes]:
    return {path.stem: path.read_bytes() for path in Path(store).glob("examples/*")}


def without(store: str) -> None:
    """Make a store as it was before prompts were kept."""
    for path in Path(store).glob("examples/*"):
        path.unlink()
    for path in Path(store).glob("records/*.json"):
        record = json.loads(path.read_text())
        del record["examples"]
        path.write_text(json.dumps(record))


def test_a_column_has_one_file_for_all_rows(config: TrainConfig):
    train(config, Progress())
    files = kept(config.store)
    train(replace(config, **BASE), Progress())
    assert len(files) == 2
    assert kept(config.store) == files
    records = Store(config.store).records()
    assert records[0].examples == records[1].examples
    assert set(records[0].examples.values()) == files.keys()
    films = read_examples(Store(config.store).examples(records[0].examples["films"]))
    rows = [json.loads(line) for line in Path(config.data.root, "films", "test.jsonl").read_text().splitlines()]
    numbers = [int(name.removeprefix("test-")) for name in films["example"]]
    assert len(numbers) == 4
    assert films["prompt"].tolist() == [f"{rows[number]['text']}\nSentiment:\n" for number in numbers]
    assert films["answer"].tolist() == [str(rows[number]["label"]) for number in numbers]
    answers = pd.read_parquet(Store(config.store).answers(records[0].cells["films"]))
    assert answers["example"].tolist() == films["example"].tolist()


@pytest.mark.parametrize("command", ["train", "evaluate"])
def test_an_old_store_gets_them_by_the_same_command_without_the_model(
    config: TrainConfig, monkeypatch: pytest.MonkeyPatch, command: str
):
    train(config, Progress())
    files = kept(config.store)
    (record,) = Store(config.store).records()
    without(config.store)
    monkeypatch.setattr("crosstask.models.base_model.load", lambda *_: pytest.fail("no model is needed"))
    again = train(config, Progress()) if command == "train" else evaluate(config, Progress(), "TRAIN")
    assert again == "reused: the adapter and 2 cells"
    assert kept(config.store) == files
    assert replace(Store(config.store).records()[0], updated="") == replace(record, updated="")


def test_a_row_that_is_scored_in_parts_keeps_the_prompts_of_both(config: TrainConfig):
    films, sums = ({name: config.target[name]} for name in ("films", "sums"))
    for target in (films, sums):
        train(replace(config, target=target), Progress())
    (record,) = Store(config.store).records()
    assert record.examples.keys() == {"films", "sums"}


def test_a_compact_store_has_none(config: TrainConfig, tmp_path: Path):
    train(config, Progress())
    copy = write_compact(Store(config.store), tmp_path / "copy", lambda texts: [1] * len(texts))
    assert kept(tmp_path / "copy") == {}
    assert [record.examples for record in copy.records()] == [{}]
    assert "examples" not in json.loads(next(Path(tmp_path, "copy").glob("records/*")).read_text())


def test_what_stands_before_prompts_is_kept_where_there_is_any(store: Store):
    asked = [replace(example, system="Be brief.") for example in SHOWN]
    keep_examples(store, [SHOWN, asked])
    plain, briefed = (read_examples(store.examples(content_hash(examples))) for examples in (SHOWN, asked))
    assert list(plain) == ["example", "prompt", "answer"]
    assert plain.to_numpy().tolist() == [["test-3", "What?", " this"], ["test-0", "Who?\n", " that"]]
    assert briefed["system"].tolist() == ["Be brief.", "Be brief."]


def test_the_examples_of_another_column_are_named_and_made_again(store: Store, caplog: pytest.LogCaptureFixture):
    keep_examples(store, [SHOWN, SHOWN[:1]])
    one, other = store.examples(content_hash(SHOWN)), store.examples(content_hash(SHOWN[:1]))
    whole = one.read_bytes()
    one.write_bytes(other.read_bytes())
    caplog.set_level(logging.WARNING)
    keep_examples(store, [SHOWN])
    assert caplog.messages == [
        f"{one}: the examples of another target than its name says: it was renamed or copied; made again"
    ]
    assert one.read_bytes() == whole


def test_a_bit_that_the_disk_changed_is_found(store: Store, caplog: pytest.LogCaptureFixture):
    keep_examples(store, [SHOWN])
    path = store.examples(content_hash(SHOWN))
    whole = path.read_bytes()
    place = whole.index(b"Who?")
    path.write_bytes(whole[:place] + b"w" + whole[place + 1 :])
    keep_examples(store, [SHOWN])
    assert "made again" in caplog.messages[0]
    assert path.read_bytes() == whole


def test_one_process_at_a_time_writes_those_of_a_column(store: Store):
    name = content_hash(SHOWN)
    with store.lock("examples", name):
        other = threading.Thread(target=keep_examples, args=(Store(store.root), [SHOWN]))
        other.start()
        other.join(0.3)
        assert other.is_alive()
        assert not store.examples(name).exists()
    other.join()
    assert store.examples(name).exists()
