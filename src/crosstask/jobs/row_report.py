"""What W&B is told of a row, as the store has it."""

from crosstask.storage.rows import Record, profiles_of, scores_of
from crosstask.storage.store import Store, read_json
from crosstask.tracking.row_report import RowReport


def row_report(store: Store, record: Record, trained_here: bool) -> RowReport:
    """Return what W&B is told of a row; of its training only where the run is the one that trained."""
    scores = scores_of(store, record)
    folder = store.adapter(record["adapter"]) if record["adapter"] and trained_here else None
    return RowReport(
        record=record,
        scores=scores,
        answers={target: store.cell(*record["cells"][target]) for target in scores},
        profiles=tuple(sorted(profiles_of(store, [record]))),
        adapter=folder,
        training=read_json(folder / "adapter.json") if folder else {},
    )
