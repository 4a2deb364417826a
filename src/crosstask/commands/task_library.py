"""The table of all tasks: what they are, where their data come from, under which license, and what was checked of that.

python -m crosstask.commands.task_library     writes docs/task_library.md
"""

from collections.abc import Iterator

from crosstask.commands.markdown import cell, table
from crosstask.config.groups import option_file, option_meaning
from crosstask.config.licenses import PERMISSIVE, SHARE_ALIKE
from crosstask.config.task import Role, Task
from crosstask.config.task_checks import row_columns
from crosstask.config.task_fields import task_of
from crosstask.config.task_files import CONF, task_files

PATH = CONF.parent / "docs" / "task_library.md"
CHECKED = "# checked: "
"""How the line of a task file begins that says what of it was compared with what."""
HEAD = """\
# The tasks there are

<!-- Written by `make docs` from conf/task/; edit those. -->

`suite=library` has all of them but those that a [judge](llm_judge.md) scores, `suite=open` those of it whose license
allows commercial use. How a task is added, and what
its fields mean: [tasks.md](tasks.md). **No data set of the Hub was loaded for this page**: names, splits and columns
were compared with what the last table says, and a first run with `data=hub` may still find one that has changed. With a
network, `make check-hub` [looks](tasks.md#checking-tasks-against-the-hub).
"""
LICENSES = f"""\
## Licenses

A license is what the public page of a data set states, and `unknown` where none was found, which is no permission. It
is a fact about the data, no legal advice. `suite=open` counts as open

- {", ".join(PERMISSIVE)};
- share-alike, under which commercial use is allowed and what is made of the data has to stay under the same license:
  {", ".join(SHARE_ALIKE)}.

Non-commercial ones (CC-BY-NC and its kin) and `unknown` are not open. Of the paper's ten tasks pile, flipkart, amazon,
imdb and mnli have no license that could be found.
"""


def page() -> str:
    """Return the whole text."""
    tasks = {name: task_of(content) for name, content in task_files().items()}
    parts = [HEAD, *table("task | ability | license | what it is", _what(tasks)), ""]
    parts += ["## Where the data come from", "", "`train` and `test` are the splits; `from` has the id on the Hub.", ""]
    parts += [*table("task | from | config | train | test | columns", _where(tasks)), "", LICENSES]
    parts += ["## What was checked", "", *table("task | compared", _compared(tasks))]
    return "\n".join(parts) + "\n"


def _what(tasks: dict[str, Task]) -> Iterator[str]:
    """Yield the line of each task that says what it is."""
    for name, task in tasks.items():
        only = f" Only a {task.roles[0]}." if len(task.roles) < len(Role) else ""
        meaning = cell(" ".join(option_meaning(task.roles[0], name)))
        yield f"`{name}` | {task.ability} | {task.license} | {meaning}{only}"


def _where(tasks: dict[str, Task]) -> Iterator[str]:
    """Yield the line of each task that says where its data are found."""
    for name, task in tasks.items():
        data = task.dataset
        revision = f" at `{data.revision}`" if data.revision else ""
        columns = ", ".join(f"`{column}`" for column in row_columns(task))
        yield f"`{name}` | `{data.hub}`{revision} | {data.config or ''} | {_splits(task)} | {columns}"


def _splits(task: Task) -> str:
    """Return the splits that a task is trained and scored on, in two cells."""
    data = task.dataset
    train = data.train_split if Role.source in task.roles else ""
    test = data.test_split if Role.target in task.roles else ""
    return f"{train} | {test}{', a tenth' if train == test else ''}"


def _compared(tasks: dict[str, Task]) -> Iterator[str]:
    """Yield the line of each task that says what was checked of it."""
    for name in tasks:
        lines = option_file(Role.source, name).read_text(encoding="utf-8").splitlines()
        said = [line.removeprefix(CHECKED) for line in lines if line.startswith(CHECKED)]
        yield f"`{name}` | {cell(' '.join(said) or 'nothing')}"


if __name__ == "__main__":
    PATH.write_text(page(), encoding="utf-8")
