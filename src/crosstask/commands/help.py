"""What ``--help`` prints: the groups and keys of a script on one screen, or the options and keys of one group."""

import textwrap
from collections.abc import Iterator

from crosstask.commands.default_values import default_options, default_value
from crosstask.config.groups import group_meaning, group_options, option_meaning
from crosstask.config.meanings import Key, keys
from crosstask.config.task import Role
from crosstask.errors import UserError, hint

WIDTH = 80
MARGIN = 20
"""Columns before the text of an entry."""
OPTION_LINES = {"variant": 1}
"""Lines of options of groups that have many, where not two."""
UNSAID = "default"
"""The option of a group that offers no choice."""
NOTES = "GROUP=OPTION takes a file of conf/GROUP/, KEY=VALUE sets one key."
SWEEP_NOTE = "With -m, a list a,b or 'glob(*)' makes one job of each of its members."
HYDRA_NOTE = "--cfg job prints the config that a command composes, --hydra-help the options of Hydra."


def overview(script: str, schema: type, description: str) -> str:
    """Return the groups and the top-level keys of a script, with what they are by default, on one screen.

    Parameters
    ----------
    script
        Name of the entry script, without suffix.
    schema
        Dataclass of its config.
    description
        Docstring of the script: what it does, and examples.
    """
    groups, defaults = group_options(schema), default_options(script, schema)
    lines = [description.strip()]
    if groups:
        lines += ["", f"Groups of keys; python {script}.py --help GROUP lists them"]
    for group, options in groups.items():
        default = defaults.get(group)
        others = ", ".join(name for name in options if name != default)
        name = group if default is None else f"{group}={default}"
        lines += _group(
            name, _first_sentence(group_meaning(group, schema)), others if default is None else f"or {others}"
        )
    lines += ["", "Keys"]
    for key in keys(schema):
        if key.name.partition(".")[0] not in groups:
            lines += _entry(f"{key.name}={default_value(script, schema, key)}", _first_sentence(key.meaning))
    notes = (NOTES, SWEEP_NOTE, HYDRA_NOTE) if "launcher" in groups else (NOTES, HYDRA_NOTE)
    return "\n".join([*lines, "", *_wrapped(" ".join(notes))])


def about(script: str, schema: type, topic: str) -> str:
    """Return the options of a group and its keys, or one key; each with its default, its type and its meaning.

    Raises
    ------
    UserError
        If the script has no such group or key.
    """
    groups = group_options(schema)
    name = topic.partition("=")[0].replace("/", ".")
    found = [key for key in keys(schema) if key.name == name or key.name.startswith(f"{name}.")]
    if not found and name not in groups:
        known = [*groups, *(key.name for key in keys(schema))]
        there = f"the groups are {', '.join(groups)}" if groups else f"the keys are {', '.join(known)}"
        raise UserError(f"--help {topic}: no such group or key{hint(name, known)}; {there}")
    lines: list[str] = []
    if name in groups:
        lines += [*_wrapped(f"{name}: {group_meaning(name, schema)}"), *_options(script, schema, name)]
    if name in tuple(Role):
        note = f"{name}.NAME.FIELD=VALUE sets a field of a task; --help {name}.NAME lists them."
        return "\n".join([*lines, "", *_wrapped(note)])
    for key in found:
        lines += ["", *_key(script, schema, key)]
    return "\n".join(lines).strip("\n")


def _options(script: str, schema: type, group: str) -> Iterator[str]:
    """Yield the options of a group, with what the heads of their files say; nothing where there is nothing to say."""
    options = group_options(schema)[group]
    if options == [UNSAID] and not option_meaning(group, UNSAID):
        return
    yield ""
    for option in options:
        default = " (default)" if default_options(script, schema).get(group) == option else ""
        yield f"{group}={option}{default}"
        for line in option_meaning(group, option):
            yield from _wrapped(line.strip(), indent=6 if line.startswith(" ") else 4)


def _key(script: str, schema: type, key: Key) -> Iterator[str]:
    """Yield one key, with its default, its type and its meaning."""
    default = default_value(script, schema, key)
    yield from _wrapped(key.name if default is None else f"{key.name}={default}")
    yield from _wrapped(f"{key.type}. {key.meaning}", indent=4)
    for value, meaning in key.choices.items():
        if meaning:
            yield from _wrapped(f"{value}: {meaning}", indent=6)


def _group(name: str, meaning: str, others: str) -> list[str]:
    """Return a group with its meaning and its other options: in one line where they fit, else below it, the first."""
    if others.removeprefix("or ") == "":
        return _entry(name, meaning)
    together = f"{_plain(meaning).removesuffix('.')} ({others})"
    if len(together) <= WIDTH - MARGIN:
        return _entry(name, together)
    return [*_entry(name, meaning), *_entry("", others, most=OPTION_LINES.get(name.partition("=")[0], 2))]


def _wrapped(text: str, indent: int = 0) -> list[str]:
    """Return a text in lines that fit the screen; what continues a line is set in by four more columns, or not."""
    text = _plain(text)
    more = " " * (indent + (4 if indent == 6 else 0))
    return textwrap.wrap(text, WIDTH, initial_indent=" " * indent, subsequent_indent=more, break_on_hyphens=False)


def _entry(name: str, text: str, most: int | None = None) -> list[str]:
    """Return a name with a text beside it, below it where the name is long."""
    lines = textwrap.wrap(_plain(text), WIDTH - MARGIN, max_lines=most, placeholder=" ...", break_on_hyphens=False)
    head = f"  {name}"
    if len(head) >= MARGIN:
        return [head, *(" " * MARGIN + line for line in lines)]
    return [f"{head if number == 0 else '':{MARGIN}}{line}" for number, line in enumerate(lines)]


def _plain(text: str) -> str:
    """Return a text in one line, without what marks code."""
    return " ".join(text.replace("``", "").split())


def _first_sentence(text: str) -> str:
    """Return the first sentence of a meaning."""
    sentence, ended, _ = text.partition(". ")
    return (sentence + "." if ended else text).partition("\n")[0]
