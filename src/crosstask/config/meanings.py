"""What every key of a schema is: its type, its limits and its meaning, read from the schema's own source.

A meaning is the docstring under a dataclass field, which Python does not keep; a field without one has that of its
enumeration. So help and documentation say what the code says.
"""

import ast
import dataclasses
import inspect
import sys
import types
import typing
from collections.abc import Iterator, Mapping
from enum import Enum
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from crosstask.limits import BELOW, LIMIT

_TYPES = {int: "integer", float: "number", bool: "true or false", str: "text", Any: "null or a mapping"}


@dataclasses.dataclass(frozen=True)
class Key:
    """One key that a user can set."""

    name: str
    """With dots, as on the command line; NAME stands for any task."""
    type: str
    """Its type and limits in words, e.g. ``integer or null, at least 1``."""
    default: Any
    """Of the schema; a file in ``conf/`` may have another. ``???`` where it has to be given."""
    meaning: str
    """Code in it is marked as in a docstring."""
    choices: Mapping[str, str]
    """Values of an enumeration, with the meaning of those that have one."""


def keys(schema: type, prefix: str = "") -> Iterator[Key]:
    """Yield the keys of a dataclass in order, those of the dataclasses in it included.

    Parameters
    ----------
    schema
        A dataclass.
    prefix
        Put before each name.

    Examples
    --------
    >>> from crosstask.config.training import Optimizer
    >>> [(key.name, key.type) for key in keys(Optimizer, "optimizer.")][:2]
    [('optimizer.learning_rate', 'number, at least 0'), ('optimizer.warmup_steps', 'integer, at least 0')]
    """
    hints, documented = typing.get_type_hints(schema), docstrings(schema)
    for field in dataclasses.fields(schema):
        annotation, name = hints[field.name], prefix + field.name
        inner = inner_type(annotation)
        if typing.get_origin(inner) is dict and dataclasses.is_dataclass(inner_type(typing.get_args(inner)[1])):
            inner, name = inner_type(typing.get_args(inner)[1]), f"{name}.NAME"
        if dataclasses.is_dataclass(inner):
            yield from keys(typing.cast(type, inner), f"{name}.")
            continue
        default = field.default if field.default_factory is dataclasses.MISSING else field.default_factory()
        meaning = documented.get(field.name) or own_docstring(_member(inner))
        yield Key(name, _in_words(annotation) + _limits(field.metadata), default, meaning, _choices(inner))


def inner_type(annotation: Any) -> Any:
    """Return X of ``X | None``, else the annotation itself."""
    if isinstance(annotation, types.UnionType):
        return next(part for part in typing.get_args(annotation) if part is not type(None))
    return annotation


def own_docstring(schema: type) -> str:
    """Return the docstring of a dataclass or enumeration by paragraph; nothing for a type of Python's."""
    return _paragraphs(schema.__doc__ or "") if dataclasses.is_dataclass(schema) or issubclass(schema, Enum) else ""


@cache
def docstrings(schema: type) -> dict[str, str]:
    """Return the docstrings under the fields of a dataclass, or under the members of an enumeration, by name.

    Those of base classes are included. A class that was made at run time has no source, and none of its own.
    """
    found: dict[str, str] = {}
    for part in reversed(schema.__mro__):
        body = _classes(part.__module__).get(part.__name__, [])
        for statement, below in pairwise(body):
            if isinstance(statement, ast.AnnAssign | ast.Assign) and isinstance(below, ast.Expr):
                target = statement.target if isinstance(statement, ast.AnnAssign) else statement.targets[0]
                if isinstance(target, ast.Name) and isinstance(below.value, ast.Constant):
                    found[target.id] = _paragraphs(str(below.value.value))
    return found


@cache
def _classes(module: str) -> dict[str, list[ast.stmt]]:
    """Return the bodies of a module's classes by name; nothing for a module of Python's."""
    if module.partition(".")[0] in sys.stdlib_module_names:
        return {}
    tree = ast.parse(Path(str(sys.modules[module].__file__)).read_text(encoding="utf-8"))
    return {node.name: node.body for node in tree.body if isinstance(node, ast.ClassDef)}


def _paragraphs(text: str) -> str:
    """Return a docstring without indentation and without line breaks in a paragraph."""
    return "\n".join(" ".join(part.split()) for part in inspect.cleandoc(text).split("\n\n"))


def _member(annotation: Any) -> type:
    """Return X of ``list[X]``, else the type itself."""
    return typing.get_args(annotation)[0] if typing.get_origin(annotation) is list else annotation


def _choices(annotation: Any) -> dict[str, str]:
    """Return the values of an enumeration, or of a list of them; none for another type."""
    member = _member(annotation)
    if not issubclass(member, Enum):
        return {}
    documented = docstrings(member)
    return {str(value.value): documented.get(value.name, "") for value in member}


def _in_words(annotation: Any) -> str:
    """Return a type as a user would say it."""
    inner = inner_type(annotation)
    if inner is not annotation:
        return f"{_in_words(inner)}{', or' if _choices(inner) else ' or'} null"
    if typing.get_origin(inner) is list:
        return f"list of {_in_words(typing.get_args(inner)[0])}"
    *others, last = _choices(inner) or [_TYPES.get(inner, str(inner))]
    return f"{', '.join(others)} or {last}" if others else last


def _limits(metadata: Mapping[str, Any]) -> str:
    """Return what limits a field has, in words."""
    text = f", at least {metadata[LIMIT]}" if LIMIT in metadata else ""
    return text + (f", below {metadata[BELOW]}" if metadata.get(BELOW, float("inf")) < float("inf") else "")
