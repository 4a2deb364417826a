"""The prompt of a task without content."""

from typing import Any

from crosstask.config.inputs import Data
from crosstask.config.task import Task
from crosstask.data.row_templates import ContentFreeEnvironment, RowTemplate
from crosstask.data.rows import load_rows
from crosstask.data.templates import Templates, reason
from crosstask.errors import UserError

CONTENT_FREE = "N/A"
"""Stands for any text in a prompt without content."""


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
    templates = Templates(name, task)
    number = next((number for number in range(len(rows)) if templates.prompt_of(rows, number) is not None), 0)
    emptied = {column: _emptied(value) for column, value in rows[number].items()}
    try:
        return RowTemplate(task.prompt, ContentFreeEnvironment()).render(emptied)
    except Exception as error:  # a template is a user's program and can raise anything
        raise UserError(
            f"task {name!r}: prompt: cannot be made with {CONTENT_FREE} in place of every text, which every closed task"
            f" needs for its prior (decide=prior_corrected): {reason(error)}; a template may print, join, trim and"
            " index its columns, and compute with those that are numbers"
        ) from error


def _emptied(value: Any) -> Any:
    """Return a value without its content."""
    if isinstance(value, str):
        return CONTENT_FREE
    if isinstance(value, dict):
        return {key: _emptied(part) for key, part in value.items()}
    return [_emptied(part) for part in value] if isinstance(value, list | tuple) else value
