"""Rows become examples through the task's templates."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crosstask.config.inputs import Data, DataKind
from crosstask.config.task import DataSet, Role, Task
from crosstask.data.drawn_examples import test_examples, train_examples
from crosstask.data.examples import Example, content_hash
from crosstask.data.rows import drawn, load_rows
from crosstask.errors import UserError

test_examples.__test__ = False  # type: ignore[attr-defined]

TASK = Task(
    dataset=DataSet(name="films"),
    prompt="{{ text }}\nSentiment:\n",
    answer="{{ label }}",
    metric="accuracy",
    labels=["0", "1"],
)


@pytest.fixture
def data(tmp_path: Path, task_rows: Callable[[int], list[dict[str, Any]]]) -> Data:
    write(tmp_path, "train", task_rows(40))
    write(tmp_path, "test", [{"text": f"a new film {i}", "label": i % 2} for i in range(10)])
    return Data(name="local", kind=DataKind.local, root=str(tmp_path), train_rows=20, test_rows=6)


def write(root: Path, split: str, rows: list[Any]) -> Path:
    path = root / "films" / f"{split}.jsonl"
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_templates_are_filled(data: Data):
    examples = test_examples("films", TASK, data)
    assert len(examples) == 6
    number = int(examples[0].id.removeprefix("test-"))
    assert examples[0] == Example(f"test-{number}", f"a new film {number}\nSentiment:\n", str(number % 2))


def test_rows_are_drawn_once_for_all_and_in_order(data: Data):
    numbers = [int(example.id.removeprefix("train-")) for example in train_examples("films", TASK, data)]
    assert len(set(numbers)) == 20
    assert numbers == sorted(numbers) != list(range(20))


def test_another_data_seed_draws_others(data: Data):
    first = content_hash(train_examples("films", TASK, data))
    assert content_hash(train_examples("films", TASK, Data(**{**data.__dict__, "seed": 1}))) != first


def test_another_train_seed_draws_other_training_rows_and_the_same_tests(data: Data):
    same, other = (Data(**{**data.__dict__, "train_seed": seed}) for seed in (0, 1))
    first = content_hash(train_examples("films", TASK, data))
    assert content_hash(train_examples("films", TASK, same)) == first
    assert content_hash(train_examples("films", TASK, other)) != first
    assert test_examples("films", TASK, other) == test_examples("films", TASK, data)


def test_zero_rows_means_all(data: Data):
    assert len(train_examples("films", TASK, Data(**{**data.__dict__, "train_rows": 0}))) == 40


def test_no_scored_row_is_trained_on(data: Data, tmp_path: Path):
    tests = [{"text": f"the film {i} was {'good' if i % 3 else 'bad'}", "label": 1} for i in range(5)]
    write(tmp_path, "test", tests)
    trained = train_examples("films", TASK, Data(**{**data.__dict__, "train_rows": 30}))
    scored = {example.prompt for example in test_examples("films", TASK, data)}
    assert len(scored) == 5
    assert len(trained) == 30
    assert not scored & {example.prompt for example in trained}


def changed(**fields: Any) -> Task:
    return Task(**{**TASK.__dict__, **fields})


@pytest.mark.parametrize(
    ("task", "message"),
    [
        (
            changed(prompt="{{ review }}"),
            r"^task 'films': .*/films/test\.jsonl:\d+: prompt: 'review' is undefined; columns are 'text', 'label'; of",
        ),
        (changed(prompt="{{ text"), "conf/task/films.yaml: prompt: "),
        (
            changed(answer="{{ label / 0 }}"),
            r"^task 'films': .*test\.jsonl:\d+: answer: ZeroDivisionError: division by zero$",
        ),
        (
            changed(answer="{{ '' }}", labels=[]),
            r"^task 'films': .*test\.jsonl:\d+: answer: it is empty; of 6 test rows none has what",
        ),
    ],
)
def test_mistakes_in_a_task_file_are_named(data: Data, task: Task, message: str):
    with pytest.raises(UserError, match=message):
        test_examples("films", task, data)


def test_templates_cannot_reach_outside(data: Data):
    with pytest.raises(UserError, match="SecurityError"):
        test_examples("films", changed(prompt="{{ text.__class__.__mro__ }}"), data)


def test_a_line_that_is_not_json_is_named(data: Data, tmp_path: Path):
    path = write(tmp_path, "test", [{"text": "a", "label": 0}])
    path.write_text(path.read_text() + "{broken\n")
    with pytest.raises(UserError, match=r"test\.jsonl:2: not JSON: "):
        load_rows(TASK.dataset, data, "test")


def test_a_line_that_is_no_object_is_named(data: Data, tmp_path: Path):
    write(tmp_path, "test", [{"text": "a"}, ["a"]])
    with pytest.raises(UserError, match=r"test\.jsonl:2: not a JSON object but list"):
        load_rows(TASK.dataset, data, "test")


def test_an_empty_split_is_named(data: Data, tmp_path: Path):
    write(tmp_path, "test", [])
    with pytest.raises(UserError, match=r"films/test\.jsonl: no row, the test split is empty$"):
        load_rows(TASK.dataset, data, "test")


def test_a_missing_split_is_named(data: Data, tmp_path: Path):
    (tmp_path / "films" / "test.jsonl").unlink()
    with pytest.raises(UserError, match=r"films: no file of the test split"):
        test_examples("films", TASK, data)


def test_a_corpus_that_is_only_a_source_needs_no_test_split(data: Data, tmp_path: Path):
    (tmp_path / "films" / "test.jsonl").unlink()
    assert len(train_examples("films", changed(roles=[Role.source]), data)) == 20


def test_unusual_line_separators_inside_strings_do_not_split_lines(data: Data, tmp_path: Path):
    path = tmp_path / "films" / "test.jsonl"
    path.write_text(json.dumps({"text": "a\u2028b\u0085c", "label": 0}, ensure_ascii=False) + "\n", encoding="utf-8")
    assert load_rows(TASK.dataset, data, "test")[0]["text"] == "a\u2028b\u0085c"


def test_draws_are_without_replacement():
    assert sorted(drawn(5, 9, "k")) == [0, 1, 2, 3, 4]
    assert len(set(drawn(100, 10, "k"))) == 10
    assert drawn(100, 10, "k") == drawn(100, 20, "k")[:10], "more rows extend a draw rather than replace it"
