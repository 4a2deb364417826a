"""The rows of a data set that a task uses."""

from jinja2 import TemplateError

from crosstask.config.task import DataSet
from crosstask.data.row_expressions import RowExpression
from crosstask.data.row_templates import RowEnvironment
from crosstask.data.row_values import reason
from crosstask.data.split import Rows
from crosstask.errors import UserError


def filtered(rows: Rows, dataset: DataSet, split: str) -> Rows:
    """Return the rows for which the data set's filter is true.

    Raises
    ------
    UserError
        If there are none, or the filter is neither true nor false for a row.
    """
    source = str(dataset.filter)
    try:
        condition = RowExpression(source, RowEnvironment())
    except TemplateError as error:
        raise UserError(f"data set {dataset.name!r}: filter: {error}") from error
    numbers = []
    for number in range(len(rows)):
        try:
            if condition.holds(rows[number]):
                numbers.append(number)
        except Exception as error:  # an expression is a user's program and can raise anything
            raise UserError(f"data set {dataset.name!r}: {rows.place(number)}: filter: {reason(error)}") from error
    if not numbers:
        raise UserError(
            f"data set {dataset.name!r}: of {len(rows)} {split} rows none fulfills the filter {source!r}; the first has"
            f" the columns {', '.join(rows[0])}"
        )
    return rows.some(numbers)
