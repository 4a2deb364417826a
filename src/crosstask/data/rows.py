"""Rows of a data set from the miniature, the Hub or local files: the same columns from all three."""

import random
from collections.abc import Sequence
from pathlib import Path

from crosstask.config.inputs import Data, DataKind
from crosstask.config.task import DataSet
from crosstask.data.row_files import read_row_files
from crosstask.data.row_filter import filtered
from crosstask.data.split import Row, Rows
from crosstask.data.split_files import found_files, split_files
from crosstask.errors import UserError
from crosstask.hub.data_sets import dataset_rows

VALIDATION = "validation"
"""The split that is neither trained nor tested on."""
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
        ``train``, ``test`` or ``validation``.

    Raises
    ------
    UserError
        If the split is missing or empty, a file holds something else than rows, or the data set's filter leaves none.
    """
    rows = _whole_split(dataset, data, split)
    if not len(rows):
        raise UserError(f"data set {dataset.name!r}: the {split} split of data={data.name} is empty")
    return filtered(rows, dataset, split) if dataset.filter else rows


def _whole_split(dataset: DataSet, data: Data, split: str) -> Rows:
    """Return a split whatever of it is used."""
    if data.kind is DataKind.miniature:
        from crosstask.miniature.rows import rows as miniature_rows

        name = f"the miniature's data set {dataset.name}, {split} row"
        return Rows(miniature_rows(dataset.name, split), lambda number: f"{name} {number}")
    return _local_split(dataset, data, split) if data.kind is DataKind.local else _hub_split(dataset, split)


def has_validation(dataset: DataSet, data: Data) -> bool:
    """Tell whether a data set has a split that is neither trained nor tested on."""
    if data.kind is DataKind.local:
        return bool(found_files(Path(data.root or "").expanduser() / dataset.name, VALIDATION))
    return data.kind is DataKind.hub and dataset.validation_split is not None


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
    wanted = most(data.test_rows, dataset.limit)
    return rows, sorted(drawn(len(rows), wanted, f"{data.seed}/{dataset.name}/test"))


def most(wanted: int, limit: int | None) -> int:
    """Return how many rows are drawn where so many are wanted, of which 0 is all, and there is a limit.

    Examples
    --------
    >>> most(200, 50), most(0, 50), most(20, 50), most(0, None)
    (50, 50, 20, 0)
    """
    return wanted if limit is None else min(wanted or limit, limit)


def _local_split(dataset: DataSet, data: Data, split: str) -> Rows:
    """Return a split in local files."""
    paths = split_files(dataset.name, data.root, split)
    rows = read_row_files(paths)
    if not len(rows):
        raise UserError(f"{paths[0]}: no row, the {split} split is empty")
    return rows


def hub_split_name(dataset: DataSet, split: str) -> str:
    """Return what a split is called on the Hub."""
    named = {"train": dataset.train_split, "test": dataset.test_split, VALIDATION: dataset.validation_split}
    return str(named[split])


def is_divided(dataset: DataSet, split: str) -> bool:
    """Tell whether a split on the Hub is both, so that a tenth of it is held out for testing."""
    return dataset.train_split == dataset.test_split and split != VALIDATION


def hub_part(dataset: DataSet, split: str, rows: Sequence[Row]) -> Rows:
    """Return those rows of a split on the Hub, given from its first on, that belong to ``split``."""
    name = hub_split_name(dataset, split)
    numbers: Sequence[int] = range(len(rows))
    if is_divided(dataset, split):
        numbers = [number for number in numbers if (number % HELD_OUT == 0) == (split == "test")]
    return Rows(rows, lambda number: f"{dataset.hub} on the Hub, split {name}, row {number}", numbers)


def _hub_split(dataset: DataSet, split: str) -> Rows:
    """Return a split on the Hub; where there is only one, a tenth of it is held out for testing."""
    if dataset.hub is None:
        raise UserError(f"data set {dataset.name!r}: dataset.hub has no value, so data=hub cannot find it")
    rows = dataset_rows(dataset.hub, dataset.config, hub_split_name(dataset, split), dataset.revision)
    return hub_part(dataset, split, rows)
