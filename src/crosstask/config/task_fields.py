"""The fields of a task file, and what is wrong with those of a file."""

import dataclasses
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, cast

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from crosstask.config.literal_text import escaped
from crosstask.config.task import AnswerExtraction, CodeExecution, DataSet, Task

FIELDS = tuple(field.name for field in dataclasses.fields(Task))
"""Their names, in order."""
INNER = {"dataset": DataSet, "extraction": AnswerExtraction, "execution": CodeExecution}
"""Those that have keys of their own."""


@lru_cache
def task_schema() -> DictConfig:
    """Return the schema of a task file, which takes a while to make."""
    return OmegaConf.structured(Task)


def task_of(content: Mapping[str, Any]) -> Task:
    """Return a task by its fields, which have the right types and none that is missing."""
    return cast(Task, OmegaConf.to_object(OmegaConf.merge(task_schema(), content)))


def field_mistakes(content: Mapping[str, Any]) -> dict[str, str]:
    """Return by key what is wrong with the fields of a task file: there is no such field, or its type is another."""
    unknown = {key: f"no field {key!r}; a task has {', '.join(FIELDS)}" for key in content if key not in FIELDS}
    known = {key: value for key, value in content.items() if key not in unknown}
    if _wrong_type(known) is None:  # as nearly always, and faster than one by one
        return unknown
    wrong = {key: _wrong_type({key: value}) for key, value in known.items()}
    return unknown | {key: mistake for key, mistake in wrong.items() if mistake}


def _wrong_type(fields: dict[str, Any]) -> str | None:
    """Return what is wrong with the first value that is not of its field's type."""
    try:
        merged = OmegaConf.merge(task_schema(), escaped(fields))
        if "${" in str(fields):  # whose type OmegaConf looks at when it is read
            OmegaConf.to_container(merged, resolve=True)
    except OmegaConfBaseException as error:
        inner = INNER.get(str(error.full_key).partition(".")[0])
        allowed = f"; {', '.join(field.name for field in dataclasses.fields(inner))} are its keys" if inner else ""
        return f"{error.full_key or ', '.join(fields)}: {str(error).splitlines()[0]}{allowed}"
    return None
