"""Whether tasks fit what their data sets on the Hub are now: looked up, and tried on the first rows of each split."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from crosstask.config.licenses import same_license
from crosstask.config.literal_text import escaped
from crosstask.config.task import IncompleteRows, Role, Task
from crosstask.config.task_fields import task_of
from crosstask.config.task_files import task_file
from crosstask.data.hub_sample import first_rows, published
from crosstask.data.rows import VALIDATION
from crosstask.data.split import Rows
from crosstask.data.templates import Templates
from crosstask.errors import UnreachableError, UserError
from crosstask.evaluation.scorers.registry import check_references, scorer
from crosstask.jobs.checked import check_tasks

ROWS = 5
"""First rows of each split that are made into examples."""


@dataclass(frozen=True)
class HubCheck:
    """What was found of a task."""

    task: str
    mistake: str | None = None
    """Why it does not fit its data set, in one line; None where it does."""
    notes: tuple[str, ...] = ()
    """What the task file allows for and a reader should know."""
    commit: str | None = None
    """What the revision of its data set stands for now; None where there is no such data set or revision."""
    license: str = ""
    """As the task file states it."""
    hub_licenses: tuple[str, ...] = ()
    """The tags of the card on the Hub."""

    @property
    def license_differs(self) -> bool:
        """Whether the card on the Hub states another license than the task file."""
        return self.commit is not None and not same_license(self.license, self.hub_licenses)


def check(name: str) -> HubCheck:
    """Return what is found of a task on the Hub.

    Raises
    ------
    UnreachableError
        If the Hub does not answer; nothing is known of the task then.
    """
    found = HubCheck(name)
    try:
        task = _task(name)
        data = published(task.dataset)
        found = replace(found, commit=data.commit, license=task.license, hub_licenses=data.licenses)
        return replace(found, notes=tuple(_tried(name, task, data.commit)))
    except UnreachableError:
        raise
    except UserError as error:
        return replace(found, mistake=str(error))


def _task(name: str) -> Task:
    """Return a task by the fields of its file, which has no mistakes."""
    content = task_file(name).content
    check_tasks({role: {name: escaped(content)} for role in content.get("roles", Role)})
    return task_of(escaped(content))


def _tried(name: str, task: Task, commit: str) -> Iterator[str]:
    """Yield notes on the first rows of the splits that a task uses; UserError where it does not fit them."""
    if Role.source in task.roles or task.shots:
        _try_learned(name, task, first_rows(task.dataset, "train", commit, ROWS), "train")
    if Role.source in task.roles and task.dataset.validation_split is not None:
        _try_learned(name, task, first_rows(task.dataset, VALIDATION, commit, ROWS), VALIDATION)
    if Role.target in task.roles:
        yield from _try_scored(name, task, first_rows(task.dataset, "test", commit, ROWS))


def _try_learned(name: str, task: Task, rows: Rows, split: str) -> None:
    """Make examples of rows as they are trained on."""
    check_references(name, task, Templates(name, task).examples(rows, range(len(rows)), split))


def _try_scored(name: str, task: Task, rows: Rows) -> Iterator[str]:
    """Make examples of rows as they are scored on, in every prompt of the task; yields a note on incomplete ones."""
    for number, prompt in enumerate((task.prompt, *task.prompts)):
        asked = replace(task, prompt=prompt)
        found = scorer(name, asked)
        templates = Templates(name, asked)
        try:
            examples = templates.examples(rows, range(len(rows)), "test")
            if found.needs_content_free:
                templates.content_free_prompt(rows)
        except UserError as error:
            raise UserError(f"scoring.prompt={number}: {error}" if number else str(error)) from error
        check_references(name, asked, examples)
        found.check_examples(examples)
        if not number and len(examples) < len(rows):
            lacking = f"{len(rows) - len(examples)} of the first {len(rows)} test rows lack what the task asks for"
            yield f"{lacking}, and incomplete_rows={IncompleteRows.drop} leaves them out"
