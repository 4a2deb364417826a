"""Expressions over the columns of a row: lists of options or of answers, and the condition that a row is used."""

import json
from collections.abc import Mapping
from typing import Any

from crosstask.data.row_templates import RowEnvironment, RowTemplate
from crosstask.data.row_values import IncompleteRow, WrongValue


class RowExpression:
    """A compiled Jinja expression over the columns of a row.

    Parameters
    ----------
    source
        Its text, without braces.
    environment
        Its language, in which what a row lacks makes it incomplete.

    Raises
    ------
    jinja2.TemplateError
        If the text is no expression.
    """

    def __init__(self, source: str, environment: RowEnvironment) -> None:
        environment.compile_expression(source)  # or something that closes the braces would pass for one
        self._template = RowTemplate(f"{{{{ ({source}) | tojson }}}}", environment)
        self.columns = self._template.columns

    def value(self, row: Mapping[str, Any]) -> Any:
        """Return its value for a row, as JSON can hold it.

        Raises
        ------
        IncompleteRow
            If the row has not all that the expression takes from it, or the value is null.
        """
        found = json.loads(self._template.render(row))
        if found is None:
            raise IncompleteRow("it is null")
        return found

    def texts(self, row: Mapping[str, Any]) -> tuple[str, ...]:
        """Return its value for a row, a list of texts; numbers are printed.

        Raises
        ------
        IncompleteRow
            As `value`; also for a null or an empty text in the list.
        WrongValue
            If it is no list, or holds something else than texts and numbers.
        """
        found = self.value(row)
        if not isinstance(found, list):
            raise WrongValue(f"is {found!r:.60}, and must be a list of texts")
        for place, part in enumerate(found):
            if part is None or (isinstance(part, str) and not part.strip()):
                raise IncompleteRow(f"number {place} is {'null' if part is None else 'empty'}")
            if isinstance(part, bool | list | dict):
                raise WrongValue(f"number {place} is {part!r:.60}, and must be a text or a number")
        return tuple(map(str, found))

    def holds(self, row: Mapping[str, Any]) -> bool:
        """Return its value for a row, true or false; a row without what it takes from it is not used.

        Raises
        ------
        WrongValue
            If it is neither.
        """
        try:
            found = self.value(row)
        except IncompleteRow:
            return False
        if not isinstance(found, bool):
            raise WrongValue(f"is {found!r:.60}, and must be true or false")
        return found
