"""Prompts and answers as texts, from stores as jobs write them."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pandas as pd
import pytest

from crosstask.analysis.matrix.texts import NotKept, TargetTexts
from crosstask.config.job import TrainConfig
from crosstask.data.drawn_examples import test_examples as drawn_examples
from crosstask.jobs.compact_store import write_compact
from crosstask.jobs.job import train
from crosstask.jobs.progress import Progress
from crosstask.runs.cell_table import cell_table
from crosstask.runs.texts import Texts
from crosstask.storage.rows import StoredRows
from crosstask.storage.store import Store

BASE, TUNED = ("base", None), ("films", 0)
HOW = StoredRows.no_prompts


def texts_of(store: Store) -> Callable[[str], TargetTexts]:
    """What reads the texts of base and the adapter on a target."""
    rows = StoredRows(store)
    records = store.records()
    read = Texts(
        lambda: cell_table(rows.rows()),
        ("source",),
        records,
        partial(rows.fetch_answers, records),
        partial(rows.fetch_examples, records),
        rows.no_prompts,
    )
    return lambda target: read(target, (BASE, TUNED))


@pytest.fixture
def store(config: TrainConfig) -> Store:
    """A row of base and one of an adapter on films, which are closed, and sums, which are open."""
    config.target["sums"] = replace(config.target["sums"], system="Be brief.")
    for job in (replace(config, source={"base": None}), config):
        train(job, Progress())
    return Store(config.store)


def answers_of(store: Store, source: str, target: str) -> pd.DataFrame:
    (record,) = [record for record in store.records() if record.source == source]
    return pd.read_parquet(store.answers(record.cells[target])).set_index("example")


def test_texts_are_those_of_the_task_and_of_the_answers(store: Store, config: TrainConfig):
    films, sums = map(texts_of(store), ("films", "sums"))
    asked = {one.id: one for one in drawn_examples("films", config.target["films"], config.data)}
    assert films.prompts == {name: one.prompt for name, one in asked.items()}
    assert films.gold == {name: one.answer for name, one in asked.items()}
    assert films.answers == tuple(
        answers_of(store, name, "films")["prediction"].to_dict() for name in ("base", "films")
    )
    asked = {one.id: one for one in drawn_examples("sums", config.target["sums"], config.data)}
    assert sums.prompts == {name: f"Be brief.\n\n{one.prompt}" for name, one in asked.items()}
    assert sums.answers == tuple(answers_of(store, name, "sums")["text"].to_dict() for name in ("base", "films"))


def test_an_option_is_shown_with_its_letter(store: Store):
    (record,) = [record for record in store.records() if record.source == "films"]
    path = store.answers(record.cells["films"])
    table = pd.read_parquet(path)
    letters = table.assign(prediction=["A", "B", "A", "A"], options=[[" Rome", " Oslo"], [" A", " B"]] * 2)
    letters.to_parquet(path)
    assert list(texts_of(store)("films").answers[1].values()) == ["A: Rome", "B", "A: Rome", "A"]


def test_a_store_without_prompts_says_what_adds_them(store: Store, tmp_path: Path):
    line = f"^no prompts of films are kept: {HOW}$"
    copy = write_compact(store, tmp_path / "copy", lambda texts: [1] * len(texts))
    with pytest.raises(NotKept, match=line):
        texts_of(copy)("films")
    for path in store.root.glob("examples/*"):
        path.unlink()
    with pytest.raises(NotKept, match=line):
        texts_of(store)("films")


def test_damaged_prompts_and_deleted_or_other_answers_are_named(store: Store):
    (record,) = [record for record in store.records() if record.source == "films"]
    path = store.answers(record.cells["films"])
    pd.read_parquet(path).head(3).to_parquet(path)
    with pytest.raises(NotKept, match=f"^{path}: answers to other examples than are kept of films$"):
        texts_of(store)("films")
    path.write_bytes(b"x")
    with pytest.raises(NotKept, match=f"^{path}: cannot be read: "):
        texts_of(store)("films")
    path.unlink()
    with pytest.raises(NotKept, match=f"^{path}: is not there$"):
        texts_of(store)("films")
    prompts = store.examples(record.examples["films"])
    prompts.write_bytes(prompts.read_bytes()[:50])
    with pytest.raises(NotKept, match=f"^{prompts}: no whole examples of a target: .*; delete it to have it made"):
        texts_of(store)("films")


def test_a_plain_text_has_no_answers_to_show(store: Store):
    (record,) = [record for record in store.records() if record.source == "films"]
    path = store.answers(record.cells["sums"])
    pd.read_parquet(path).drop(columns="text").assign(prediction=None).to_parquet(path)
    with pytest.raises(NotKept, match="^no texts of answers on sums are kept, or a plain text asks for none$"):
        texts_of(store)("sums")
