"""Templates: how the rows of a data set become the examples of a task."""

import logging
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError, UndefinedError
from jinja2.sandbox import SandboxedEnvironment

from crosstask.config.inputs import Data
from crosstask.config.task import Role, Task
from crosstask.data.examples import Example
from crosstask.data.rows import Row, drawn, drawn_test_rows, load_rows
from crosstask.errors import UserError
from crosstask.fingerprint import fingerprint

log = logging.getLogger(__name__)

CONTENT_FREE = "N/A"
"""Stands for any text in a prompt without content."""


_examples: dict[str, list[Example]] = {}


def test_examples(name: str, task: Task, data: Data) -> list[Example]:
    """Return the examples that a target is scored on: ``data.test_rows`` of them, in order of row number.

    Raises
    ------
    UserError
        If the data lacks a column, or an answer is empty.
    """
    key = fingerprint(["test", name, asdict(task), asdict(data)])
    if key not in _examples:
        rows, numbers = drawn_test_rows(task.dataset, data)
        _examples[key] = _Templates(name, task).examples(rows, numbers, "test")
    return _examples[key]


def train_examples(name: str, task: Task, data: Data) -> list[Example]:
    """Return the examples that a source is trained on: at most ``data.train_rows``, in order of row number.

    A row whose prompt is also among the drawn test rows of the same data set is passed over, and
    another is drawn in its place.
    """
    key = fingerprint(["train", name, asdict(task), asdict(data)])
    if key not in _examples:
        rows = load_rows(task.dataset, data, "train")
        templates = _Templates(name, task)
        seen = {example.prompt for example in _drawn_tests(templates, data)}
        spare = len(seen) if data.train_rows else 0
        seed = data.seed if data.train_seed is None else data.train_seed
        numbers = drawn(len(rows), data.train_rows + spare, f"{seed}/{task.dataset.name}/train")
        candidates = templates.examples(rows, numbers, "train")
        kept = [example for example in candidates if example.prompt not in seen]
        if len(kept) < len(candidates):
            log.info("%s: passed over %d training rows that are test rows", name, len(candidates) - len(kept))
        kept = kept[: data.train_rows or None]
        _examples[key] = sorted(kept, key=lambda example: int(example.id.partition("-")[2]))
    return _examples[key]


def _drawn_tests(templates: "_Templates", data: Data) -> list[Example]:
    """Return the test examples of a source's own data set; none for a corpus that is only a source."""
    dataset = templates.task.dataset
    if Role.target not in templates.task.roles:
        return []
    rows, numbers = drawn_test_rows(dataset, data)
    return templates.examples(rows, numbers, "test")


def content_free_prompt(name: str, task: Task, data: Data) -> str:
    """Return a target's prompt with ``N/A`` in the place of every text.

    What the model thinks of the labels after it is its prior (Zhao et al. 2021, arXiv 2102.09690). Numbers stay, so
    that templates that compute with them still work.
    """
    (row, *_) = load_rows(task.dataset, data, "test")
    return _Templates(name, task).prompt_of({column: _emptied(value) for column, value in row.items()}, "content-free")


def _emptied(value: Any) -> Any:
    """Return a value without its content."""
    if isinstance(value, str):
        return CONTENT_FREE
    return [_emptied(part) for part in value[:1]] if isinstance(value, list) else value


class _Templates:
    """A task's compiled templates."""

    def __init__(self, name: str, task: Task) -> None:
        environment = SandboxedEnvironment(undefined=StrictUndefined, keep_trailing_newline=True)
        self.name = name
        self.task = task
        self.prompt = self._compiled(environment, "prompt", task.prompt)
        self.answer = self._compiled(environment, "answer", task.answer)

    def _compiled(self, environment: SandboxedEnvironment, field: str, source: str) -> Template:
        """Return one template."""
        try:
            return environment.from_string(source)
        except TemplateError as error:
            raise UserError(f"conf/task/{self.name}.yaml: {field}: {error}") from error

    def examples(self, rows: Sequence[Row], numbers: list[int], split: str) -> list[Example]:
        """Return the examples of the rows with these numbers."""
        return [self._example(rows[number], f"{split}-{number}") for number in numbers]

    def prompt_of(self, row: Row, id: str) -> str:
        """Return the prompt that a row makes."""
        return self._rendered("prompt", self.prompt, row, id)

    def _example(self, row: Row, id: str) -> Example:
        """Return the example of one row."""
        prompt = self.prompt_of(row, id)
        answer = self._rendered("answer", self.answer, row, id)
        if not answer:
            raise UserError(f"task {self.name!r}, row {id}: the answer is empty")
        return Example(id, prompt, answer)

    def _rendered(self, field: str, template: Template, row: Row, id: str) -> str:
        """Return one template filled with a row."""
        try:
            return template.render(row)
        except UndefinedError as error:
            columns = ", ".join(row)
            raise UserError(f"task {self.name!r}, row {id}: {field}: {error.message}; columns are {columns}") from error
        except Exception as error:  # a template is a user's program and can raise anything
            raise UserError(f"task {self.name!r}, row {id}: {field}: {type(error).__name__}: {error}") from error
