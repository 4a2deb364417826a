"""The files of ``conf/task`` as options of the groups ``source`` (trained on) and ``target`` (scored on).

A task is described once, in its own file; its ``roles`` say in which of the two groups it appears.
"""

import dataclasses
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from hydra.core.config_store import ConfigStore
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from crosstask.config.job import BASE
from crosstask.config.task import Role, Task
from crosstask.errors import UserError

CONF = Path(__file__).resolve().parents[3] / "conf"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # in C, where PyYAML was built with it: ten times as fast


@lru_cache
def task_files(folder: Path = CONF / "task") -> dict[str, dict[str, Any]]:
    """Return the content of every task file by task name, with ``extends`` resolved.

    Raises
    ------
    UserError
        For a file that is not YAML, ``extends`` naming no task, an unknown field, and a value of the wrong type.
    """
    raw = {path.stem: _yaml(path) for path in sorted(folder.glob("*.yaml"))}
    tasks = {name: _extended(name, raw) for name in raw}
    for name, content in tasks.items():
        _check(name, content)
    return tasks


def _yaml(path: Path) -> dict[str, Any]:
    """Return a task file's mapping."""
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), _LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" line {mark.line + 1}:" if mark else ""
        raise UserError(f"conf/task/{path.name}:{line} not YAML: {getattr(error, 'problem', error)}") from error
    if not isinstance(content, dict):
        raise UserError(f"conf/task/{path.name}: a task file is a mapping with the keys prompt, answer, dataset, ...")
    return content


def _extended(name: str, raw: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return a task on top of the task that it extends."""
    own = dict(raw[name])
    parent = own.pop("extends", None)
    if parent is None:
        return own
    if parent not in raw or parent == name or "extends" in raw[parent]:
        plain = sorted(other for other, content in raw.items() if "extends" not in content)
        raise UserError(f"conf/task/{name}.yaml: extends: {parent!r} is not one of {', '.join(plain)}")
    return {**raw[parent], **own}


def _check(name: str, content: dict[str, Any]) -> None:
    """Refuse fields that a task does not have, and values of the wrong type; what is missing shows when it is used."""
    fields = [field.name for field in dataclasses.fields(Task)]
    for key in content:
        if key not in fields:
            raise UserError(f"conf/task/{name}.yaml: no field {key!r}; a task has {', '.join(fields)}")
    try:
        OmegaConf.merge(_schema(), content)
    except OmegaConfBaseException as error:
        raise UserError(f"conf/task/{name}.yaml: {error.full_key}: {str(error).splitlines()[0]}") from error


@lru_cache
def _schema() -> DictConfig:
    """Return the schema of a task file, which takes a while to make."""
    return OmegaConf.structured(Task)


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
    store = ConfigStore.instance()
    for name, schema in schemas.items():
        store.store(name=f"{name}_schema", node=schema)
    for role in Role:
        for name in options(role):
            content = None if name == BASE else task_files()[name]
            store.store(group=role.value, name=name, node={name: content})
