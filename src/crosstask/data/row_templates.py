"""The language of templates: Jinja in a sandbox, in which no value of a row becomes text or a label by accident."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from jinja2 import StrictUndefined, Template, Undefined, UndefinedError, nodes, pass_environment, pass_eval_context
from jinja2.filters import do_default, do_join
from jinja2.meta import find_undeclared_variables
from jinja2.nodes import EvalContext
from jinja2.sandbox import SandboxedEnvironment
from jinja2.visitor import NodeTransformer

from crosstask.data.row_values import (
    CONTENT_FREE,
    Fields,
    IncompleteRow,
    Items,
    NoText,
    Null,
    as_json,
    guarded,
    printed,
)
from crosstask.errors import quoted

ROW = "row"
"""The name of a whole row, for columns whose names are none in Jinja: ``row['Review Text']``."""


class RowEnvironment(SandboxedEnvironment):
    """Jinja for rows: a null, a list or a dictionary is no text, and no index from the data counts from the end."""

    def __init__(self) -> None:
        super().__init__(undefined=StrictUndefined, keep_trailing_newline=True, finalize=printed)
        self.tests["none"] = _is_none
        self.filters |= {"default": _default, "d": _default, "from_end": _from_end, "position": _position}
        self.policies["json.dumps_kwargs"] = {"sort_keys": True, "default": as_json}

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Return an element or a field.

        Raises
        ------
        IncompleteRow
            For a negative index, which data sets write where a row has no label.
        """
        if isinstance(argument, Undefined):
            str(argument)  # which says what is undefined
        if isinstance(argument, int) and argument < 0 and isinstance(obj, Sequence):
            raise IncompleteRow(f"index {argument}; a row without a label often has -1")
        return super().getitem(obj, argument)


class ContentFreeEnvironment(RowEnvironment):
    """Jinja for a row without content: pieces that are joined are one text, which stands once.

    What a text is looked up for, ``{'de': 'German'}[language]``, is a text without content too.
    """

    def __init__(self) -> None:
        super().__init__()
        self.filters["join"] = _joined_once

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Return an element or a field; of a dictionary without that of no content, no content."""
        if isinstance(obj, dict) and isinstance(argument, str) and argument == CONTENT_FREE and argument not in obj:
            return CONTENT_FREE
        return super().getitem(obj, argument)


class _WrittenEnds(NodeTransformer):
    """Marks an index that the template itself writes with a minus, ``lines[-1]``: it means the last element."""

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Node:
        """Return the node, or a filter in its place."""
        self.generic_visit(node)
        if isinstance(node.arg, nodes.Neg) and isinstance(node.arg.node, nodes.Const):
            return nodes.Filter(node.node, "from_end", [node.arg.node], [], None, None, lineno=node.lineno)
        return node


class RowTemplate:
    """A compiled template over the columns of a row.

    Parameters
    ----------
    source
        Its text.
    environment
        Its language.

    Raises
    ------
    jinja2.TemplateError
        If the text is no template.
    """

    def __init__(self, source: str, environment: RowEnvironment) -> None:
        tree = _WrittenEnds().visit(environment.parse(source))
        self.columns = frozenset(find_undeclared_variables(tree))
        """The names in it that are columns, or that nothing has."""
        self._template: Template = environment.from_string(tree)

    def render(self, row: Mapping[str, Any], given: Mapping[str, str] | None = None) -> str:
        """Return the template filled with a row, and with texts that are given besides, whatever the row calls so.

        Raises
        ------
        IncompleteRow
            If the row has not all that the template takes from it.
        Exception
            Any other: a template is a user's program.
        """
        used = {name: guarded(row[name], name) for name in self.columns & row.keys()}
        if ROW in self.columns - row.keys():
            used[ROW] = Fields(ROW, dict(row))
        try:
            return self._template.render({**used, **(given or {})})
        except UndefinedError as error:
            message = str(error.message).replace(f"{Items.__module__}.Items", "list")
            message = message.replace(f"{Fields.__module__}.Fields", "dict")
            raise IncompleteRow(f"{message}; columns are {', '.join(map(quoted, row))}") from error


def _is_none(value: Any) -> bool:
    """Tell whether a value is null."""
    return value is None or isinstance(value, Null)


def _default(value: Any, default_value: Any = "", boolean: bool = False) -> Any:
    """Return the default for what is undefined, and if ``boolean`` for what is null, false or empty too."""
    if isinstance(value, Null):
        return default_value if boolean else value
    return do_default(value, default_value, boolean)


def _position(value: Any, items: Any) -> int:
    """Return where in a list a value stands, counted from 0; a row without it is incomplete."""
    if isinstance(items, Undefined) or not isinstance(items, Sequence) or isinstance(items, str):
        raise NoText(f"position looks in a list, and {items!s:.40} is none")
    if isinstance(value, Undefined | Null) or value not in items:
        raise IncompleteRow(f"{value!s:.40} is not one of {', '.join(map(str, items))}")
    return items.index(value)


@pass_environment
def _from_end(environment: RowEnvironment, value: Any, place: int) -> Any:
    """Return the last element for 1, the one before it for 2."""
    return SandboxedEnvironment.getitem(environment, value, -place)


@pass_eval_context
def _joined_once(context: EvalContext, value: Iterable[Any], d: str = "", attribute: str | int | None = None) -> str:
    """Return the first of several texts without content."""
    return do_join(context, list(value)[:1], d, attribute)
