"""The examples of a task: which rows are scored, and which are trained on."""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, replace

from crosstask.config.inputs import Data
from crosstask.config.task import DataSet, Role, Task
from crosstask.data.example_notes import doubled_space, notes
from crosstask.data.examples import Example
from crosstask.data.kept_notes import kept, say
from crosstask.data.row_values import CONTENT_FREE
from crosstask.data.rows import VALIDATION, drawn, drawn_test_rows, has_validation, load_rows
from crosstask.data.same_rows import has_same_rows
from crosstask.data.shots import POOL, shots_of, with_shots
from crosstask.data.templates import Templates
from crosstask.data.training_rows import TrainingRows
from crosstask.fingerprint import fingerprint

log = logging.getLogger(__name__)

_examples: dict[str, list[Example]] = {}
_records: dict[str, list[logging.LogRecord]] = {}


def test_examples(name: str, task: Task, data: Data) -> list[Example]:
    """Return the examples that a target is scored on: ``data.test_rows`` of them, in order of row number.

    With ``task.shots`` training rows with their answers stand before each prompt, see `with_shots`.

    Raises
    ------
    UserError
        If rows are incomplete and the task does not say that such are left out, or none is complete.
    """

    def draw() -> list[Example]:
        rows, numbers = drawn_test_rows(task.dataset, data)
        examples = Templates(name, task).examples(rows, numbers, "test")
        return with_shots(examples, _shot_pool(name, task, data), name, task, data.seed) if task.shots else examples

    return _drawn_once(fingerprint(["test", name, asdict(task), asdict(data)]), name, task, "test", draw)


def train_examples(
    name: str, task: Task, data: Data, scored: Iterable[DataSet] = (), excluded: frozenset[str] = frozenset()
) -> list[Example]:
    """Return the examples that a source is trained on: at most ``data.train_rows``, in order of row number.

    A row that is also a drawn test row of the same data set, whatever task is scored on it, is passed over, and another
    is drawn in its place. Two rows are the same that have the same prompt, or the same content up to white space and
    case.

    Parameters
    ----------
    name, task, data
        The source, and where its rows come from.
    scored
        Data sets that any task is scored on: those with the source's own rows count.
    excluded
        Content of further rows that are passed over, see :func:`crosstask.data.content.content_key`.

    Raises
    ------
    UserError
        As `test_examples` does; also if no row is left.
    """
    own = [task.dataset] if Role.target in task.roles else []
    alike = {other.selection: other for other in (*scored, *own) if has_same_rows(task.dataset, other, data)}
    key = fingerprint(["train", name, asdict(task), asdict(data), sorted(alike), sorted(excluded)])
    return _drawn_once(
        key, name, task, "train", lambda: TrainingRows(name, task, data, list(alike.values()), excluded).examples()
    )


def validation_examples(name: str, task: Task, data: Data, count: int) -> list[Example] | None:
    """Return the examples that a training on a source is evaluated on, in order of row number.

    Parameters
    ----------
    name, task, data
        The source, and where its rows come from.
    count
        How many are wanted; there are fewer where the split has fewer.

    Returns
    -------
    list
        None if the data set has no validation split.

    Raises
    ------
    UserError
        As `test_examples` does.
    """
    if not has_validation(task.dataset, data):
        return None

    def draw() -> list[Example]:
        rows = load_rows(task.dataset, data, VALIDATION)
        numbers = sorted(drawn(len(rows), count, f"{data.seed}/{task.dataset.name}/{VALIDATION}"))
        return Templates(name, task).examples(rows, numbers, VALIDATION)

    return _drawn_once(fingerprint([VALIDATION, name, asdict(task), asdict(data), count]), name, task, VALIDATION, draw)


def content_free_prompt(name: str, task: Task, data: Data) -> str:
    """Return a target's prompt with ``N/A`` in the place of every text, of the first test row that is complete.

    With ``task.shots`` such examples stand before it as before any prompt: what they do to the labels is part of the
    prior (Zhao et al. 2021, arXiv 2102.09690).
    """
    prompt = Templates(name, task).content_free_prompt(load_rows(task.dataset, data, "test"))
    before = shots_of(CONTENT_FREE, _shot_pool(name, task, data), task, data.seed) if task.shots else ""
    return before + prompt


def _shot_pool(name: str, task: Task, data: Data) -> list[Example]:
    """Return the training examples that shots are drawn from: none of them is scored, or has the content of one."""
    drawn_rows = replace(data, train_rows=max(POOL, task.shots), train_seed=None)
    return TrainingRows(name, replace(task, shots=0), drawn_rows, [task.dataset], frozenset()).examples()


def _drawn_once(key: str, name: str, task: Task, split: str, draw: Callable[[], list[Example]]) -> list[Example]:
    """Return examples, which are drawn the first time, and say what a reader of the results should know of them."""
    if key not in _examples:
        with kept() as records:
            _examples[key] = draw()
            _log_notes(name, task, split, _examples[key])
        _records[key] = records
    say(key, _records[key])
    return _examples[key]


def _log_notes(name: str, task: Task, split: str, examples: Sequence[Example]) -> None:
    """Log what a reader of the results should know of examples."""
    for note in notes(examples, task.labels, split):
        log.info("task %s: %s", name, note)
    if warning := doubled_space(examples):
        log.warning("task %s: %s", name, warning)
