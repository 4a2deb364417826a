"""The rows of the matrix as the store has them: their records, and the scores of their cells."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from crosstask.storage.store import Store, read_json

Record = dict[str, Any]
Scores = dict[str, dict[str, Any]]
"""By target: the content of a cell's ``score.json``."""


class StoredRows:
    """What an analysis reads from a store; :class:`crosstask.tracking.reading.Reader` reads the same from W&B."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def rows(self) -> list[tuple[Record, Scores]]:
        """Return the record of every row with its scores; a cell whose files were deleted is left out."""
        return [(record, scores_of(self.store, record)) for record in self.store.records()]

    def fetch_answers(self, records: Iterable[Record]) -> dict[tuple[str, str], Path]:
        """Return the folder of every cell of some rows, by run and target, whether it exists or not."""
        return {
            (record["run"], target): self.store.cell(*cell)
            for record in records
            for target, cell in record["cells"].items()
        }

    def fetch_profiles(self, records: Iterable[Record]) -> list[Path]:
        """Return the files with what the data sets of some rows look like."""
        return sorted(profiles_of(self.store, records))

    def fetch_adapters(self, records: Iterable[Record]) -> dict[str, Path]:
        """Return the folder of every adapter of some rows by its name, whether it exists or not."""
        names = {record["adapter"] for record in records if record["adapter"]}
        return {name: self.store.adapter(name) for name in names}


def profiles_of(store: Store, records: Iterable[Record]) -> set[Path]:
    """Return the files of the data sets of rows that exist."""
    seen = {
        (data_set, model)
        for record in records
        for named in record.get("profiles", {}).values()
        for data_set in named.values()
        for model in (None, record["base"], record.get("encoder"))
    }
    return {path for pair in seen if (path := store.profile(*pair)).exists()}


def scores_of(store: Store, record: Record) -> Scores:
    """Return the scores of a row's cells that are there."""
    paths = {target: store.cell(*cell) / "score.json" for target, cell in record["cells"].items()}
    return {target: read_json(path) for target, path in paths.items() if path.exists()}
