"""The config groups of a script: folders of ``conf/`` whose files are the options of one key.

A group fills the field of its own name, but for two that set fields of several groups at once; a suite does both.
"""

import dataclasses
import typing
from functools import lru_cache
from pathlib import Path

from crosstask.config import task_files
from crosstask.config.job import BASE, TrainConfig
from crosstask.config.meanings import docstrings, own_docstring
from crosstask.config.task import Role

ACROSS = {
    "launcher": "How the jobs of a sweep (-m) run.",
    "experiment": "A recipe that sets keys of several groups; none by default.",
}
"""Groups that set fields of several others, with their meaning."""


def group_options(schema: type) -> dict[str, list[str]]:
    """Return the options of every group that a script with this schema has, in order of the schema's fields."""
    names = [field.name for field in dataclasses.fields(schema)]
    names += list(ACROSS) if schema is TrainConfig else []
    options = {name: options_of(name) for name in names}
    return {name: found for name, found in options.items() if found}


def options_of(group: str) -> list[str]:
    """Return the options of a group, sorted; none for a name that is no group."""
    if group in tuple(Role):
        return task_files.options(Role(group))
    return sorted(path.stem for path in (task_files.CONF / group).glob("*.yaml"))


def group_meaning(group: str, schema: type) -> str:
    """Return what a group is for: the docstring of its field, else that of the field's dataclass."""
    if group in ACROSS:
        return ACROSS[group]
    return docstrings(schema).get(group) or own_docstring(typing.get_type_hints(schema)[group])


def option_file(group: str, option: str) -> Path:
    """Return the file of an option."""
    return task_files.CONF / ("task" if group in tuple(Role) else group) / f"{option}.yaml"


@lru_cache
def option_meaning(group: str, option: str) -> list[str]:
    """Return the comment at the head of an option's file by line; a line that is indented is an example."""
    if option == BASE:
        return ["No fine-tuning: the model as it is."]
    lines = []
    for line in option_file(group, option).read_text(encoding="utf-8", errors="replace").splitlines():
        if not line.startswith("#"):
            break
        if not line.startswith("# @package"):
            lines.append(line.removeprefix("#").removeprefix(" ").rstrip())
    return lines
