"""The label mask, token by token, from a task's template to the batch that the model learns from.

Each case says which characters are supervised; the tokenizer is asked for each token's text by itself.
"""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from crosstask.config.inputs import Data, DataKind, Model
from crosstask.config.task import DataSet, Task
from crosstask.config.training import Loss, Trainer
from crosstask.data.drawn_examples import train_examples
from crosstask.data.examples import Example
from crosstask.errors import UserError
from crosstask.models import base_model
from crosstask.models.language_model import BaseModel
from crosstask.training.batches import Batches, collate, pack
from crosstask.training.plan import IGNORED, plan
from crosstask.training.sequences import TrainingExamples, training_sequences
from tests.support.tokenizers import without_begin_token

CLOSED = Task(
    dataset=DataSet(name="films"),
    prompt="{{ text }}\nAnswer:\n",
    answer="{{ label }}",
    metric="accuracy",
    labels=["0", "1"],
)
OPEN = Task(dataset=DataSet(name="sums"), prompt="{{ sum }}=", answer="{{ value }} good")
TEMPLATE = "{{ bos_token }}{% for m in messages %}[{{ m['role'][0] }}]{{ m['content'] }}{% endfor %}[m]"


def examples(folder: Path, name: str, task: Task, rows: list[dict[str, Any]]) -> list[Example]:
    """The training examples of a task whose data are these rows."""
    (folder / name).mkdir()
    (folder / name / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / name / "test.jsonl").write_text(json.dumps({key: f"other {value}" for key, value in rows[0].items()}))
    task = replace(task, dataset=DataSet(name=name), labels=[])
    return train_examples(name, task, Data(name="d", kind=DataKind.local, root=str(folder)))


@pytest.fixture
def closed(tmp_path: Path) -> list[Example]:
    return examples(tmp_path, "films", CLOSED, [{"text": "the film", "label": 1}])


@pytest.fixture
def opened(tmp_path: Path) -> list[Example]:
    return examples(tmp_path, "sums", OPEN, [{"sum": "1+2", "value": 3}])


def masked(base: BaseModel, rows: list[Example], loss: Loss = Loss.completion, **trainer: Any) -> list[list[str]]:
    """The text of every token of each row's sequence; a token that is not supervised stands in brackets."""
    settings = Trainer(loss=loss, **trainer)
    sequences = training_sequences(base, TrainingExamples(rows), settings, seed=0).learned
    batch = collate(sequences, 1, loss, base.pad)
    return [_tokens(base, *row) for row in zip(*(batch[k].tolist() for k in ("input_ids", "labels")), strict=True)]


def _tokens(base: BaseModel, ids: list[int], labels: list[int]) -> list[str]:
    shown = []
    for token, label in zip(ids, labels, strict=True):
        text = base.tokenizer.decode([token])
        assert label in (IGNORED, token), "a label is the token itself: the shift happens in the loss"
        shown.append(text if label == token else f"({text})")
    return shown


def test_a_closed_task(base: BaseModel, closed: list[Example]):
    assert masked(base, closed) == [
        ["(<bos>)", "(the)", "( film)", "(\n)", "(An)", "(sw)", "(er)", "(:)", "(\n)", "1", "<eos>"]
    ]


def test_an_open_task(base: BaseModel, opened: list[Example]):
    assert masked(base, opened) == [["(<bos>)", "(1)", "(+)", "(2)", "(=)", "3", " go", "od", "<eos>"]]


def test_the_whole_sequence(base: BaseModel, opened: list[Example]):
    assert masked(base, opened, Loss.sequence) == [["(<bos>)", "1", "+", "2", "=", "3", " go", "od", "<eos>"]]


def test_a_mixture_is_padded_without_supervision(base: BaseModel, closed: list[Example], opened: list[Example]):
    assert masked(base, [*closed, replace(opened[0], answer="3")]) == [
        ["(<bos>)", "(the)", "( film)", "(\n)", "(An)", "(sw)", "(er)", "(:)", "(\n)", "1", "<eos>"],
        ["(<bos>)", "(1)", "(+)", "(2)", "(=)", "3", "<eos>", *["(<pad>)"] * 4],
    ]


