"""Which rows of a data set a task uses: a filter, a limit, shots, a validation split."""

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from crosstask.config.inputs import Data, DataKind
from crosstask.config.task import DataSet, Task
from crosstask.data.drawn_examples import content_free_prompt, train_examples, validation_examples
from crosstask.data.drawn_examples import test_examples as scored_examples
from crosstask.data.examples import Example
from crosstask.errors import UserError

FILMS = Task(
    dataset=DataSet(name="films"),
    prompt="Review: {{ text }}\nLabel:",
    answer=" {{ label }}",
    labels=[" 0", " 1"],
    metric="accuracy",
)


def rows(start: int, count: int) -> list[dict[str, Any]]:
    return [
        {"text": f"the film number {n}, which is rather long", "label": n % 2, "language": "en" if n % 3 else "de"}
        for n in range(start, start + count)
    ]


def given(root: Path, **splits: list[dict[str, Any]]) -> Data:
    (root / "films").mkdir(exist_ok=True)
    for split, content in splits.items():
        (root / "films" / f"{split}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in content))
    return Data(name="d", kind=DataKind.local, root=str(root), train_rows=0, test_rows=0)


def numbers(examples: list[Example]) -> list[int]:
    return [int(example.id.partition("-")[2]) for example in examples]


def with_rows(**fields: Any) -> Task:
    return replace(FILMS, dataset=DataSet(name="films", **fields))


@pytest.mark.parametrize(
    ("filter", "expected"),
    [
        ("language == 'en'", [0, 1, 3, 4, 6, 7]),
        ("label == 1 and language == 'en'", [0, 4, 6]),
        ("text.endswith('long') and language != 'en'", [2, 5]),
        ("row['label'] < 1", [1, 3, 5, 7]),
    ],
)
def test_a_filter_chooses_rows_by_their_columns_before_any_is_drawn(tmp_path: Path, filter: str, expected: list[int]):
    data = given(tmp_path, train=rows(100, 9), test=rows(1, 8))
    kept = [rows(1, 8)[number] for number in expected]
    found = scored_examples("films", with_rows(filter=filter), data)
    assert [example.prompt.split("\n")[0] for example in found] == [f"Review: {row['text']}" for row in kept]
    few = scored_examples("films", with_rows(filter=filter), replace(data, test_rows=2))
    assert len(few) == 2
    assert {example.prompt for example in few} <= {example.prompt for example in found}


def test_errors_name_the_row_of_the_file_whatever_a_filter_leaves_out(tmp_path: Path):
    data = given(tmp_path, train=rows(100, 9), test=[*rows(1, 3), {"text": "x", "language": "en"}])
    with pytest.raises(UserError, match=rf"{tmp_path}/films/test\.jsonl:4: answer: 'label' is undefined"):
        scored_examples("films", with_rows(filter="language == 'en'"), data)


@pytest.mark.parametrize(
    ("filter", "message"),
    [
        (
            "langauge == 'en'",
            r"^data set 'films': of 8 test rows none fulfills the filter \"langauge == 'en'\"",
        ),
        ("language == 'fr'", r"of 8 test rows none fulfills .* the first has the columns text, label, language$"),
        ("language", r"^data set 'films': .*/test\.jsonl:1: filter: is 'en', and must be true or false$"),
        ("label / 0 == 1", r"^data set 'films': .*/test\.jsonl:1: filter: ZeroDivisionError: "),
    ],
)
def test_a_filter_that_leaves_nothing_or_is_no_condition_is_named(tmp_path: Path, filter: str, message: str):
    data = given(tmp_path, train=rows(100, 9), test=rows(1, 8))
    with pytest.raises(UserError, match=message):
        scored_examples("films", with_rows(filter=filter), data)


def test_a_limit_counts_where_the_settings_ask_for_more(tmp_path: Path):
    data = given(tmp_path, train=rows(100, 30), test=rows(1, 20))
    task = with_rows(limit=6)
    assert len(scored_examples("films", task, data)) == len(train_examples("films", task, data)) == 6
    few = replace(data, train_rows=4, test_rows=3)
    assert len(scored_examples("films", task, few)) == 3
    assert len(train_examples("films", task, few)) == 4
    assert scored_examples("films", task, few) == scored_examples("films", FILMS, few)


def test_two_selections_of_one_data_set_pass_over_the_test_rows_of_both(tmp_path: Path):
    data = given(tmp_path, train=rows(0, 12), test=rows(0, 6))
    german, english = with_rows(filter="language == 'de'"), with_rows(filter="language == 'en'")
    found = train_examples("films", with_rows(), data, [german.dataset, english.dataset])
    assert numbers(found) == [6, 7, 8, 9, 10, 11]


def test_shots_are_training_rows_in_the_same_prompt_and_never_the_row_itself(tmp_path: Path):
    data = given(tmp_path, train=[*rows(0, 6), *rows(50, 20)], test=rows(0, 6))
    plain = scored_examples("films", FILMS, data)
    shown = scored_examples("films", replace(FILMS, shots=3), data)
    allowed = {f"Review: {row['text']}\nLabel: {row['label']}" for row in rows(50, 20)}
    drawn = []
    for example, alone in zip(shown, plain, strict=True):
        *before, last = example.prompt.split("\n\n")
        assert (last, example.answer, example.id, example.content) == (
            alone.prompt,
            alone.answer,
            alone.id,
            alone.content,
        )
        assert len(set(before)) == 3
        assert set(before) <= allowed
        drawn.append(tuple(before))
    assert len(set(drawn)) > 1, "each row has its own"
    assert scored_examples("films", replace(FILMS, shots=3), replace(data, seed=1)) != shown
    assert train_examples("films", replace(FILMS, shots=3), data) == train_examples("films", FILMS, data)


def test_more_shots_than_there_are_rows_are_refused(tmp_path: Path):
    data = given(tmp_path, train=rows(0, 8), test=rows(0, 6))
    with pytest.raises(UserError, match=r"^task 'films': shots=3: the training split has 2 rows that can be shown$"):
        scored_examples("films", replace(FILMS, shots=3), data)


def test_a_validation_split_has_as_many_rows_as_are_asked_for(tmp_path: Path):
    data = given(tmp_path, train=rows(100, 30), test=rows(1, 20), validation=rows(200, 10))
    found = validation_examples("films", FILMS, data, 4)
    assert found is not None
    assert numbers(found) == sorted(random.Random("0/films/validation").sample(range(10), 4))
    assert len(validation_examples("films", FILMS, data, 99) or ()) == 10
    (tmp_path / "films" / "validation.jsonl").rename(tmp_path / "films" / "other.jsonl")
    assert validation_examples("films", FILMS, data, 5) is None


def test_plain_texts_are_told_apart_by_themselves(tmp_path: Path):
    """They all have the same prompt, none, which says nothing about test rows among training rows."""
    data = given(tmp_path, train=rows(0, 9), test=rows(6, 3))
    task = replace(FILMS, prompt="", answer="{{ text }}", labels=[], metric="bits_per_byte")
    assert numbers(train_examples("films", task, data)) == [0, 1, 2, 3, 4, 5]


def test_the_prompt_without_content_has_shots_as_well(tmp_path: Path):
    """What they do to the labels is part of the prior."""
    data = given(tmp_path, train=[*rows(0, 6), *rows(50, 20)], test=rows(0, 6))
    allowed = {f"Review: {row['text']}\nLabel: {row['label']}" for row in rows(50, 20)}
    alone = content_free_prompt("films", FILMS, data)
    *before, last = content_free_prompt("films", replace(FILMS, shots=3), data).split("\n\n")
    assert (last, len(set(before))) == (alone, 3)
    assert set(before) <= allowed
    quiz = replace(FILMS, labels=[], options="['no', 'yes']", answer="{{ label }}", metric="choice_accuracy", shots=2)
    (first, *_) = scored_examples("films", replace(quiz, prompt="{{ lettered }}" + FILMS.prompt), data)
    *shots, _ = first.prompt.split("\n\n")
    *before, last = first.content_free.split("\n\n")
    assert before == shots
    assert last == "A. N/A\nB. N/A\nReview: N/A\nLabel:"
