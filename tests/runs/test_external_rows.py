"""Rows made elsewhere in the tables of an analysis: kept apart, and with what is not known of them."""

from dataclasses import replace
from typing import Any

from crosstask.analysis.matrix.selection import Selection
from crosstask.analysis.matrix.task_order import TaskOrder
from crosstask.runs.cell_table import cell_table, homes
from crosstask.runs.external_rows import external_notes, named_apart
from crosstask.storage.cell_score import CellScore
from crosstask.storage.records import CellRef, RunRecord
from crosstask.storage.scored_run import ScoredRun

PLAIN = RunRecord(
    run="a" * 20,
    source="imdb",
    seed=0,
    model="tiny",
    base="b" * 20,
    data="local",
    data_id="d" * 20,
    settings="s" * 20,
    group="g",
    adapter="c" * 20,
    updated="2026-01-01T00:00:00+00:00",
    cells={"imdb": CellRef("e" * 20, "f" * 20)},
    home=("imdb",),
    config={"lora.rank": 8},
    profiles={"source": {"imdb": "1" * 20}},
)
SCORE = CellScore("imdb", "t", "accuracy", {"score": 0.5, "stderr": 0.1, "n": 10}, "x", (1.0,))


def row(**changes: Any) -> ScoredRun:
    return ScoredRun(replace(PLAIN, **changes), {"imdb": SCORE})


def elsewhere(**changes: Any) -> ScoredRun:
    unknown: dict[str, Any] = {"seed": None, "settings": None, "adapter": None, "home": (), "config": {}}
    return row(**{**unknown, "run": "9" * 20, "external": "x" * 20, **changes})


def test_a_name_shared_with_a_source_is_told_apart():
    first, second = (found.record for found in named_apart([row(), elsewhere()]))
    assert (first.source, second.source) == ("imdb", "imdb (elsewhere)")
    assert second.profiles["source"] == {"imdb (elsewhere)": "1" * 20}
    (alone,) = named_apart([elsewhere()])
    assert alone.record.source == "imdb"


def test_the_name_alone_makes_no_own_task():
    order = TaskOrder(homes=homes([elsewhere().record]))
    assert order.own_tasks("imdb") == []
    assert TaskOrder(homes=homes([elsewhere(home=("goat", "sst2")).record])).own_tasks("imdb") == ["goat", "sst2"]
    assert TaskOrder(homes=homes([elsewhere(home=("goat",)).record])).own_tasks("imdb") == ["goat"]


def test_the_reader_is_told_what_is_not_known():
    known = elsewhere(source="lima", home=("goat",)).record
    assert external_notes([PLAIN, known]) == []
    (note,) = external_notes([PLAIN, known, elsewhere().record])
    assert note.startswith("made elsewhere, on data that is not known, so without own task and similarity: imdb;")


def test_rows_made_elsewhere_are_compared_with_those_of_any_settings():
    rows = [
        row(source="base", seed=None, settings=None, adapter=None, home=(), run="0" * 20),
        row(source="old", settings="o" * 20, run="1" * 20),
        row(source="new", settings="n" * 20, run="2" * 20, updated="2026-01-02T00:00:00+00:00"),
        elsewhere(source="other", updated="2026-01-03T00:00:00+00:00"),
    ]
    assert set(Selection()(cell_table(rows)).cells["source"]) == {"base", "new", "other"}
    by_rank = cell_table(rows, ("source", "lora.rank"))
    chosen = Selection(rows=("source", "lora.rank"))(by_rank).cells
    assert dict(zip(chosen["source"], chosen["lora.rank"], strict=True))["other"] == "none"
    assert set(chosen["source"]) == {"base", "old", "new", "other"}
