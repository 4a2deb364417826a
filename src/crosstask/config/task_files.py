"""The files of ``conf/task`` as options of the groups ``source`` (trained on) and ``target`` (scored on).

A task is described once, in its own file; its ``roles`` say in which of the two groups it appears. A file with mistakes
stops only what uses it: what is right in it is an option as any other, and its mistakes are an error once it is chosen.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from hydra.core.config_store import ConfigStore

from crosstask.config.job import BASE
from crosstask.config.literal_text import escaped
from crosstask.config.task import DataSet, Role
from crosstask.config.task_fields import field_mistakes
from crosstask.config.task_yaml import read_task_yaml
from crosstask.errors import UserError

CONF = Path(__file__).resolve().parents[3] / "conf"


@dataclass(frozen=True)
class TaskFile:
    """A task file as far as it can be read."""

    content: dict[str, Any]
    """Its fields that have a value of the right type, with ``extends`` resolved."""
    mistakes: tuple[str, ...] = ()
    """What is wrong with it; what is missing shows when it is used."""
    wrong: frozenset[str] = frozenset()
    """The fields that have no value because theirs is wrong."""
    is_mapping: bool = True
    """Whether there are fields at all."""


def task_files(folder: Path | None = None) -> dict[str, dict[str, Any]]:
    """Return the fields of every task file by task name, with ``extends`` resolved; what is wrong is left out.

    ``folder`` is ``conf/task`` by default.
    """
    return {name: file.content for name, file in _read_folder(folder or CONF / "task").items()}


def scored_data_sets() -> list[DataSet]:
    """Return the data sets of the tasks in ``conf/task`` that are scored on, each selection of rows once."""
    every = [content for content in task_files().values() if Role.target in content.get("roles", Role)]
    found = [DataSet(**content["dataset"]) for content in every if content.get("dataset")]
    return list({data_set.selection: data_set for data_set in found}.values())


def task_file(name: str) -> TaskFile:
    """Return the file of a task; one without fields and mistakes if it has none."""
    return _read_folder(CONF / "task").get(name, TaskFile({}))


@lru_cache
def _read_folder(folder: Path) -> dict[str, TaskFile]:
    """Return every task file by task name."""
    read = {path.stem: _read(path) for path in sorted(folder.glob("*.yaml"))}
    return {name: _extended(name, read) for name in read}


def _read(path: Path) -> TaskFile:
    """Return a task file by itself."""
    content, mistakes = read_task_yaml(path)
    if content is None:
        return TaskFile({}, tuple(mistakes), is_mapping=False)
    parent = {"extends": content["extends"]} if content.get("extends") is not None else {}
    content = {key: value for key, value in content.items() if key != "extends"}
    wrong = field_mistakes(content)
    right = {key: value for key, value in content.items() if key not in wrong}
    return TaskFile(parent | right, (*mistakes, *wrong.values()), frozenset(wrong))


def _extended(name: str, read: Mapping[str, TaskFile]) -> TaskFile:
    """Return a task file on top of the one that it extends, whose mistakes it shares."""
    own = dict(read[name].content)
    parent = own.pop("extends", None)
    if parent is None:
        return read[name]
    plain = [other for other, file in read.items() if file.is_mapping and "extends" not in file.content]
    if parent not in plain:
        mistake = f"extends: {parent!r} is not one of {', '.join(plain)}"
        return replace(read[name], content=own, mistakes=(*read[name].mistakes, mistake))
    inherited = read[parent]
    shared = (f"extends {parent}: {mistake}" for mistake in inherited.mistakes)
    wrong = read[name].wrong | inherited.wrong - own.keys()
    return TaskFile({**inherited.content, **own}, (*read[name].mistakes, *shared), wrong)


def options(role: Role) -> list[str]:
    """Return the names that the group ``source`` or ``target`` offers, sorted."""
    names = [name for name, task in task_files().items() if role in task.get("roles", list(Role))]
    return sorted([*names, BASE] if role is Role.source else names)


def register(schemas: Mapping[str, type]) -> None:
    """Make the schemas, and the groups ``source`` and ``target``, known to Hydra.

    Parameters
    ----------
    schemas
        Name of an entry script -> the dataclass of its config.
    """
    if BASE in task_files():
        raise UserError(f"conf/task/{BASE}.yaml: {BASE} is the model without fine-tuning; a task needs another name")
    store = ConfigStore.instance()
    for name, schema in schemas.items():
        store.store(name=f"{name}_schema", node=schema)
    for role in Role:
        for name in options(role):
            content = None if name == BASE else escaped(task_files()[name])
            store.store(group=role.value, name=name, node={name: content})
