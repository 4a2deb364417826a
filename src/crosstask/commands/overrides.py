"""The command line, checked before anything heavy is imported; a user error is reported in one line, with status 1.

Hydra accepts some errors silently: ``+lora.rnak=4`` adds a key that nothing reads, and a glob over a
misspelt group launches no jobs and succeeds. Here each override is first checked against the schema, the groups and
their options.
"""

import dataclasses
import math
import re
import typing
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Glob, Override
from hydra.errors import HydraException
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from crosstask.commands.override_values import count, members
from crosstask.commands.quoting import with_quotes
from crosstask.config.groups import group_options
from crosstask.config.literal_text import deactivated
from crosstask.config.meanings import inner_type
from crosstask.config.places import CHECKS, check_place
from crosstask.config.renamed import RENAMED
from crosstask.config.task import Role
from crosstask.config.variant import VARIANT
from crosstask.errors import UserError, hint, printable, quoted
from crosstask.limits import check_limit

MOST_JOBS = 100_000
"""In one sweep, each of which is planned before the first is run."""
_OF_A_TASK = re.compile(rf"\+*({'|'.join(Role)})[./]")
"""How an override of a task's field begins."""


def one_line(error: Exception) -> str:
    """Return an error's message in one line; the cause's, where Hydra hides the point in it."""
    lines = [line.strip() for line in str(error).splitlines()]
    if isinstance(error, HydraException) and isinstance(error.__cause__, OmegaConfBaseException):
        lines = [line.strip() for line in str(error.__cause__).splitlines()]
    kept = [line for line in lines if line and not line.startswith(("object_type=", "reference_type=", "Set the"))]
    return printable("; ".join(kept))


def with_literal_tasks(arguments: Iterable[str]) -> list[str]:
    r"""Return the arguments of a command such that Hydra takes the texts of tasks as they stand.

    Examples
    --------
    >>> print(*with_literal_tasks(["target.imdb.prompt=costs ${ x", "data.train_seed=${seed}"]), sep="\n")
    target.imdb.prompt=costs \${ x
    data.train_seed=${seed}
    """
    return [deactivated(text) if _OF_A_TASK.match(text) else text for text in arguments]


def check_overrides(overrides: Iterable[str], schema: type) -> None:
    """Refuse overrides of keys, groups and options that do not exist.

    Raises
    ------
    UserError
        Naming the key or option, and what is allowed.
    """
    parsed = [_parsed(text) for text in overrides]
    jobs = math.prod(count(override) for override in parsed)
    if jobs > MOST_JOBS:  # before the values are looked at, one after the other
        largest = max(parsed, key=count)
        raise UserError(f"{quoted(largest.input_line)}: a sweep of {jobs} jobs; it may have at most {MOST_JOBS}")
    groups = group_options(schema)
    for override in parsed:
        key = override.key_or_group
        if key == "hydra" or key.startswith(("hydra.", "hydra/")):
            continue
        if key in groups:
            _check_group(override, groups[key])
        else:
            _check_key(override, schema, sorted(groups))


def _parsed(text: str) -> Override:
    """Return an override as Hydra reads it."""
    try:
        return OverridesParser.create().parse_override(text)
    except HydraException as error:
        if quoted_text := with_quotes(text):
            raise UserError(f"{text}: such a text stands in quotes of its own: {quoted_text}") from error
        raise UserError(f"{text}: not KEY=VALUE as Hydra reads it: {one_line(error)}") from error


def _check_group(override: Override, options: list[str]) -> None:
    """Refuse a choice that the group does not offer."""
    group = override.key_or_group
    if override.is_delete() or override.is_add() or override.package is not None:
        raise UserError(f"{override.input_line}: write {group}=OPTION with one of {', '.join(options)}")
    for choice in _choices(override, options):
        if choice not in options:
            raise UserError(
                f"{group}={choice if len(choice) < 60 else quoted(choice)}: no such option{hint(choice, options)};"
                f" {group} is one of {', '.join(options)}"
            )


