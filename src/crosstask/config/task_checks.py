"""What is wrong with a task beyond the types of its fields: labels, patterns, templates, the home."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import PurePath
from typing import Any, cast

from jinja2 import TemplateSyntaxError
from jinja2.meta import find_undeclared_variables
from jinja2.sandbox import SandboxedEnvironment
from omegaconf import OmegaConf

from crosstask.config import task_files
from crosstask.config.patterns import compiled
from crosstask.config.task import LETTERED, Form, Role, Task
from crosstask.config.task_fields import task_schema
from crosstask.errors import UserError, quoted
from crosstask.limits import check_ranges

FILTERS = ("from_end", "position")
"""Filters of templates that Jinja does not have, see `crosstask.data.row_templates`."""
TargetCheck = Callable[[Task], Iterable[str]]
"""Yields why a target cannot be scored."""


def task_mistakes(name: str, content: Mapping[str, Any], check: TargetCheck | None = None) -> list[str]:
    """Return all that is wrong with a task of a composed config, that with its file included.

    Parameters
    ----------
    name
        Of the task.
    content
        Its fields, which have the right types.
    check
        What a target is asked besides; None for a source.
    """
    file = task_files.task_file(name)
    found = list(file.mistakes)
    if not file.is_mapping:
        return found  # without any field all else would be wrong too
    merged = OmegaConf.merge(task_schema(), content)
    missing = sorted(OmegaConf.missing_keys(merged))
    for key in missing:
        OmegaConf.update(merged, key, "")
    task = cast(Task, OmegaConf.to_object(merged))
    found += [f"the field {key!r} has no value" for key in missing if key.partition(".")[0] not in file.wrong]
    found += [*_label_mistakes(task), *_pattern_mistakes(task), *_template_mistakes(task), *_home_mistakes(task)]
    found += [*_range_mistakes(task), *_place_mistakes(task), *_option_mistakes(task), *_split_mistakes(task)]
    if check is not None:
        found += _constant_mistakes(task) if "prompt" not in missing else ()
        found += check(task)
    return found


def _label_mistakes(task: Task) -> Iterator[str]:
    """Yield labels that are none, or come twice, and roles that leave nothing."""
    for label in dict.fromkeys(task.labels):
        if not label:
            yield "labels: an empty label"
        elif task.labels.count(label) > 1:
            yield f"labels: {quoted(label)} comes twice"
    if not task.roles:
        yield f"roles=[]: has at least one of {', '.join(Role)}"


def _pattern_mistakes(task: Task) -> Iterator[str]:
    """Yield regular expressions that are none."""
    extraction = task.extraction
    for field, pattern in (("strict", extraction.strict), ("lenient", extraction.lenient)) if extraction else ():
        try:
            compiled(pattern)
        except ValueError as error:
            yield f"extraction.{field}: {quoted(pattern)} is no regular expression: {error}"


def _template_mistakes(task: Task) -> Iterator[str]:
    """Yield templates and expressions that Jinja cannot read."""
    further = ((f"prompts[{place}]", source) for place, source in enumerate(task.prompts))
    for field, source in (("prompt", task.prompt), ("answer", task.answer), *further, *_code_templates(task)):
        mistake = _syntax_mistake(source)
        if mistake:
            yield f"{field}: {mistake}"
    expressions = {"options": task.options, "accepted": task.accepted, "dataset.filter": task.dataset.filter}
    for field, expression in expressions.items():
        mistake = None if expression is None else _syntax_mistake(expression, expression=True)
        if mistake:
            yield f"{field}: {mistake}; it is an expression, without braces, such as choices.text"


def _code_templates(task: Task) -> Iterator[tuple[str, str]]:
    """Yield the field and the text of each template that makes code."""
    execution = task.execution
    parts = {} if execution is None else {name: getattr(execution, name) for name in ("entry_point", "tests", "given")}
    yield from ((f"execution.{name}", source) for name, source in parts.items() if source is not None)


@lru_cache
def _syntax_mistake(source: str, expression: bool = False) -> str | None:
    """Return what keeps a text from being a template, or an expression."""
    environment = SandboxedEnvironment()
    environment.filters |= dict.fromkeys(FILTERS, str)
    try:
        if expression:
            environment.compile_expression(source)
        else:
            environment.compile(source)
    except TemplateSyntaxError as error:
        return f"line {error.lineno}: {str(error.message).rstrip('.')}"
    return None


def _constant_mistakes(task: Task) -> Iterator[str]:
    """Yield a prompt that every row would have; what is no template has another mistake."""
    for field, source in (("prompt", task.prompt), *((f"prompts[{n}]", one) for n, one in enumerate(task.prompts))):
        if source and not _syntax_mistake(source) and not _columns(source):
            yield f"{field}: {quoted(source)} takes nothing from a row, so every row would ask the same"


@lru_cache
def _columns(source: str) -> set[str]:
    """Return the names that a template takes from a row."""
    environment = SandboxedEnvironment()
    environment.filters |= dict.fromkeys(FILTERS, str)
    return find_undeclared_variables(environment.parse(source))


def row_columns(task: Task) -> list[str]:
    """Return the columns that prompt, answer, options and tests of a task without mistakes take, sorted."""
    expressions = [f"{{{{ {one} }}}}" for one in (task.options, task.accepted) if one is not None]
    code = [source for _, source in _code_templates(task)]
    found = [_columns(source) for source in (task.prompt, task.answer, *expressions, *code)]
    return sorted(set().union(*found) - {LETTERED, "row"})


def _option_mistakes(task: Task) -> Iterator[str]:
    """Yield letters for options that no prompt lists, and a list of options that a task does not have."""
    for field, source in (("prompt", task.prompt), *((f"prompts[{n}]", one) for n, one in enumerate(task.prompts))):
        if _syntax_mistake(source):
            continue
        named = _columns(source)
        if task.options is None and LETTERED in named:
            yield f"{field}: {{{{ {LETTERED} }}}} lists options, and the field 'options' has no value"
        if task.options is None or task.form is Form.cloze or _syntax_mistake(task.options, expression=True):
            continue
        if LETTERED not in named and not named & _columns(f"{{{{ {task.options} }}}}"):
            yield f"{field}: lists no options, which form=letters asks for by their letters; {{{{ {LETTERED} }}}} does"


def _split_mistakes(task: Task) -> Iterator[str]:
    """Yield a validation split that is something else, too."""
    dataset = task.dataset
    for name in ("train_split", "test_split"):
        if dataset.validation_split is not None and dataset.validation_split == getattr(dataset, name):
            yield f"dataset.validation_split: {quoted(dataset.validation_split)} is the {name} too"


def _home_mistakes(task: Task) -> Iterator[str]:
    """Yield a home that is no target."""
    targets = task_files.options(Role.target)
    if task.home is not None and task.home not in targets:
        yield f"home: {quoted(task.home)} is no target; one of {', '.join(targets)}"


def _place_mistakes(task: Task) -> Iterator[str]:
    """Yield a data set that would lie outside the folder of all."""
    parts = PurePath(task.dataset.name).parts
    if ".." in parts or parts[:1] == ("/",):
        yield f"dataset.name: {quoted(task.dataset.name)} is no folder in data.root"


def _range_mistakes(task: Task) -> Iterator[str]:
    """Yield a number that is outside its limits."""
    try:
        check_ranges(task)
    except UserError as error:
        yield str(error)
