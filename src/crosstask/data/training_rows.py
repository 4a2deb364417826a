"""The rows of a source that may be trained on: those that no target is tested on."""

import logging
from collections.abc import Iterable, Sequence

from crosstask.config.inputs import Data
from crosstask.config.task import DataSet, Role, Task
from crosstask.data.examples import Example
from crosstask.data.rows import drawn, drawn_test_rows, load_rows, most
from crosstask.data.split import Rows
from crosstask.data.templates import Templates
from crosstask.errors import UserError

log = logging.getLogger(__name__)

MORE = 1000
"""Rows that are made into examples at a time where those drawn do not suffice."""


class TrainingRows:
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
        contents = {self.templates.content_of(rows[number]) for number in found}
        self.contents |= contents
        if not self.templates.prompt.columns:  # of plain texts all have the same prompt
            return len(contents)
        self.prompts |= set(found.values())
        return len(set(found.values()))

    def examples(self) -> list[Example]:
        """Return the examples.

        Raises
        ------
        UserError
            If none is left.
        """
        seed = self.data.seed if self.data.train_seed is None else self.data.train_seed
        dataset = self.task.dataset
        key, wanted = f"{seed}/{dataset.name}/train", most(self.data.train_rows, dataset.limit)
        numbers = drawn(len(self.rows), wanted + self.spare if wanted else 0, key)
        kept, passed = self._kept(numbers)
        rest = [number for number in drawn(len(self.rows), 0, f"{key}/more") if number not in set(numbers)]
        while len(kept) < wanted and rest:  # more test rows than were reckoned with
            some, rest = rest[:MORE], rest[MORE:]
            found, further = self._kept(some)
            kept, passed = kept + found, passed + further
        if passed:
            rows = "training row that is a test row" if passed == 1 else "training rows that are test rows"
            log.info("%s: passed over %d %s, too, by prompt or by content", self.name, passed, rows)
        if not kept:
            raise UserError(f"task {self.name!r}: no training row is left, all {passed} are test rows too")
        return sorted(kept[: wanted or None], key=lambda example: int(example.id.partition("-")[2]))

    def _kept(self, numbers: Sequence[int]) -> tuple[list[Example], int]:
        """Return the examples of some rows that are no test rows, and how many are."""
        found = self.templates.examples(self.rows, numbers, "train")
        kept = [one for one in found if one.prompt not in self.prompts and one.content not in self.contents]
        return kept, len(found) - len(kept)
