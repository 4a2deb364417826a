"""Templates: how the rows of a data set become the examples of a task."""

import logging
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from jinja2 import TemplateError

from crosstask.config.inputs import Data
from crosstask.config.task import IncompleteRows, Role, Task
from crosstask.data.example_notes import doubled_space, notes
from crosstask.data.examples import Example
from crosstask.data.row_templates import ContentFreeEnvironment, RowEnvironment, RowTemplate
from crosstask.data.row_values import IncompleteRow, NoText
from crosstask.data.rows import Row, Rows, drawn, drawn_test_rows, load_rows
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
        If rows are incomplete and the task does not say that such are left out, or none is complete.
    """
    key = fingerprint(["test", name, asdict(task), asdict(data)])
    if key not in _examples:
        rows, numbers = drawn_test_rows(task.dataset, data)
        _examples[key] = _Templates(name, task).examples(rows, numbers, "test")
        _log_notes(name, task, "test", _examples[key])
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
        seen = _tested_prompts(templates, data)
        spare = len(seen) if data.train_rows else 0
        seed = data.seed if data.train_seed is None else data.train_seed
        numbers = drawn(len(rows), data.train_rows + spare, f"{seed}/{task.dataset.name}/train")
        candidates = templates.examples(rows, numbers, "train")
        kept = [example for example in candidates if example.prompt not in seen]
        if len(kept) < len(candidates):
            log.info("%s: passed over %d training rows that are test rows", name, len(candidates) - len(kept))
        kept = kept[: data.train_rows or None]
        _examples[key] = sorted(kept, key=lambda example: int(example.id.partition("-")[2]))
        _log_notes(name, task, "train", _examples[key])
    return _examples[key]


def _log_notes(name: str, task: Task, split: str, examples: Sequence[Example]) -> None:
    """Say what a reader of the results should know of examples; once, as they are made once."""
    for note in notes(examples, task.labels, split):
        log.info("task %s: %s", name, note)
    if warning := doubled_space(examples):
        log.warning("task %s: %s", name, warning)


def _tested_prompts(templates: "_Templates", data: Data) -> set[str]:
    """Return the prompts of the drawn test rows of a source's own data set; none for a corpus that is only a source.

    These rows need no label: a source may be trained on whose test labels are withheld.
    """
    if Role.target not in templates.task.roles:
        return set()
    rows, numbers = drawn_test_rows(templates.task.dataset, data)
    return {prompt for number in numbers if (prompt := templates.prompt_of(rows, number)) is not None}


def content_free_prompt(name: str, task: Task, data: Data) -> str:
    """Return a target's prompt with ``N/A`` in the place of every text.

    What the model thinks of the labels after it is its prior (Zhao et al. 2021, arXiv 2102.09690). It is made of the
    first row that is complete. Numbers stay, so that templates that compute with them still work, and lists keep their
    length; texts that a template joins are one text.

    Raises
    ------
    UserError
        If the template cannot do without the content of its columns.
    """
    rows = load_rows(task.dataset, data, "test")
    templates = _Templates(name, task)
    number = next((number for number in range(len(rows)) if templates.prompt_of(rows, number) is not None), 0)
    emptied = {column: _emptied(value) for column, value in rows[number].items()}
    try:
        return RowTemplate(task.prompt, ContentFreeEnvironment()).render(emptied)
    except Exception as error:  # a template is a user's program and can raise anything
        raise UserError(
            f"task {name!r}: prompt: cannot be made with {CONTENT_FREE} in place of every text, which every closed task"
            f" needs for its prior (decide=prior_corrected): {_reason(error)}; a template may print, join, trim and"
            " index its columns, and compute with those that are numbers"
        ) from error


def _emptied(value: Any) -> Any:
    """Return a value without its content."""
    if isinstance(value, str):
        return CONTENT_FREE
    if isinstance(value, dict):
        return {key: _emptied(part) for key, part in value.items()}
    return [_emptied(part) for part in value] if isinstance(value, list | tuple) else value


class _Templates:
    """A task's compiled templates."""

    def __init__(self, name: str, task: Task) -> None:
        environment = RowEnvironment()
        self.name = name
        self.task = task
        self.prompt = self._compiled(environment, "prompt", task.prompt)
        self.answer = self._compiled(environment, "answer", task.answer)

    def _compiled(self, environment: RowEnvironment, field: str, source: str) -> RowTemplate:
        """Return one template."""
        try:
            return RowTemplate(source, environment)
        except TemplateError as error:
            raise UserError(f"conf/task/{self.name}.yaml: {field}: {error}") from error

    def examples(self, rows: Rows, numbers: Sequence[int], split: str) -> list[Example]:
        """Return the examples of the rows with these numbers.

        Incomplete rows are counted, and refused unless the task says that they are left out.
        """
        made: list[Example] = []
        incomplete: list[str] = []
        for number in numbers:
            place = rows.place(number)
            try:
                made.append(self._example(rows[number], f"{split}-{number}", place))
            except IncompleteRow as error:
                incomplete.append(f"{place}: {error}")
        if incomplete:
            self._settle(incomplete, len(numbers), split)
        return made

    def prompt_of(self, rows: Rows, number: int) -> str | None:
        """Return the prompt of a row; None where the row lacks what the prompt takes from it."""
        try:
            return self._rendered("prompt", self.prompt, rows[number], rows.place(number))
        except IncompleteRow:
            return None

    def _settle(self, incomplete: Sequence[str], count: int, split: str) -> None:
        """Refuse incomplete rows, or say how many are left out."""
        if len(incomplete) == count:
            raise UserError(
                f"task {self.name!r}: {incomplete[0]}; of {count} {split} rows none has what the task asks for"
            )
        found = f"{incomplete[0]}; {len(incomplete)} of {count} {split} rows lack what the task asks for"
        if self.task.incomplete_rows is IncompleteRows.refuse:
            file = f"conf/task/{self.name}.yaml"
            raise UserError(f"task {self.name!r}: {found}; `incomplete_rows: drop` in {file} leaves such rows out")
        log.info("task %s: left out: %s", self.name, found)

    def _example(self, row: Row, id: str, place: str) -> Example:
        """Return the example of one row."""
        self._require_text(row)
        prompt = self._rendered("prompt", self.prompt, row, place)
        answer = self._rendered("answer", self.answer, row, place)
        if not answer.strip() and answer not in self.task.labels:
            raise IncompleteRow("answer: it is empty")
        return Example(id, prompt, answer, place)

    def _require_text(self, row: Row) -> None:
        """Refuse a row all of whose columns in the prompt are empty texts."""
        columns = sorted(self.prompt.columns & row.keys())
        if columns and all(_is_empty(row[column]) for column in columns):
            raise IncompleteRow(f"prompt: {', '.join(columns)}: empty")

    def _rendered(self, field: str, template: RowTemplate, row: Row, place: str) -> str:
        """Return one template filled with a row."""
        try:
            return template.render(row)
        except IncompleteRow as error:
            raise IncompleteRow(f"{field}: {error}") from error
        except Exception as error:  # a template is a user's program and can raise anything
            raise UserError(f"task {self.name!r}: {place}: {field}: {_reason(error)}") from error


def _is_empty(value: Any) -> bool:
    """Tell whether a value is a text of nothing but white space, or a list of such."""
    if isinstance(value, str):
        return not value.strip()
    return isinstance(value, list) and all(map(_is_empty, value))


def _reason(error: Exception) -> str:
    """Return what a template raised."""
    kind = "" if isinstance(error, IncompleteRow | NoText) else f"{type(error).__name__}: "
    return f"{kind}{error}"
