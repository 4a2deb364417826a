"""The rows of the matrix as the store has them: their records, and the scores of their cells."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from crosstask.store import Store, read_json
from crosstask.tracking import RowReport

Scores = dict[str, dict[str, Any]]
"""By target: the content of a cell's ``score.json``."""


def stored_rows(store: Store) -> Iterator[tuple[dict[str, Any], Scores]]:
    """Yield the record of every row with its scores; a cell whose files were deleted is left out."""
    for record in store.records():
        yield record, _scores(store, record)


def cell_folders(store: Store, records: Iterable[dict[str, Any]]) -> dict[tuple[str, str], Path]:
    """Return the folder of every cell of some rows, by run and target, whether it exists or not."""
    return {
        (record["run"], target): store.cell(*cell) for record in records for target, cell in record["cells"].items()
    }


def row_report(store: Store, record: dict[str, Any], trained_here: bool) -> RowReport:
    """Return what W&B is told of a row; of its training only where the run is the one that trained."""
    scores = _scores(store, record)
    folder = store.adapter(record["adapter"]) if record["adapter"] and trained_here else None
    return RowReport(
        record=record,
        scores=scores,
        answers={target: store.cell(*record["cells"][target]) for target in scores},
        adapter=folder,
        training=read_json(folder / "adapter.json") if folder else {},
    )


def _scores(store: Store, record: dict[str, Any]) -> Scores:
    """Return the scores of a row's cells that are there."""
    paths = {target: store.cell(*cell) / "score.json" for target, cell in record["cells"].items()}
    return {target: read_json(path) for target, path in paths.items() if path.exists()}
