"""What every comparison starts from: the tool's own defaults on the embedded miniature."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

from hydra import compose, initialize_config_dir

from crosstask.commands.schemas import SCHEMAS
from crosstask.config import task_files
from crosstask.config.job import TrainConfig
from crosstask.config.parsing import parse
from crosstask.config.task import DataSet, Form, Role, Task
from crosstask.data.drawn_examples import test_examples, train_examples
from crosstask.data.examples import Example
from crosstask.data.split import Rows
from crosstask.data.templates import Templates
from crosstask.models import base_model
from crosstask.models.language_model import BaseModel
from crosstask.models.tokenization import Encoded, encode, training_sequence
from crosstask.training.plan import plan

CLOSED = ("mnli", "mnli_words", "flipkart", "imdb")
OPEN = ("goat", "gsm8k")
PHRASES = ("very negative", "negative", "neither negative nor positive", "positive", "very positive")
"""Labels of several tokens, of different lengths, some of which begin alike."""


def settings(*overrides: str) -> TrainConfig:
    """Return the settings of a job as ``train.py`` composes them from a command line, in float32, without W&B."""
    task_files.register(SCHEMAS)
    fixed = ["model.precision=float32", "tracking.mode=disabled"]
    with initialize_config_dir(str(task_files.CONF), version_base="1.3"):
        return parse(compose("train", [*fixed, *overrides]), TrainConfig)


def loaded(job: TrainConfig) -> BaseModel:
    """Return the base model of a job."""
    return base_model.load(job.model)


def without_begin_token(job: TrainConfig, folder: Path) -> TrainConfig:
    """Return a job whose base model is a copy in a folder, with a tokenizer that puts no begin token before a text."""
    shutil.copytree(base_model.model_folder(job.model), folder)
    content = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    (folder / "tokenizer.json").write_text(json.dumps({**content, "post_processor": None}), encoding="utf-8")
    return replace(job, model=replace(job.model, path=str(folder)))


def targets(*names: str) -> dict[str, Task]:
    """Return targets by name."""
    return settings(f"target=[{','.join(names)}]").target


def sources(*names: str) -> dict[str, Task]:
    """Return sources by name."""
    found = settings(f"source=[{','.join(names)}]").source
    return {name: cast(Task, found[name]) for name in names}


def phrases() -> Task:
    """Return amazon's reviews with :data:`PHRASES` instead of one to five stars."""
    task = targets("amazon")["amazon"]
    options = ", ".join(PHRASES)
    return replace(
        task,
        roles=[Role.target],
        prompt=f"{{{{ review_text }}}}\nIs this review {options}?\nSentiment:\n",
        answer=f"{{{{ {list(PHRASES)}[class_index | int - 1] }}}}",
        labels=list(PHRASES),
    )


def quiz(job: TrainConfig, form: Form) -> tuple[Task, list[Example]]:
    """Return short reviews with two to five others as options, one of which repeats it, in one of both forms."""
    reviews = [example.prompt.split("\n")[0] for example in test_examples("sst2", targets("sst2")["sst2"], job.data)]
    task = Task(
        dataset=DataSet(name="sst2"),
        prompt="{{ sentence }}\n{{ lettered }}Which is the same?\nAnswer:",
        answer="{{ right }}",
        options="options",
        metric="choice_accuracy",
        form=form,
    )
    numbers = range(len(reviews))
    rows = [
        {
            "sentence": reviews[i],
            "options": [reviews[i - j] for j in range(2 + i % 4)],
            "right": 0,
        }
        for i in numbers
    ]
    return task, Templates("quiz", task).examples(Rows(rows, str), numbers, "test")


def plain_texts(job: TrainConfig, count: int, joined: int) -> tuple[Task, list[Example]]:
    """Return reviews as plain texts, every other one joined with those that follow it."""
    reviews = [example.prompt for example in test_examples("imdb", targets("imdb")["imdb"], job.data)]
    texts = ["".join(reviews[i : i + joined]) if i % 2 else reviews[i] for i in range(count)]
    task = Task(dataset=DataSet(name="imdb"), prompt="", answer="{{ text }}", metric="bits_per_byte")
    return task, Templates("texts", task).examples(Rows([{"text": text} for text in texts], str), range(count), "test")


def training_rows(job: TrainConfig, *names: str) -> list[Example]:
    """Return the training examples of some sources, one source after the other."""
    return [example for name, task in sources(*names).items() for example in train_examples(name, task, job.data)]


def sequences(job: TrainConfig, examples: Sequence[Example]) -> list[Encoded]:
    """Return the training sequences of examples; none may be longer than the model's context.

    TRL cuts an over-long sequence on its right, we cut the prompt on its left, so the two would learn different things.
    """
    base = loaded(job)
    pairs = encode(base, [example.prompt for example in examples], [example.answer for example in examples])
    found = [training_sequence(pair, base, base.context) for pair in pairs]
    assert not any(sequence.cut_prompt or sequence.cut_answer for sequence in found), "a sequence was cut"
    return found


def in_training_order(job: TrainConfig, examples: Sequence[Example]) -> list[Example]:
    """Return the examples as often and in the order in which our training meets them."""
    steps = plan(sequences(job, examples), job.trainer, job.seed)
    return [examples[member] for step in steps for micro_batch in step for member in micro_batch.members]
