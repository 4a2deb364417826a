"""Rows that were made elsewhere: told apart from those trained here, and what is not known of them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from crosstask.analysis.wording import listed
from crosstask.storage.records import RunRecord
from crosstask.storage.scored_run import ScoredRun


def named_apart(rows: Sequence[ScoredRun]) -> list[ScoredRun]:
    """Return rows in which what was made elsewhere shares its name with no source that was trained here.

    They would count as seeds of one source.
    """
    trained = {row.record.source for row in rows if not row.record.external}
    return [
        replace(row, record=_renamed(row.record)) if row.record.external and row.record.source in trained else row
        for row in rows
    ]


def _renamed(record: RunRecord) -> RunRecord:
    """Return a record under another name, with which its data sets are found too."""
    name = f"{record.source} (elsewhere)"
    sources = {name if one == record.source else one: found for one, found in record.profiles.get("source", {}).items()}
    return replace(record, source=name, profiles={**record.profiles, "source": sources})


def external_notes(records: Iterable[RunRecord]) -> list[str]:
    """Return what the reader must know of rows that were made elsewhere, on data that nobody named."""
    unknown = sorted({record.source for record in records if record.external and not record.home})
    if not unknown:
        return []
    return [
        f"made elsewhere, on data that is not known, so without own task and similarity: {listed(unknown)};"
        " adapter.trained_on names it"
    ]
