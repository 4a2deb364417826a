"""The tasks that every job of a command uses, checked before Hydra composes the config, which takes longer."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Glob, Override
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from crosstask.commands.default_values import default_options
from crosstask.commands.override_values import members
from crosstask.config import task_files
from crosstask.config.inputs import DataKind
from crosstask.config.job import TrainConfig
from crosstask.config.literal_text import escaped
from crosstask.config.suites import suite_file, suite_of_data
from crosstask.config.task import Role
from crosstask.jobs.checked import check_generated, check_tasks


def check_named_tasks(overrides: Iterable[str]) -> None:
    """Refuse mistakes in the tasks that every job of a command uses; the overrides have passed `check_overrides`.

    What only some jobs of a sweep use, or an experiment chooses, is checked with the config of each job.

    Raises
    ------
    UserError
        With all mistakes of all tasks; with all that the miniature has no data for, where data are the miniature's.
    """
    parsed = OverridesParser.create().parse_overrides(list(overrides))
    tasks = {str(role): {name: _content(role, name, parsed) for name in _names(role, parsed)} for role in Role}
    check_tasks(tasks)
    if _are_generated({override.key_or_group: override for override in parsed}):
        used = {name: content for named in tasks.values() for name, content in named.items()}
        used |= {name: _content(role, name, parsed) for role in Role for name in _swept(role, parsed)}
        check_generated({name: str((content.get("dataset") or {}).get("name")) for name, content in used.items()})


def _names(role: Role, parsed: Iterable[Override]) -> list[str]:
    """Return the tasks that every job has in a role, as far as the command line or the suite says."""
    chosen = {override.key_or_group: override for override in parsed}
    if role in chosen:
        return [str(name) for name in _only(chosen[role]) if name in task_files.task_files()]
    if role is Role.source or "experiment" in chosen:
        return []
    return [name for suite in _suites(chosen) for name in suite_file(suite).targets]


def _suites(chosen: Mapping[str, Override]) -> list[str]:
    """Return the suite that every job has: the one that is named, else that of the data."""
    if "suite" in chosen:
        return [str(name) for name in _only(chosen["suite"])]
    usual = default_options("train", TrainConfig)
    data = _only(chosen["data"]) if "data" in chosen else [usual["data"]]
    return [suite_of_data(str(name)) or usual["suite"] for name in data]


def _are_generated(chosen: Mapping[str, Override]) -> bool:
    """Tell whether the rows of every job are the miniature's."""
    data = _only(chosen["data"]) if "data" in chosen else [default_options("train", TrainConfig)["data"]]
    return data == [DataKind.miniature] and not {"experiment", "data.kind"} & chosen.keys()


def _swept(role: Role, parsed: Iterable[Override]) -> list[str]:
    """Return every task that the command line names in a role, those of single jobs of a sweep as well."""
    found = []
    for override in parsed:
        if override.key_or_group == role and not isinstance(override.value(), Glob):
            for member in members(override):
                found += member if isinstance(member, list) else [member]
    return [str(name) for name in found if name in task_files.task_files()]


def _only(override: Override) -> list[Any]:
    """Return what an override chooses for every job; nothing where it is a sweep over several choices."""
    if isinstance(override.value(), Glob) or len(choices := members(override)) != 1:
        return []
    return choices[0] if isinstance(choices[0], list) else choices


def _content(role: Role, name: str, parsed: Iterable[Override]) -> Any:
    """Return the fields of a task, with those that the command line sets to one value."""
    content = OmegaConf.create(escaped(task_files.task_files()[name]))
    for override in parsed:
        key = override.key_or_group.replace("/", ".")
        if key.startswith(f"{role}.{name}.") and len(values := members(override)) == 1:
            with suppress(OmegaConfBaseException):  # a value of another type, which Hydra refuses
                OmegaConf.update(content, key.removeprefix(f"{role}.{name}."), values[0], merge=True)
    return OmegaConf.to_container(content)
