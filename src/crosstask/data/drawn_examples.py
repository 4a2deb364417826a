"""The examples of a task: which rows are scored, and which are trained on."""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict

from crosstask.config.inputs import Data
from crosstask.config.task import DataSet, Role, Task
from crosstask.data.example_notes import doubled_space, notes
from crosstask.data.examples import Example
from crosstask.data.kept_notes import kept, say
from crosstask.data.rows import drawn, drawn_test_rows, load_rows
from crosstask.data.same_rows import has_same_rows
from crosstask.data.split import Rows
from crosstask.data.templates import Templates
from crosstask.errors import UserError
from crosstask.fingerprint import fingerprint

log = logging.getLogger(__name__)

MORE = 1000
"""Rows that are made into examples at a time where those drawn do not suffice."""
_examples: dict[str, list[Example]] = {}
_records: dict[str, list[logging.LogRecord]] = {}


def test_examples(name: str, task: Task, data: Data) -> list[Example]:
    """Return the examples that a target is scored on: ``data.test_rows`` of them, in order of row number.

    Raises
    ------
    UserError
        If rows are incomplete and the task does not say that such are left out, or none is complete.
    """

    def draw() -> list[Example]:
        rows, numbers = drawn_test_rows(task.dataset, data)
        return Templates(name, task).examples(rows, numbers, "test")

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
    alike = {other.name: other for other in (*scored, *own) if has_same_rows(task.dataset, other, data)}
    key = fingerprint(["train", name, asdict(task), asdict(data), sorted(alike), sorted(excluded)])
    return _drawn_once(
        key, name, task, "train", lambda: _TrainingRows(name, task, data, list(alike.values()), excluded).examples()
    )


def _drawn_once(key: str, name: str, task: Task, split: str, draw: Callable[[], list[Example]]) -> list[Example]:
    """Return examples, which are drawn the first time, and say what a reader of the results should know of them."""
    if key not in _examples:
        with kept() as records:
            _examples[key] = draw()
            _log_notes(name, task, split, _examples[key])
        _records[key] = records
    say(key, _records[key])
    return _examples[key]


class _TrainingRows:
    """The rows of a source that may be trained on.

    Parameters
    ----------
    name, task, data
        The source, and where its rows come from.
    tested
        Data sets with the same rows, whose drawn test rows are passed over.
    excluded
        Content of further rows that are passed over.
    """

    def __init__(self, name: str, task: Task, data: Data, tested: Sequence[DataSet], excluded: frozenset[str]) -> None:
        self.name = name
        self.task = task
        self.data = data
        self.rows = load_rows(task.dataset, data, "train")
        self.templates = Templates(name, task)
        self.prompts: set[str] = set()
        self.contents: set[str] = set(excluded)
        self.spare = 0
        """Rows that are drawn besides those wanted: for each own test row one, as it might be passed over."""
        for data_set in tested:
            found = self._take_out(*drawn_test_rows(data_set, data))
            if data_set.name == task.dataset.name and Role.target in task.roles:
                self.spare = found

    def _take_out(self, rows: Rows, numbers: Iterable[int]) -> int:
        """Note what must not be trained on; returns how many prompts that is.

        These rows need no label: a source may be trained on whose test labels are withheld.
        """
        found = {number: prompt for number in numbers if (prompt := self.templates.prompt_of(rows, number)) is not None}
        self.prompts |= set(found.values())
        self.contents |= {self.templates.content_of(rows[number]) for number in found}
        return len(set(found.values()))

    def examples(self) -> list[Example]:
        """Return the examples.

        Raises
        ------
        UserError
            If none is left.
        """
        seed = self.data.seed if self.data.train_seed is None else self.data.train_seed
        key, wanted = f"{seed}/{self.task.dataset.name}/train", self.data.train_rows
        numbers = drawn(len(self.rows), wanted + self.spare if wanted else 0, key)
        kept, passed = self._kept(numbers)
        rest = [number for number in drawn(len(self.rows), 0, f"{key}/more") if number not in set(numbers)]
        while len(kept) < wanted and rest:  # more test rows than were reckoned with
            some, rest = rest[:MORE], rest[MORE:]
            found, further = self._kept(some)
            kept, passed = kept + found, passed + further
        if passed:
            log.info("%s: passed over %d training rows that are test rows", self.name, passed)
        if not kept:
            raise UserError(f"task {self.name!r}: no training row is left, all {passed} are test rows too")
        return sorted(kept[: wanted or None], key=lambda example: int(example.id.partition("-")[2]))

    def _kept(self, numbers: Sequence[int]) -> tuple[list[Example], int]:
        """Return the examples of some rows that are no test rows, and how many are."""
        found = self.templates.examples(self.rows, numbers, "train")
        kept = [one for one in found if one.prompt not in self.prompts and one.content not in self.contents]
        return kept, len(found) - len(kept)


def _log_notes(name: str, task: Task, split: str, examples: Sequence[Example]) -> None:
    """Log what a reader of the results should know of examples."""
    for note in notes(examples, task.labels, split):
        log.info("task %s: %s", name, note)
    if warning := doubled_space(examples):
        log.warning("task %s: %s", name, warning)
