"""What is logged to W&B of a row, as the store has it."""

from crosstask.storage.records import RunRecord
from crosstask.storage.rows import examples_of, features_of, profiles_of, scores_of
from crosstask.storage.store import Store
from crosstask.tracking.row_report import RowReport, TextsOff


def row_report(store: Store, record: RunRecord, trained_here: bool, texts_off: TextsOff | None = None) -> RowReport:
    """Return what is logged of a row; of its training only where the run is the one that trained.

    ``texts_off`` takes the texts off its answers, where these are not to be sent.
    """
    scores = scores_of(store, record)
    adapter = record.adapter if trained_here else None
    return RowReport(
        record=record,
        scores=scores,
        answers={target: store.cell(record.cells[target]) for target in scores},
        profiles=tuple(sorted(profiles_of(store, [record]))),
        features=tuple(sorted(features_of(store, [record]))),
        adapter=store.adapter(adapter) if adapter else None,
        training=store.adapter_record(adapter) if adapter else None,
        examples=examples_of(store, [record]),
        texts_off=texts_off,
    )
