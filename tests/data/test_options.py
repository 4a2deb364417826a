"""Multiple choice: rows with options of their own, asked for by letter or by text."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from crosstask.config.inputs import Data, DataKind
from crosstask.config.task import DataSet, Form, IncompleteRows, Task
from crosstask.data.drawn_examples import test_examples as scored_examples
from crosstask.data.drawn_examples import train_examples
from crosstask.data.examples import content_hash
from crosstask.errors import UserError

QUIZ = Task(
    dataset=DataSet(name="quiz"),
    prompt="{{ question }}\n{{ lettered }}Answer:",
    answer="{{ key | position(choices.label) }}",
    options="choices.text",
    metric="choice_accuracy",
)
ROW: dict[str, Any] = {
    "question": "Where do fish live, as a rule?",
    "choices": {"label": ["1", "2", "3"], "text": ["in air", "in the sea", 7]},
    "key": "2",
}
LISTED = "Where do fish live, as a rule?\nA. in air\nB. in the sea\nC. 7\nAnswer:"


def given(root: Path, *rows: dict[str, Any], split: str = "test") -> Data:
    (root / "quiz").mkdir(exist_ok=True)
    (root / "quiz" / f"{split}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return Data(name="d", kind=DataKind.local, root=str(root), train_rows=0, test_rows=0)


def test_options_are_listed_by_letter_and_a_letter_is_said(tmp_path: Path):
    (example,) = scored_examples("quiz", QUIZ, given(tmp_path, ROW))
    assert (example.prompt, example.answer, example.options) == (LISTED, " B", (" A", " B", " C"))
    assert example.content_free == "N/A\nA. N/A\nB. N/A\nC. N/A\nAnswer:"


def test_as_a_cloze_the_prompt_lists_nothing_and_the_text_is_said(tmp_path: Path):
    (example,) = scored_examples("quiz", replace(QUIZ, form=Form.cloze), given(tmp_path, ROW))
    assert example.prompt == "Where do fish live, as a rule?\nAnswer:"
    assert (example.answer, example.options) == (" in the sea", (" in air", " in the sea", " 7"))
    assert example.content_free == "N/A\nAnswer:"


def test_no_space_is_added_after_white_space(tmp_path: Path):
    task = replace(QUIZ, prompt="{{ question }}\n{{ lettered }}Answer:\n")
    (example,) = scored_examples("quiz", task, given(tmp_path, ROW))
    assert (example.answer, example.options) == ("B", ("A", "B", "C"))


@pytest.mark.parametrize(
    ("answer", "key", "said"),
    [("{{ key }}", 2, " C"), ("{{ key }}", "0", " A"), ("{{ key }}", "C", " C"), (" {{ key }} ", "b", " B")],
)
def test_the_answer_names_an_option_by_number_or_letter(tmp_path: Path, answer: str, key: object, said: str):
    (example,) = scored_examples("quiz", replace(QUIZ, answer=answer), given(tmp_path, ROW | {"key": key}))
    assert example.answer == said


@pytest.mark.parametrize(
    ("changes", "row", "message"),
    [
        (
            {"answer": "{{ key }}"},
            {"key": "3"},
            r"answer: '3' is no option of this row, which has 3; it prints a number",
        ),
        ({"answer": "{{ key }}"}, {"key": "D"}, r"answer: 'D' is no option of this row"),
        ({"answer": "{{ key }}"}, {"key": "in air"}, r"answer: 'in air' is no option of this row"),
        (
            {"answer": "{{ key }}"},
            {"key": -1},
            r"answer: option -1; a row without a label often has -1; of 1 test rows",
        ),
        ({}, {"key": ""}, r"answer:  is not one of 1, 2, 3; of 1 test rows none"),
        ({}, {"key": None}, r"answer: key is null"),
        (
            {},
            {"choices": {"label": ["1"], "text": ["a"]}, "key": "1"},
            r"options: the row has 1, allowed are 2",
        ),
        ({}, {"choices": {"text": ["a", None]}}, r"options: number 1 is null"),
        ({}, {"choices": {"text": ["a", " "]}}, r"options: number 1 is empty"),
        ({}, {"choices": {"text": "ab"}}, r"options: is 'ab', and must be a list of texts"),
        ({}, {"choices": {"text": [["a"], "b"]}}, r"options: number 0 is \['a'\], and must be a text or"),
        ({"options": "chioces.text"}, {}, r"options: 'chioces' is undefined; columns are 'question', 'choices', 'key'"),
        ({"options": "question | position(key)"}, {}, r"options: position looks in a list"),
    ],
)
def test_what_is_no_multiple_choice_is_named(
    tmp_path: Path, changes: dict[str, Any], row: dict[str, Any], message: str
):
    with pytest.raises(UserError, match=rf"^task 'quiz': {tmp_path}/quiz/test\.jsonl:1: {message}"):
        scored_examples("quiz", replace(QUIZ, **changes), given(tmp_path, ROW | row))


def test_rows_without_a_label_can_be_left_out(tmp_path: Path):
    task = replace(QUIZ, incomplete_rows=IncompleteRows.drop)
    assert len(scored_examples("quiz", task, given(tmp_path, ROW, ROW | {"key": ""}))) == 1


def test_the_options_are_content_whether_or_not_the_prompt_lists_them(tmp_path: Path):
    """The same question about other things is another question, and may be trained on."""
    other = ROW | {"choices": {"label": ["1", "2"], "text": ["in a forest", "in a desert"]}, "key": "1"}
    data = given(tmp_path, ROW, ROW, other, split="train")
    given(tmp_path, ROW)
    (example,) = train_examples("quiz", QUIZ, data)
    assert "in a forest" in example.prompt


def test_options_are_part_of_what_an_example_is(tmp_path: Path):
    (one,) = scored_examples("quiz", replace(QUIZ, form=Form.cloze), given(tmp_path, ROW))
    other = replace(one, options=(" on land", " in the sea"))
    assert content_hash([one]) != content_hash([other])
