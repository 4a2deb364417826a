"""The manual of the configuration, written from the schemas and from ``conf/``.

python -m crosstask.commands.configuration     writes docs/configuration.md
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from crosstask.commands.default_values import default_options, default_value, written
from crosstask.commands.help import UNSAID
from crosstask.commands.markdown import cell, table
from crosstask.commands.schemas import SCHEMAS
from crosstask.config import task_files
from crosstask.config.groups import group_meaning, group_options, option_meaning
from crosstask.config.meanings import Key, keys
from crosstask.config.renamed import RENAMED
from crosstask.config.task import Role, Task

PATH = task_files.CONF.parent / "docs" / "configuration.md"
TITLES = {"train": "train.py and evaluate.py", "analyze": "analyze.py", "status": "status.py"}
HEAD = """\
# Configuration

<!-- Written by `make docs` from src/crosstask/config/ and conf/; edit those. -->

A key on the command line is a path in `conf/`: `lora.rank=16` sets one key, `lora=dora` takes a file of `conf/lora/`.
An unknown key, option or list member is an error that names what is allowed. `python train.py --help` lists groups and
keys in the terminal, `python train.py --help lora` those of one group; `-m` runs one job for each member of a list
(`seed=0,1,2`, `'source=glob(*)'`). Defaults are those without other options or keys.
"""


def manual() -> str:
    """Return the whole text."""
    parts = [HEAD, *(part for script, schema in SCHEMAS.items() for part in _script(script, schema))]
    parts += [
        "## Task files\n",
        "Every file of `conf/task/` has these keys, and `extends: TASK` to start from another.",
    ]
    parts += ["", *_key_table(keys(Task), lambda key: written(key.default))]
    if RENAMED:
        parts += ["", "## Renamed keys", "", *table("was | is", (f"`{a}` | `{b}`" for a, b in RENAMED.items()))]
    return "\n".join(parts) + "\n"


def _script(script: str, schema: type) -> Iterator[str]:
    """Yield the chapter of a script: its groups, its own keys, then group by group."""
    yield f"## {TITLES[script]}\n"
    groups = group_options(schema)
    if groups:
        yield from table("group | default | other options | meaning", _groups(script, schema))
        yield ""
    own = [key for key in keys(schema) if key.name.partition(".")[0] not in groups]
    yield from _key_table(own, partial(default_value, script, schema))
    yield ""
    for group in groups:
        if group not in tuple(Role):  # tasks have a chapter of their own
            yield from _group(script, schema, group)


def _groups(script: str, schema: type) -> Iterator[str]:
    """Yield one line of a table for each group."""
    defaults = default_options(script, schema)
    for group, options in group_options(schema).items():
        default = defaults.get(group)
        others = ", ".join(f"`{name}`" for name in options if name != default)
        chosen = "" if default is None else f"`{default}`"
        yield f"`{group}` | {chosen} | {others} | {cell(group_meaning(group, schema))}"


def _group(script: str, schema: type, group: str) -> Iterator[str]:
    """Yield the section of one group: its options, then its keys."""
    yield f"### {group}\n"
    yield f"{group_meaning(group, schema)}\n"
    options = group_options(schema)[group]
    if options != [UNSAID] or option_meaning(group, UNSAID):
        yield from table("option | meaning", (f"`{group}={name}` | {_option(group, name)}" for name in options))
        yield ""
    inside = [key for key in keys(schema) if key.name.startswith(f"{group}.")]
    if inside:
        yield from _key_table(inside, partial(default_value, script, schema))
        yield ""


def _option(group: str, option: str) -> str:
    """Return what the head of an option's file says, in a cell of a table; examples are code."""
    return cell(
        " ".join(f"`{line.strip()}`" if line.startswith(" ") else line for line in option_meaning(group, option))
    )


def _key_table(found: Iterable[Key], default_of: Callable[[Key], str | None]) -> Iterator[str]:
    """Yield a table of keys with their default, type and meaning."""
    lines = []
    for key in found:
        default = default_of(key)
        choices = [f"``{value}``: {meaning}" for value, meaning in key.choices.items() if meaning]
        meaning = cell(" ".join([key.meaning, *choices]))
        lines.append(f"`{key.name}` | {'' if default is None else f'`{default}`'} | {key.type} | {meaning}")
    yield from table("key | default | type | meaning", lines)


if __name__ == "__main__":
    task_files.register(SCHEMAS)
    PATH.write_text(manual(), encoding="utf-8")
