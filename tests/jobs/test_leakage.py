"""Leaked test rows are counted for each cell, kept with the row, and left out where that is asked for."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from crosstask.config.inputs import Leakage
from crosstask.config.job import TrainConfig
from crosstask.config.task import DataSet
from crosstask.jobs.job import train
from crosstask.jobs.progress import Progress
from crosstask.jobs.row_of_job import matrix_row
from crosstask.runs.cell_table import cell_table
from crosstask.storage.records import RunRecord
from crosstask.storage.rows import StoredRows
from crosstask.storage.store import Store
from tests.support.small_tasks import FILMS

TEXTS = [f"a review of film number {number}, seen twice" for number in range(20)]


@pytest.fixture
def leaking(config: TrainConfig) -> TrainConfig:
    """A job trained on films, which hold 2 of the 4 test rows of another target, in capitals."""
    root = Path(config.data.root or "")
    for name, split, texts in (
        ("films", "train", TEXTS),
        ("reviews", "train", TEXTS[:1]),
        ("reviews", "test", [*map(str.upper, TEXTS[:2]), "another review altogether", "and a further one of these"]),
    ):
        (root / name).mkdir(exist_ok=True)
        rows = [{"text": text, "label": number % 2} for number, text in enumerate(texts)]
        (root / name / f"{split}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    reviews = replace(FILMS, dataset=DataSet(name="reviews"))
    data = replace(config.data, train_rows=18, test_rows=0)
    return replace(config, target={"films": FILMS, "reviews": reviews}, data=data)


def test_they_are_counted_and_kept_with_the_row(leaking: TrainConfig):
    job = replace(leaking, data=replace(leaking.data, train_rows=0))
    train(job, Progress())
    train(replace(job, source={"base": None}), Progress())
    records = {record.source: record for record in Store(job.store).records()}
    assert records["films"].leaked == {"reviews": 2}
    assert records["base"].leaked == {}
    assert RunRecord.from_json(records["films"].to_json()) == records["films"]
    assert "leaked" not in records["base"].to_json(), "the record of a row without any is that of earlier versions"
    table = cell_table(StoredRows(Store(job.store)).rows()).set_index(["source", "target"])["metrics"]
    shares = {cell: metrics["leaked"] for cell, metrics in table.items() if "leaked" in metrics}
    assert shares == {("films", "reviews"): 0.5}


def test_they_are_left_out_where_that_is_asked_for(leaking: TrainConfig):
    row = matrix_row(replace(leaking, data=replace(leaking.data, leakage=Leakage.exclude)))
    assert row.recipe is not None
    assert row.leaked == {}
    assert {example.prompt.split("\n")[0] for example in row.recipe.examples} == set(TEXTS[2:])


def test_leaving_out_changes_no_adapter_where_nothing_leaks(config: TrainConfig):
    rows = [matrix_row(replace(config, data=replace(config.data, leakage=leakage))) for leakage in Leakage]
    assert len({row.recipe.id for row in rows if row.recipe}) == 1
    assert len({row.group for row in rows}) == 2
