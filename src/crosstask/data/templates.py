"""Templates: how a row of a data set becomes an example of a task."""

import logging
from collections.abc import Sequence
from typing import Any

from jinja2 import TemplateError

from crosstask.config.task import IncompleteRows, Task
from crosstask.data.content import content_key
from crosstask.data.examples import Example
from crosstask.data.row_templates import RowEnvironment, RowTemplate
from crosstask.data.row_values import IncompleteRow, NoText
from crosstask.data.split import Row, Rows
from crosstask.errors import UserError

log = logging.getLogger(__name__)


class Templates:
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

    def content_of(self, row: Row) -> str:
        """Return the content of a row, see `content_key`."""
        return content_key(row, self.prompt.columns)

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
        return Example(id, prompt, answer, place, self.content_of(row))

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
            raise UserError(f"task {self.name!r}: {place}: {field}: {reason(error)}") from error


def _is_empty(value: Any) -> bool:
    """Tell whether a value is a text of nothing but white space, or a list of such."""
    if isinstance(value, str):
        return not value.strip()
    return isinstance(value, list) and all(map(_is_empty, value))


def reason(error: Exception) -> str:
    """Return what a template raised."""
    kind = "" if isinstance(error, IncompleteRow | NoText) else f"{type(error).__name__}: "
    return f"{kind}{error}"
