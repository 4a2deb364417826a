"""Test rows among training rows: those of the same data set are never trained on, others are counted or left out."""

import json
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from crosstask.config.inputs import Data, DataKind
from crosstask.config.task import DataSet, Role, Task
from crosstask.data.content import content_key, count_leaked, is_short
from crosstask.data.drawn_examples import test_examples as scored_examples
from crosstask.data.drawn_examples import train_examples
from crosstask.data.examples import Example
from crosstask.data.kept_notes import said_once
from crosstask.data.same_rows import has_same_rows
from crosstask.errors import UserError

Row = dict[str, Any]
LONG = [f"the film number {number} was long and rather good" for number in range(40)]
FILMS = Task(
    dataset=DataSet(name="films"), prompt="{{ text }}\n", answer="{{ label }}", metric="accuracy", labels=["0", "1"]
)
"""Scored on, and trained on."""
CORPUS = replace(FILMS, prompt="Review: {{ text }}", roles=[Role.source], home="films")
"""Only trained on, on the same files, with a prompt of its own."""


def written(root: Path, name: str, **splits: list[Row]) -> Data:
    for split, rows in splits.items():
        path = root / name / f"{split}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return Data(name="d", kind=DataKind.local, root=str(root), train_rows=0, test_rows=0)


def rows(texts: list[str], column: str = "text") -> list[Row]:
    return [{column: text, "label": number % 2} for number, text in enumerate(texts)]


def texts(examples: list[Example]) -> set[str]:
    return {example.prompt.removeprefix("Review: ").strip() for example in examples}


def test_no_task_is_trained_on_the_test_rows_of_its_data_set(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.INFO)
    data = written(tmp_path, "films", train=rows(LONG[:20]), test=rows(LONG[15:25]))
    for name, task in (("films", FILMS), ("corpus", CORPUS)):
        with said_once():
            assert texts(train_examples(name, task, data, [FILMS.dataset])) == set(LONG[:15])
        assert f"{name}: passed over 5 training rows that are test rows" in caplog.text


def test_a_corpus_that_no_task_is_scored_on_keeps_all_its_rows(tmp_path: Path):
    data = written(tmp_path, "films", train=rows(LONG[:20]))
    assert texts(train_examples("corpus", CORPUS, data)) == set(LONG[:20])


def test_only_drawn_test_rows_are_passed_over(tmp_path: Path):
    data = replace(written(tmp_path, "films", train=rows(LONG), test=rows(LONG)), test_rows=5)
    drawn = texts(scored_examples("films", FILMS, data))
    assert len(drawn) == 5
    assert texts(train_examples("films", FILMS, data)) == set(LONG) - drawn


def test_white_space_and_case_make_no_other_row(tmp_path: Path):
    test = rows([LONG[0].upper(), LONG[1].replace(" ", "  "), f" {LONG[2]}\n"])
    data = written(tmp_path, "films", train=rows(LONG[:5]), test=test)
    assert texts(train_examples("films", FILMS, data)) == set(LONG[3:5])


def test_other_rows_are_drawn_in_their_place(tmp_path: Path):
    data = replace(written(tmp_path, "films", train=rows(LONG), test=rows(LONG[:30])), train_rows=10)
    assert texts(train_examples("corpus", CORPUS, data, [FILMS.dataset])) == set(LONG[30:])


def test_without_any_other_row_nothing_is_trained(tmp_path: Path):
    data = written(tmp_path, "films", train=rows(LONG[:5]), test=rows(LONG[:5]))
    with pytest.raises(UserError, match=r"^task 'films': no training row is left, all 5 are test rows too$"):
        train_examples("films", FILMS, data)


def test_a_copy_under_another_name_is_the_same_data_set(tmp_path: Path):
    train = rows(LONG[:20])
    written(tmp_path, "films", train=train, test=rows(LONG[10:15]))
    data = written(tmp_path, "copy", train=train, test=rows(LONG[15:20]))
    copy = replace(FILMS, dataset=DataSet(name="copy"))
    assert texts(train_examples("copy", copy, data, [FILMS.dataset])) == set(LONG[:10])
    assert texts(train_examples("copy", copy, data)) == set(LONG[:15])


def test_on_the_hub_a_data_set_is_its_repository_and_configuration():
    hub = Data(name="d", kind=DataKind.hub)
    one, two, three = (DataSet(name=name, hub="owner/glue", config=config) for name, config in ("ax", "bx", "cy"))
    assert has_same_rows(one, two, hub)
    assert not has_same_rows(one, three, hub)
    assert not has_same_rows(DataSet(name="a"), DataSet(name="b"), hub)


def test_what_other_data_sets_share_is_counted_and_can_be_left_out(tmp_path: Path):
    written(tmp_path, "films", train=rows(LONG[:20]), test=rows(LONG[30:]))
    data = written(tmp_path, "reviews", train=rows(["x"]), test=rows([text.upper() for text in LONG[17:27]], "body"))
    reviews = replace(FILMS, dataset=DataSet(name="reviews"), prompt="{{ body }}\n")
    tested = scored_examples("reviews", reviews, data)
    trained = train_examples("films", FILMS, data, [reviews.dataset])
    assert texts(trained) == set(LONG[:20])
    assert count_leaked(trained, tested) == 3
    excluded = frozenset(example.content for example in tested)
    assert texts(train_examples("films", FILMS, data, [reviews.dataset], excluded)) == set(LONG[:17])


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"a": "A  Long text\n"}, {"b": "a long text"}, True),
        ({"a": "x", "b": "y"}, {"c": "y", "d": "x"}, True),
        ({"a": ["x", {"k": "y"}]}, {"a": "x", "b": "Y"}, True),
        ({"a": "x", "b": None}, {"a": "x"}, True),
        ({"a": "x"}, {"a": "y"}, False),
        ({"a": "x y"}, {"a": "x", "b": "y"}, False),
        ({"a": 1}, {"a": 2}, False),
    ],
)
def test_content_is_the_values_whatever_they_are_called(one: Row, other: Row, same: bool):
    assert (content_key(one, list(one)) == content_key(other, list(other))) is same


def test_hardly_any_text_is_in_many_data_sets_by_chance():
    assert is_short(content_key({"a": 12, "b": 5}, ["a", "b"]))
    assert is_short(content_key({"a": "yes"}, ["a"]))
    assert not is_short(content_key({"a": LONG[0]}, ["a"]))
    short = [Example("train-0", "yes", "1", content=content_key({"a": "yes"}, ["a"]))]
    assert count_leaked(short, short) == 0
