"""Rows of a data set from the miniature, the Hub or local files: the same columns from all three."""

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from crosstask import hub
from crosstask.config.inputs import Data, DataKind
from crosstask.config.task import DataSet
from crosstask.errors import UserError

Row = dict[str, Any]
HELD_OUT = 10
"""Of a data set with one split, every tenth row is a test row."""


def load_rows(dataset: DataSet, data: Data, split: str) -> Sequence[Row]:
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
        If the split is missing or empty, or a line of a file is not a JSON object.
    """
    if data.kind is DataKind.miniature:
        from crosstask.miniature.rows import rows as miniature_rows

        rows: Sequence[Row] = miniature_rows(dataset.name, split)
    elif data.kind is DataKind.local:
        rows = _jsonl(Path(data.root or "") / dataset.name / f"{split}.jsonl")
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


def _jsonl(path: Path) -> list[Row]:
    """Return the objects of a JSON Lines file."""
    if not path.is_file():
        raise UserError(f"{path}: no such file; data=local reads data.root/<data set>/{{train,test}}.jsonl")
    rows = []
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise UserError(f"{path}:{number}: not JSON: {error}") from error
        if not isinstance(row, dict):
            raise UserError(f"{path}:{number}: not a JSON object but {type(row).__name__}")
        rows.append(row)
    return rows


def _hub_split(dataset: DataSet, split: str) -> Sequence[Row]:
    """Return a split on the Hub; where there is only one, a tenth of it is held out for testing."""
    if dataset.hub is None:
        raise UserError(f"data set {dataset.name!r}: dataset.hub has no value, so data=hub cannot find it")
    name = dataset.train_split if split == "train" else dataset.test_split
    rows = hub.dataset_rows(dataset.hub, dataset.config, name, dataset.revision)
    if dataset.train_split != dataset.test_split:
        return rows
    numbers = range(len(rows))
    return _View(rows, [number for number in numbers if (number % HELD_OUT == 0) == (split == "test")])


class _View(Sequence[Row]):
    """Some rows of a sequence, decoded when they are indexed."""

    def __init__(self, rows: Sequence[Row], numbers: list[int]) -> None:
        self.rows = rows
        self.numbers = numbers

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, index: Any) -> Any:
        return self.rows[self.numbers[index]]
