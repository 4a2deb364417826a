"""Rows that lack a text or a label are counted, and refused or left out; other oddities are counted and said."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest

from crosstask.config.inputs import Data, DataKind
from crosstask.config.task import DataSet, IncompleteRows, Role, Task
from crosstask.data.drawn_examples import content_free_prompt, test_examples, train_examples
from crosstask.data.example_notes import doubled_space, notes
from crosstask.data.examples import Example
from crosstask.data.kept_notes import said_once
from crosstask.errors import UserError
from crosstask.evaluation.scorers.registry import check_references

test_examples.__test__ = False  # type: ignore[attr-defined]

TASK = Task(
    dataset=DataSet(name="weather"),
    prompt="{{ text }}\nWet?\n",
    answer="{{ ['no', 'yes'][label] }}",
    labels=["no", "yes"],
    metric="accuracy",
    roles=[Role.target],
)
GOOD: list[dict[str, Any]] = [{"text": f"day {i}", "label": i % 2} for i in range(4)]
DROP = IncompleteRows.drop


def given(root: Path, rows: list[dict[str, Any]], split: str = "test") -> Data:
    """A folder in which a split has these rows."""
    (root / "weather").mkdir(exist_ok=True)
    (root / "weather" / f"{split}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return Data(name="local", kind=DataKind.local, root=str(root), train_rows=0, test_rows=0)


def task(**fields: Any) -> Task:
    return Task(**{**TASK.__dict__, **fields})


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"text": "day 9", "label": -1}, "answer: index -1; a row without a label often has -1"),
        ({"text": "day 9", "label": None}, "answer: label is null; a template that allows for it asks `is none`"),
        ({"text": "day 9"}, "answer: 'label' is undefined; columns are 'text'"),
        ({"text": None, "label": 1}, "prompt: text is null; a template that allows for it asks `is none`"),
        ({"text": float("nan"), "label": 1}, "prompt: text is NaN; a template that allows for it asks `is none`"),
        ({"text": " \n", "label": 1}, "prompt: text: empty"),
        ({"label": 1}, "prompt: 'text' is undefined; columns are 'label'"),
    ],
)
def test_incomplete_rows_are_counted_and_refused_or_left_out(
    tmp_path: Path, row: dict[str, Any], problem: str, caplog: pytest.LogCaptureFixture
):
    data = given(tmp_path, [*GOOD[:2], row, *GOOD[2:], row])
    with pytest.raises(UserError) as caught:
        test_examples("rain", task(), data)
    found = f"{tmp_path}/weather/test.jsonl:3: {problem}; 2 of 6 test rows lack what the task asks for"
    drop = "`incomplete_rows: drop` in conf/task/rain.yaml leaves such rows out"
    assert str(caught.value) == f"task 'rain': {found}; {drop}"
    with caplog.at_level(logging.INFO), said_once():
        kept = [test_examples("rain", task(incomplete_rows=DROP), data) for _ in range(2)][1]
    assert [example.id for example in kept] == ["test-0", "test-1", "test-3", "test-4"]
    assert [record.getMessage() for record in caplog.records] == [f"task rain: left out: {found}"]


def test_a_split_without_labels_is_refused_whatever_the_task_says(tmp_path: Path):
    """As the test splits of GLUE are, whose every label is -1: the last class was right for all of them."""
    data = given(tmp_path, [{**row, "label": -1} for row in GOOD])
    for incomplete_rows in IncompleteRows:
        with pytest.raises(UserError, match=r"weather/test\.jsonl:1: answer: index -1; .*; of 4 test rows none has"):
            test_examples("rain", task(incomplete_rows=incomplete_rows), data)


def test_an_empty_text_beside_another_is_complete(tmp_path: Path):
    data = given(tmp_path, [{"text": "", "title": "Monday", "label": 0}])
    assert test_examples("rain", task(prompt="{{ title }} {{ text }}"), data)[0].prompt == "Monday "


def test_training_rows_are_left_out_as_well(tmp_path: Path):
    data = given(tmp_path, [*GOOD, {"text": "day 9", "label": None}], "train")
    source = task(roles=[Role.source])
    with pytest.raises(UserError, match=r"train\.jsonl:5: answer: label is null; .*; 1 of 5 train rows lack"):
        train_examples("rain", source, data)
    assert len(train_examples("rain", task(roles=[Role.source], incomplete_rows=DROP), data)) == 4


def test_a_source_whose_test_labels_are_withheld_can_be_trained_on(tmp_path: Path):
    given(tmp_path, [{**GOOD[0], "label": -1}, {"text": "day 9", "label": -1}])
    data = given(tmp_path, GOOD, "train")
    both = task(roles=[Role.source, Role.target])
    assert [example.id for example in train_examples("rain", both, data)] == ["train-1", "train-2", "train-3"]


def test_without_incomplete_rows_both_choices_give_the_same_examples(tmp_path: Path):
    data = given(tmp_path, GOOD)
    assert test_examples("rain", task(), data) == test_examples("rain", task(incomplete_rows=DROP), data)


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        (1.0, "'1.0'"),
        (True, "'True'"),
        ("1 ", "'1 '"),
        ("1\u00a0", r"'1\xa0' (that is, '1\xa0')"),
        ("\u0661", "'\u0661' (that is, '\\u0661')"),
        ("\x1b[31m1", r"'\x1b[31m1'"),
    ],
)
def test_a_label_that_is_none_of_the_tasks_is_named_such_that_the_difference_shows(
    tmp_path: Path, label: object, shown: str
):
    data = given(tmp_path, [{"text": "day 1", "label": 1}, {"text": "day 2", "label": label}])
    rain = task(answer="{{ label }}", labels=["0", "1"])
    with pytest.raises(UserError) as caught:
        check_references("rain", rain, test_examples("rain", rain, data))
    where = f"{tmp_path}/weather/test.jsonl:2"
    assert str(caught.value) == f"task 'rain': {where}: the label {shown} is not one of '0', '1'"


def test_whole_numbers_are_labels_as_their_text(tmp_path: Path):
    rain = task(answer="{{ label }}", labels=["0", "1"])
    made = test_examples("rain", rain, given(tmp_path, GOOD))
    check_references("rain", rain, made)
    assert [example.answer for example in made] == ["0", "1", "0", "1"]


def test_a_list_as_gold_is_named_with_task_field_and_row(tmp_path: Path):
    data = given(tmp_path, [{"text": "When?", "answers": {"text": ["April 1991"]}}])
    with pytest.raises(UserError) as caught:
        test_examples("rain", task(answer="{{ answers.text }}", labels=[]), data)
    advice = "which is no text; join it, loop over it or take an element"
    assert (
        str(caught.value)
        == f"task 'rain': {tmp_path}/weather/test.jsonl:1: answer: answers['text'] is a list, {advice}"
    )


MMLU = task(
    prompt="{{ question }}\nA. {{ choices[0] }}\nB. {{ choices[1] }}\nAnswer:",
    answer=" {{ 'AB'[label] }}",
    labels=[" A", " B"],
)
QUESTION = {"question": "How much?", "choices": ["much", "little"], "label": 1, "year": 1991}
QUESTION |= {"more": {"text": ["a", "b"], "n": 2}}


@pytest.mark.parametrize(
    ("prompt", "found"),
    [
        (MMLU.prompt, "N/A\nA. N/A\nB. N/A\nAnswer:"),
        ("{% for c in choices %}{{ loop.index }} {{ c }} {% endfor %}", "1 N/A 2 N/A "),
        ("{% for c in more.text %}{{ c }} {% endfor %}{{ more.n }}", "N/A N/A 2"),
        ("{{ choices | join(' ') }} of {{ year + 1 }}", "N/A of 1992"),
        ("{{ row['question'] }}{{ choices | map('trim') | join }}", "N/AN/A"),
        ("{{ {'How much?': 'q'}[question] }} {{ more['n'] }}", "N/A 2"),
    ],
)
def test_the_prompt_without_content_keeps_its_form(tmp_path: Path, prompt: str, found: str):
    data = given(tmp_path, [{**QUESTION, "choices": None, "question": None, "more": None}, QUESTION])
    if "row" not in prompt:
        assert content_free_prompt("quiz", task(prompt=prompt), data) == found
    else:
        assert content_free_prompt("quiz", task(prompt=prompt), given(tmp_path, [QUESTION])) == found


def test_a_template_that_cannot_do_without_content_is_named(tmp_path: Path):
    data = given(tmp_path, [QUESTION])
    with pytest.raises(
        UserError, match=r"^task 'quiz': prompt: cannot be made with N/A in place of every text.*substring"
    ):
        content_free_prompt("quiz", task(prompt="{{ question.index('much') }}"), data)


def examples(*pairs: tuple[str, str]) -> list[Example]:
    return [Example(f"test-{number}", *pair) for number, pair in enumerate(pairs)]


@pytest.mark.parametrize(
    ("made", "labels", "split", "found"),
    [
        ([("a", "0"), ("b", "1"), ("a", "0")], ["0", "1"], "test", ["1 of 3 test rows repeat another"]),
        ([("a", "0"), ("b", "1"), ("a", "0")], ["0", "1"], "train", []),
        ([("", "one"), ("", "two"), ("", "two")], [], "test", ["1 of 3 test rows repeat another"]),
        ([("", "one"), ("", "two")], [], "test", []),
        (
            [("a", "0"), ("b", "1"), ("a", "1")],
            ["0", "1"],
            "train",
            ["2 of 3 train rows have the text of another with another label"],
        ),
        ([("a", "0"), ("b", "1"), ("a", "1")], [], "train", []),
        ([("a", "0"), ("b", "0")], ["0", "1"], "test", ["all 2 test rows have the label '0'"]),
        ([("a", "0")], ["0", "1"], "test", []),
    ],
)
def test_what_changes_the_meaning_of_scores_is_counted(
    made: list[tuple[str, str]], labels: list[str], split: str, found: list[str]
):
    lines = list(notes(examples(*made), labels, split))
    assert len(lines) == len(found)
    assert all(line.startswith(start) for line, start in zip(lines, found, strict=True))


def test_an_answer_that_begins_with_the_space_that_its_prompt_ends_in_is_named():
    assert doubled_space(examples(("Sentiment:", " positive"), ("Feeling:\n", "negative"))) is None
    line = str(doubled_space(examples(("Sentiment:", " positive"), ("Feeling:\n", " negative"))))
    assert line.startswith(
        "the answer ' negative' begins with a space, and the prompt before it ends in '\\n', so they"
    )
    assert r"'Feeling:\n negative'" in line
    assert "`prompt: |-`" in line


def test_every_job_says_notes_once_whoever_drew_the_examples(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    data = given(tmp_path, [*GOOD, GOOD[0]])
    caplog.set_level(logging.INFO)
    test_examples("rain", task(), data)  # as the planning of a sweep does
    assert not caplog.records
    for _ in range(2):
        with said_once():
            for _ in range(3):
                test_examples("rain", task(), data)
        assert [record.getMessage() for record in caplog.records] == [
            "task rain: 1 of 5 test rows repeat another; each counts as an observation of its own"
        ]
        caplog.clear()
