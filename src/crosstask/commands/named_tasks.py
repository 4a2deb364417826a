"""The tasks that every job of a command uses, checked before Hydra composes the config, which takes longer."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Glob, Override
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from crosstask.commands.default_values import default_options
from crosstask.commands.override_values import members
from crosstask.config import task_files
from crosstask.config.job import TrainConfig
from crosstask.config.literal_text import escaped
from crosstask.config.task import Role
from crosstask.jobs.checked import check_tasks


def check_named_tasks(overrides: Iterable[str]) -> None:
    """Refuse mistakes in the tasks that every job of a command uses; the overrides have passed `check_overrides`.

    What only some jobs of a sweep use, or an experiment chooses, is checked with the config of each job.

    Raises
    ------
    UserError
        With all mistakes of all tasks.
    """
    parsed = OverridesParser.create().parse_overrides(list(overrides))
    check_tasks({role: {name: _content(role, name, parsed) for name in _names(role, parsed)} for role in Role})


def _names(role: Role, parsed: Iterable[Override]) -> list[str]:
    """Return the tasks that every job has in a role, as far as the command line or the suite says."""
    chosen = {override.key_or_group: override for override in parsed}
    if role in chosen:
        return [str(name) for name in _only(chosen[role]) if name in task_files.task_files()]
    if role is Role.source or "experiment" in chosen:
        return []
    suites = _only(chosen["suite"]) if "suite" in chosen else [default_options("train", TrainConfig)["suite"]]
    return [name for suite in suites for name in _of_suite(str(suite))]


def _only(override: Override) -> list[Any]:
    """Return what an override chooses for every job; nothing where it is a sweep over several choices."""
    if isinstance(override.value(), Glob) or len(choices := members(override)) != 1:
        return []
    return choices[0] if isinstance(choices[0], list) else choices


def _of_suite(suite: str) -> Iterator[str]:
    """Yield the targets of a suite."""
    content: Any = OmegaConf.to_container(OmegaConf.load(task_files.CONF / "suite" / f"{suite}.yaml"))
    for entry in content.get("defaults", []):
        names = entry.get("/target", []) if isinstance(entry, dict) else []
        yield from [names] if isinstance(names, str) else names


def _content(role: Role, name: str, parsed: Iterable[Override]) -> Any:
    """Return the fields of a task, with those that the command line sets to one value."""
    content = OmegaConf.create(escaped(task_files.task_files()[name]))
    for override in parsed:
        key = override.key_or_group.replace("/", ".")
        if key.startswith(f"{role}.{name}.") and len(values := members(override)) == 1:
            with suppress(OmegaConfBaseException):  # a value of another type, which Hydra refuses
                OmegaConf.update(content, key.removeprefix(f"{role}.{name}."), values[0], merge=True)
    return OmegaConf.to_container(content)
