"""Runs on changed sources among the rows of a matrix."""

from collections.abc import Sequence
from dataclasses import replace

from crosstask.storage.records import RunRecord
from crosstask.storage.scored_run import ScoredRun


def without_variants(rows: Sequence[ScoredRun]) -> list[ScoredRun]:
    """Return the rows of sources as they are: a changed source never counts as a seed of its original."""
    return [row for row in rows if row.record.variant is None]


def with_variants(rows: Sequence[ScoredRun]) -> list[ScoredRun]:
    """Return all rows, a changed source as one of its own: ``imdb (wrong_labels)``, at home where the original is."""
    return [row if row.record.variant is None else replace(row, record=_named(row.record)) for row in rows]


def _named(record: RunRecord) -> RunRecord:
    """Return the record of a changed source under a name of its own, with which its data sets are found too."""
    assert record.variant is not None
    name = f"{record.source} ({record.variant.name})"
    sources = {name if one == record.source else one: found for one, found in record.profiles.get("source", {}).items()}
    return replace(record, source=name, profiles={**record.profiles, "source": sources})