def _choices(override: Override, options: list[str]) -> Iterator[str]:
    """Yield every option that an override of a group chooses, one by one for lists and sweeps."""
    value = override.value()
    if isinstance(value, Glob):
        names = value.filter(options)
        if not names:
            raise UserError(f"{override.input_line}: matches nothing; the options are {', '.join(options)}")
        yield from names
        return
    for member in members(override):
        chosen = member if isinstance(member, list) else [member]
        if not chosen:
            raise UserError(
                f"{override.input_line}: chooses nothing; {override.key_or_group} is one of {', '.join(options)}"
            )
        if len(chosen) > 1 and override.key_or_group == VARIANT:  # Hydra would take the last one
            names = ",".join(map(str, chosen))
            raise UserError(f"{override.input_line}: one at a time; with -m {VARIANT}={names} runs a job of each")
        for element in chosen:
            if isinstance(element, Glob):
                raise UserError(f"{override.input_line}: glob stands alone; it cannot be one of several choices")
            if element is None or isinstance(element, dict | list):
                raise UserError(
                    f"{override.input_line}: write {override.key_or_group}=OPTION with one of {', '.join(options)}"
                )
            yield str(element)


def _check_key(override: Override, schema: type, groups: list[str]) -> None:
    """Refuse a key that the schema lacks, and a value of the wrong type."""
    key = override.key_or_group
    names = key.replace("/", ".").split(".")
    _check_renamed(key, schema)
    annotation: Any = schema
    limits: Mapping[str, Any] = {}
    for depth, name in enumerate(names):
        annotation = inner_type(annotation)
        if typing.get_origin(annotation) is dict:
            annotation = typing.get_args(annotation)[1]
            continue
        if not dataclasses.is_dataclass(annotation):
            raise UserError(f"{key}: {'.'.join(names[:depth])} is a value and has no keys")
        hints = typing.get_type_hints(annotation)
        if name not in hints:
            allowed = sorted({*hints, *groups} if depth == 0 else hints)
            raise UserError(
                f"{key or override.input_line}: no such key{hint(name, allowed)}; allowed are {', '.join(allowed)}"
            )
        limits = next(field.metadata for field in dataclasses.fields(annotation) if field.name == name)
        annotation = hints[name]
    if override.is_delete() or (override.is_add() and not override.is_force_add()):
        raise UserError(f"{override.input_line}: {key} is part of the config; write {key}=VALUE")
    if isinstance(override.value(), Glob):
        raise UserError(f"{override.input_line}: glob is for config groups: {', '.join(groups)}")
    if names[0] not in tuple(Role):
        _check_value(override, schema, limits)


def _check_renamed(key: str, schema: type) -> None:
    """Refuse the old name of a key that the schema has under another one."""
    new = RENAMED.get(key)
    if new is not None and new.partition(".")[0] in typing.get_type_hints(schema):
        raise UserError(f"{key} is now {new}; write {new}=VALUE")


def _check_value(override: Override, schema: type, limits: Mapping[str, Any]) -> None:
    """Refuse a value, or a member of a sweep, that the schema's type or limit does not take."""
    key = override.key_or_group.replace("/", ".")
    for plain in _resolved(override):
        config = OmegaConf.structured(schema)
        check_limit(key, plain if isinstance(plain, list) else None, {})  # OmegaConf takes any list for one of texts
        try:
            OmegaConf.update(config, key, plain)
        except OverflowError as error:
            raise UserError(f"{key}={quoted(plain)}: must be finite") from error
        except OmegaConfBaseException as error:
            raise UserError(f"{key}: {str(error).splitlines()[0]}") from error
        taken = OmegaConf.select(config, key)
        check_limit(key, OmegaConf.to_container(taken) if OmegaConf.is_config(taken) else taken, limits)


def _resolved(override: Override) -> Iterator[Any]:
    """Yield the value of an override of a key, or each member of a sweep, but for what has yet to be resolved."""
    yield from (value for value in members(override) if not (isinstance(value, str) and "${" in value))


def check_places(overrides: Iterable[str], schema: type) -> None:
    """Refuse files and folders that are not there, and an output that cannot be made, which Hydra makes first.

    The overrides have passed `check_overrides`.

    Raises
    ------
    UserError
        Naming the key, its value and what is allowed.
    """
    given = set()
    for override in OverridesParser.create().parse_overrides(list(overrides)):
        key = override.key_or_group.replace("/", ".")
        for value in _resolved(override) if key in CHECKS else ():
            check_place(key, value)
        given.add(key)
    for field in dataclasses.fields(schema):
        if field.name == "output" and field.name not in given:
            check_place(field.name, str(field.default))
