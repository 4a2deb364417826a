"""Rows of a data set from the miniature, the Hub or local files: the same columns from all three."""

import random
from collections.abc import Sequence

from crosstask import hub
from crosstask.config.inputs import Data, DataKind
from crosstask.config.task import DataSet
from crosstask.data.row_files import read_row_files
from crosstask.data.split import Rows
from crosstask.data.split_files import split_files
from crosstask.errors import UserError

HELD_OUT = 10
"""Of a data set with one split, every tenth row is a test row."""


def load_rows(dataset: DataSet, data: Data, split: str) -> Rows:
    """Return all rows of a split.

    Parameters
    ----------
    dataset
        Which data set.
    data
        Where it comes from.
    split
        ``train`` or ``test``.

    Raises
    ------
    UserError
        If the split is missing or empty, or a file holds something else than rows.
    """
    if data.kind is DataKind.miniature:
        from crosstask.miniature.rows import rows as miniature_rows

        name = f"the miniature's data set {dataset.name}, {split} row"
        rows = Rows(miniature_rows(dataset.name, split), lambda number: f"{name} {number}")
    elif data.kind is DataKind.local:
        rows = _local_split(dataset, data, split)
    else:
        rows = _hub_split(dataset, split)
    if not len(rows):
        raise UserError(f"data set {dataset.name!r}: the {split} split of data={data.name} is empty")
    return rows


def drawn(count: int, wanted: int, key: str) -> list[int]:
    """Return ``wanted`` of ``count`` row numbers in the order in which ``key`` draws them; all for 0.

    Examples
    --------
    >>> sorted(drawn(3, 0, "0/imdb/test"))
    [0, 1, 2]
    """
    return random.Random(key).sample(range(count), min(wanted or count, count))


def drawn_test_rows(dataset: DataSet, data: Data) -> tuple[Rows, list[int]]:
    """Return all rows of a test split, and the sorted numbers of those that are scored."""
    rows = load_rows(dataset, data, "test")
    return rows, sorted(drawn(len(rows), data.test_rows, f"{data.seed}/{dataset.name}/test"))


def _local_split(dataset: DataSet, data: Data, split: str) -> Rows:
    """Return a split in local files."""
    paths = split_files(dataset.name, data.root, split)
    rows = read_row_files(paths)
    if not len(rows):
        raise UserError(f"{paths[0]}: no row, the {split} split is empty")
    return rows


def _hub_split(dataset: DataSet, split: str) -> Rows:
    """Return a split on the Hub; where there is only one, a tenth of it is held out for testing."""
    if dataset.hub is None:
        raise UserError(f"data set {dataset.name!r}: dataset.hub has no value, so data=hub cannot find it")
    name = dataset.train_split if split == "train" else dataset.test_split
    rows = hub.dataset_rows(dataset.hub, dataset.config, name, dataset.revision)
    numbers: Sequence[int] = range(len(rows))
    if dataset.train_split == dataset.test_split:
        numbers = [number for number in numbers if (number % HELD_OUT == 0) == (split == "test")]
    return Rows(rows, lambda number: f"{dataset.hub} on the Hub, split {name}, row {number}", numbers)
