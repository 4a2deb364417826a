"""Templates: how a row of a data set becomes an example of a task."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property, partial
from typing import Any, TypeVar

from jinja2 import TemplateError

from crosstask.config.task import LETTERED, CodeExecution, IncompleteRows, Task
from crosstask.data.content import content_key
from crosstask.data.content_free import ContentFreePrompt
from crosstask.data.examples import Example
from crosstask.data.options import check_options, continuations, lettered, right_option
from crosstask.data.row_expressions import RowExpression
from crosstask.data.row_templates import RowEnvironment, RowTemplate
from crosstask.data.row_values import CONTENT_FREE, IncompleteRow, reason
from crosstask.data.split import Row, Rows
from crosstask.errors import UserError

log = logging.getLogger(__name__)

Compiled = TypeVar("Compiled", RowTemplate, RowExpression)
Value = TypeVar("Value")


class Templates:
    """A task's compiled templates and expressions."""

    def __init__(self, name: str, task: Task) -> None:
        self.name = name
        self.task = task
        self.prompt = self._compiled(RowTemplate, "prompt", task.prompt)
        self.answer = self._compiled(RowTemplate, "answer", task.answer)
        self.options = self._compiled(RowExpression, "options", task.options) if task.options else None
        self.accepted = self._compiled(RowExpression, "accepted", task.accepted) if task.accepted else None
        self.code = {} if task.execution is None else self._code(task.execution)
        self.content_columns = self._content_columns()
        """The columns that the content of a row is in."""

    def _compiled(self, kind: type[Compiled], field: str, source: str) -> Compiled:
        """Return one template or expression."""
        try:
            return kind(source, RowEnvironment())
        except TemplateError as error:
            raise UserError(f"conf/task/{self.name}.yaml: {field}: {error}") from error

    def _code(self, execution: CodeExecution) -> dict[str, RowTemplate]:
        """Return the templates that make code, by the name of what an example has it as."""
        sources = {"given": execution.given, "tests": execution.tests, "entry_point": execution.entry_point}
        return {
            name: self._compiled(RowTemplate, f"execution.{name}", source)
            for name, source in sources.items()
            if source is not None
        }

    def _content_columns(self) -> frozenset[str]:
        """Return the columns that the prompt is made of; of a plain text, which no prompt asks for, its own."""
        asked = self.prompt.columns - {LETTERED} if self.options else self.prompt.columns
        return (asked | self.options.columns if self.options else asked) or self.answer.columns

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
        row, place = rows[number], rows.place(number)
        try:
            return self._prompt(row, place, self._options(row, place))
        except IncompleteRow:
            return None

    def content_of(self, row: Row) -> str:
        """Return the content of a row, see `content_key`."""
        return content_key(row, self.content_columns)

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
        options = self._options(row, place)
        prompt = self._prompt(row, place, options)
        answer = self._rendered("answer", self.answer.render, row, place)
        if not answer.strip() and answer not in self.task.labels:
            raise IncompleteRow("answer: it is empty")
        accepted = self._rendered("accepted", self.accepted.texts, row, place) if self.accepted else ()
        system, content = self.task.system or "", self.content_of(row)
        example = Example(id, prompt, answer, accepted=accepted, system=system, place=place, content=content)
        if self.options:
            return self._of_choice(example, row, options)
        return self._of_code(example, row) if self.code else example

    def _of_code(self, example: Example, row: Row) -> Example:
        """Return an example with the code that tests its answer."""
        made = {
            name: self._rendered(f"execution.{name}", template.render, row, example.place)
            for name, template in self.code.items()
        }
        return replace(example, given=made.get("given", ""), tests=made["tests"], entry_point=made["entry_point"])

    def _of_choice(self, example: Example, row: Row, options: Sequence[str]) -> Example:
        """Return an example whose answer names one of a row's options with what the model says to choose it."""
        chosen = self._rendered("answer", lambda _: right_option(example.answer, len(options)), row, example.place)
        said = continuations(example.prompt, options, self.task.form)
        listed = lettered([CONTENT_FREE] * len(options), self.task.form)
        without = self._content_free.render(row, {LETTERED: listed})
        return replace(example, answer=said[chosen], options=said, content_free=without)

    @cached_property
    def _content_free(self) -> ContentFreePrompt:
        """The prompt without content."""
        return ContentFreePrompt(self.name, self.task.prompt)

    def content_free_prompt(self, rows: Rows) -> str:
        """Return the prompt without content of the first row that is complete, which stands for all rows."""
        number = next((number for number in range(len(rows)) if self.prompt_of(rows, number) is not None), 0)
        return self._content_free.render(rows[number])

    def _options(self, row: Row, place: str) -> tuple[str, ...]:
        """Return the options of a row; none where the task has none."""
        if self.options is None:
            return ()
        options = self._rendered("options", self.options.texts, row, place)
        self._rendered("options", lambda _: check_options(options), row, place)
        return options

    def _prompt(self, row: Row, place: str, options: Sequence[str]) -> str:
        """Return the prompt of a row with its options."""
        given = {LETTERED: lettered(options, self.task.form)} if self.options else {}
        return self._rendered("prompt", partial(self.prompt.render, given=given), row, place)

    def _require_text(self, row: Row) -> None:
        """Refuse a row all of whose columns in the prompt are empty texts."""
        columns = sorted(self.content_columns & row.keys())
        if columns and all(_is_empty(row[column]) for column in columns):
            raise IncompleteRow(f"prompt: {', '.join(columns)}: empty")

    def _rendered(self, field: str, render: Callable[[Row], Value], row: Row, place: str) -> Value:
        """Return what a field of the task makes of a row."""
        try:
            return render(row)
        except IncompleteRow as error:
            raise IncompleteRow(f"{field}: {error}") from error
        except Exception as error:  # a template is a user's program and can raise anything
            raise UserError(f"task {self.name!r}: {place}: {field}: {reason(error)}") from error


def _is_empty(value: Any) -> bool:
    """Tell whether a value is a text of nothing but white space, or a list of such."""
    if isinstance(value, str):
        return not value.strip()
    return isinstance(value, list) and all(map(_is_empty, value))
