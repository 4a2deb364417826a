"""The prompt of a task without content."""

from collections.abc import Mapping
from typing import Any

from crosstask.data.row_templates import ContentFreeEnvironment, RowTemplate
from crosstask.data.row_values import CONTENT_FREE, reason
from crosstask.errors import UserError


class ContentFreePrompt:
    """A task's prompt with ``N/A`` in the place of every text.

    What the model thinks of the answers after it is its prior (Zhao et al. 2021, arXiv 2102.09690). Numbers stay, so
    that templates that compute with them still work, and lists keep their length; texts that a template joins are one
    text, and what it looks up by a text is one without content.

    Parameters
    ----------
    name
        Of the task.
    source
        Its template.
    """

    def __init__(self, name: str, source: str) -> None:
        self.name = name
        self.template = RowTemplate(source, ContentFreeEnvironment())

    def render(self, row: Mapping[str, Any], given: Mapping[str, str] | None = None) -> str:
        """Return the prompt of a row, and of texts that are given besides, without content.

        Raises
        ------
        UserError
            If the template cannot do without the content of its columns.
        """
        try:
            return self.template.render({column: _emptied(value) for column, value in row.items()}, given)
        except Exception as error:  # a template is a user's program and can raise anything
            raise UserError(
                f"task {self.name!r}: prompt: cannot be made with {CONTENT_FREE} in place of every text, which every"
                f" closed task needs for its prior (decide=prior_corrected): {reason(error)}; a template may print,"
                " join, trim and index its columns, and compute with those that are numbers"
            ) from error


def _emptied(value: Any) -> Any:
    """Return a value without its content."""
    if isinstance(value, str):
        return CONTENT_FREE
    if isinstance(value, dict):
        return {key: _emptied(part) for key, part in value.items()}
    return [_emptied(part) for part in value] if isinstance(value, list | tuple) else value