def test_a_packed_mixture(base: BaseModel, closed: list[Example], opened: list[Example]):
    sequences = training_sequences(base, TrainingExamples(closed + opened), Trainer(), seed=0).learned
    batch = pack(sequences, 1, Loss.sequence)
    assert _tokens(base, batch["input_ids"][0].tolist(), batch["labels"][0].tolist()) == [
        *["(<bos>)", "the", " film", "\n", "An", "sw", "er", ":", "\n", "1", "<eos>"],
        *["(<bos>)", "1", "+", "2", "=", "3", " go", "od", "<eos>"],
    ]
    assert batch["position_ids"].tolist() == [[*range(11), *range(9)]]
    assert "attention_mask" not in batch


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (10, ["(<bos>)", "( film)", "(\n)", "(An)", "(sw)", "(er)", "(:)", "(\n)", "1", "<eos>"]),
        (4, ["(<bos>)", "(\n)", "1", "<eos>"]),
        (3, ["(<bos>)", "1", "<eos>"]),
        (2, ["(<bos>)", "1"]),
    ],
)
def test_truncation_takes_the_prompt_from_its_left_and_then_the_answer_from_its_right(
    base: BaseModel, closed: list[Example], limit: int, expected: list[str]
):
    assert masked(base, closed, max_length=limit) == [expected]


@pytest.fixture
def chat(model_folder: Path, tmp_path: Path) -> BaseModel:
    folder = shutil.copytree(model_folder, tmp_path / "chat")
    settings = json.loads((folder / "tokenizer_config.json").read_text()) | {"chat_template": TEMPLATE}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    return base_model.load(Model(name="chat", path=str(folder), chat_template=True))


USER = ["([)", "(u)", "(])"]
MODEL = ["([)", "(m)", "(])"]


def test_a_chat_template(chat: BaseModel, opened: list[Example]):
    prompt = ["(1)", "(+)", "(2)", "(=)"]
    assert masked(chat, opened) == [["(<bos>)", *USER, *prompt, *MODEL, "3", " go", "od", "<eos>"]]


def test_a_chat_template_that_is_cut_keeps_its_opening(chat: BaseModel, opened: list[Example]):
    limit = 1 + len(USER) + 2 + len(MODEL) + 4
    assert masked(chat, opened, max_length=limit) == [
        ["(<bos>)", *USER, "(2)", "(=)", *MODEL, "3", " go", "od", "<eos>"]
    ]


def test_rows_that_lose_everything_are_an_error_that_names_them(chat: BaseModel, opened: list[Example]):
    rows = [replace(opened[0], id=f"train-{i}") for i in range(7)]
    message = (
        r"trainer\.max_length=4: 7 of 7 rows have no answer token left to learn from within 4 tokens,"
        r" e\.g\. train-0, train-1, train-2, train-3, train-4, \.\.\.$"
    )
    with pytest.raises(UserError, match=message):
        training_sequences(chat, TrainingExamples(rows), Trainer(max_length=1 + len(USER)), seed=0)


@pytest.fixture
def without_begin(model_folder: Path, tmp_path: Path) -> BaseModel:
    """A model whose tokenizer puts no begin token, so that an empty prompt leaves the answer's start unsupervised."""
    folder = shutil.copytree(model_folder, tmp_path / "other")
    without_begin_token(folder)
    return base_model.load(Model(name="other", path=str(folder)))


def test_nothing_is_supervised_that_nothing_precedes(without_begin: BaseModel):
    rows = [Example("train-0", "", "12"), Example("train-1", "the", "1")]
    assert masked(without_begin, rows) == [["(1)", "2", "<eos>"], ["(the)", "1", "<eos>"]]


@pytest.mark.parametrize("loss", list(Loss))
def test_few_rows_without_a_supervised_token_are_counted_and_dropped(without_begin: BaseModel, loss: Loss):
    rows = [Example(f"train-{i}", "the", "1") for i in range(99)] + [Example("train-99", "", "")]
    sequences = training_sequences(without_begin, TrainingExamples(rows), Trainer(loss=loss), seed=0)
    assert (len(sequences.learned), sequences.dropped) == (99, 1)
    with pytest.raises(UserError, match="1 of 99 rows have no answer token left .* e.g. train-99$"):
        training_sequences(without_begin, TrainingExamples(rows[1:]), Trainer(loss=loss), seed=0)


@pytest.mark.parametrize("packing", [False, True])
def test_batches_know_how_many_tokens_their_step_supervises(base: BaseModel, packing: bool):
    rows = [Example(f"train-{i}", "the film " * (i % 3), "good" * (1 + i % 4)) for i in range(10)]
    trainer = Trainer(batch_size=5, batch_tokens=40, packing=packing)
    learned = training_sequences(base, TrainingExamples(rows), trainer, seed=0).learned
    batches = list(Batches(learned, plan(learned, trainer, 0), trainer.loss, base.pad, packing))
    assert [batch["last"] for batch in batches].count(True) == 2
    step: list[int] = []
    for batch in batches:
        step.append(int((batch["labels"] != IGNORED).sum()))
        assert batch["labels"].numel() <= 40
        if batch["last"]:
            assert batch["step_tokens"] == sum(step)
            step = []
