"""The values that the keys of a script have without overrides, composed by Hydra from ``conf/``."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, cast

from hydra import compose, initialize_config_dir
from omegaconf import MISSING, OmegaConf

from crosstask.config import task_files
from crosstask.config.groups import group_options
from crosstask.config.meanings import Key
from crosstask.config.suites import suite_file
from crosstask.config.task import Role


@lru_cache
def default_options(script: str, schema: type) -> dict[str, str]:
    """Return the option of every group of a script that is chosen by default; groups without one are left out."""
    chosen: dict[str, str] = {}
    content = OmegaConf.to_container(OmegaConf.load(task_files.CONF / f"{script}.yaml"), resolve=False)
    for entry in cast(dict[str, Any], content)["defaults"]:
        if isinstance(entry, str) and (task_files.CONF / f"{entry}.yaml").exists():  # another script's
            chosen |= default_options(entry, schema)
        elif not isinstance(entry, str):
            chosen |= {str(group): option for group, option in entry.items() if option is not None}
    return {group: chosen[group] for group in group_options(schema) if group in chosen}


@lru_cache
def _composed(script: str, schema: type) -> Any:
    """Return the config of a script without overrides, as plain values; tasks are left out, which take long."""
    defaults = default_options(script, schema)
    left_out = [f"~{group}" for group in ("suite", *Role) if group in defaults]
    with initialize_config_dir(str(task_files.CONF), version_base="1.3"):
        whole: Any = OmegaConf.to_container(compose(script, left_out), enum_to_str=True, throw_on_missing=False)
    if "suite" in defaults:  # whose file names its targets as well
        whole["suite"] = {"sources": list(suite_file(defaults["suite"]).sources)}
    return whole


def default_value(script: str, schema: type, key: Key) -> str | None:
    """Return what a key has without overrides, as it is written on the command line; None where it has to be given."""
    value = _composed(script, schema)
    for name in key.name.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return written(key.default if value is None else value)


def written(value: Any) -> str | None:
    """Return a value as it is written on the command line; None for one that has to be given.

    Examples
    --------
    >>> written(None), written(True), written([1, "a"]), written({"goat": "sums"}), written("")
    ('null', 'true', '[1, a]', '{goat: sums}', "''")
    """
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(str(written(part)) for part in value)}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{name}: {written(part)}' for name, part in value.items())}}}"
    return None if value == MISSING else str(value) or "''"
