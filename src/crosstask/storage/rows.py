"""The rows of the matrix as the store has them: their records, and the scores of their cells."""

import logging
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from crosstask.errors import UserError
from crosstask.storage.cell_score import CellScore
from crosstask.storage.records import RunRecord
from crosstask.storage.scored_run import ScoredRun
from crosstask.storage.store import Store

log = logging.getLogger(__name__)


class StoredRows:
    """What an analysis reads from a store; :class:`crosstask.tracking.reading.Reader` reads the same from W&B."""

    no_prompts = "the command that made these runs adds them, without the model; a compact store has none"
    """What a message says where no prompts are kept."""

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

    def fetch_examples(self, records: Iterable[RunRecord]) -> dict[str, Path]:
        """Return the file with the test rows of every column of some rows, by their fingerprint, as far as kept."""
        return examples_of(self.store, records)

    def fetch_features(self, records: Iterable[RunRecord]) -> list[Path]:
        """Return the files with features of the examples of some rows' data sets."""
        return sorted(features_of(self.store, records))

    def fetch_adapters(self, records: Iterable[RunRecord]) -> dict[str, Path]:
        """Return the folder of every adapter of some rows by its name, whether it exists or not.

        Those that were made elsewhere are not in the store: they go by their content, and are where they were.
        """
        records = list(records)
        trained = {record.adapter: self.store.adapter(record.adapter) for record in records if record.adapter}
        places = {record.external: record.config.get("adapter.path") for record in records if record.external}
        return trained | {name: Path(place).expanduser() for name, place in places.items() if place}


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


def examples_of(store: Store, records: Iterable[RunRecord]) -> dict[str, Path]:
    """Return the files with the test rows of the columns of rows that exist, by their fingerprint."""
    names = sorted({name for record in records for name in record.examples.values()})
    return {name: path for name in names if (path := store.examples(name)).exists()}


def features_of(store: Store, records: Iterable[RunRecord]) -> set[Path]:
    """Return the files with features of the examples of rows' data sets that exist."""
    seen = {
        (data_set, measure)
        for record in records
        for named in record.profiles.values()
        for data_set in named.values()
        for measure in record.features.values()
    }
    return {path for pair in seen if (path := store.features(*pair)).exists()}


def scores_of(store: Store, record: RunRecord) -> dict[str, CellScore]:
    """Return the scores of a row's cells that are there, by target; a warning names what is damaged or foreign."""
    found = {target: _score(store, record, target) for target in record.cells}
    there = {target: score for target, score in found.items() if score is not None}
    own = _adapter_content(store, record, there.values())
    foreign = {target for target, score in there.items() if score.adapter != own}
    for target in sorted(foreign):
        log.warning(
            "%s: left out, it holds a cell of another adapter than %s's: a folder was renamed or copied; delete it, and"
            " the command that made it scores the cell again",
            store.cell(record.cells[target]).parent,
            record.source,
        )
    # A cell has the name of its target when it was scored; of targets that were renamed since, the present one.
    return {target: replace(score, target=target) for target, score in there.items() if target not in foreign}


def _score(store: Store, record: RunRecord, target: str) -> CellScore | None:
    """Return the score of a cell; None where the store does not have it, or it cannot be read, which a warning says."""
    try:
        return store.score(record.cells[target])
    except UserError as error:
        log.warning("%s on %s is left out: %s", record.source, target, error)
        return None


def _adapter_content(store: Store, record: RunRecord, scores: Iterable[CellScore]) -> str | None:
    """Return the fingerprint of the files of a row's adapter, or of what was made elsewhere; None for the base model.

    Where the adapter was deleted it is what the cells agree on, and where they do not agree no fingerprint at all.
    """
    if record.adapter is None:
        return record.external
    if store.has_adapter(record.adapter):
        with suppress(UserError):  # another adapter's folder: whoever needs the adapter says so
            return store.adapter_record(record.adapter).content
    known = {score.adapter for score in scores}
    return known.pop() if len(known) == 1 else ""
