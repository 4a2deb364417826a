"""The rows of the matrix as the store has them: their records, and the scores of their cells."""

from collections.abc import Iterable
from pathlib import Path

from crosstask.errors import UserError
from crosstask.storage.records import CellScore, RunRecord, ScoredRun
from crosstask.storage.store import Store


class StoredRows:
    """What an analysis reads from a store; :class:`crosstask.tracking.reading.Reader` reads the same from W&B."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def rows(self) -> list[ScoredRun]:
        """Return every row with its scores; UserError without any."""
        found = [ScoredRun(record, scores_of(self.store, record)) for record in self.store.records()]
        if not found:
            raise UserError(
                f"store={self.store.root}: no runs to analyze; python train.py -m 'source=glob(*)' makes some"
            )
        return found

    def fetch_answers(self, records: Iterable[RunRecord]) -> dict[tuple[str, str], Path]:
        """Return the folder of every cell of some rows, by run and target, whether it exists or not."""
        return {
            (record.run, target): self.store.cell(cell) for record in records for target, cell in record.cells.items()
        }

    def fetch_profiles(self, records: Iterable[RunRecord]) -> list[Path]:
        """Return the files with what the data sets of some rows look like."""
        return sorted(profiles_of(self.store, records))

    def fetch_adapters(self, records: Iterable[RunRecord]) -> dict[str, Path]:
        """Return the folder of every adapter of some rows by its name, whether it exists or not."""
        return {record.adapter: self.store.adapter(record.adapter) for record in records if record.adapter}


def profiles_of(store: Store, records: Iterable[RunRecord]) -> set[Path]:
    """Return the files of the data sets of rows that exist."""
    seen = {
        (data_set, model)
        for record in records
        for named in record.profiles.values()
        for data_set in named.values()
        for model in (None, record.base, record.encoder)
    }
    return {path for pair in seen if (path := store.profile(*pair)).exists()}


def scores_of(store: Store, record: RunRecord) -> dict[str, CellScore]:
    """Return the scores of a row's cells that are there, by target."""
    found = {target: store.score(cell) for target, cell in record.cells.items()}
    return {target: score for target, score in found.items() if score is not None}
