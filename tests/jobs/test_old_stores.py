"""Stores written before a cell's score held its labels: read as they are, rebuilt without a model."""

import re
from pathlib import Path

import pytest

from crosstask.config.job import TrainConfig
from crosstask.evaluation.scorers.exact_match import ExactMatch
from crosstask.jobs.job import evaluate, train
from crosstask.jobs.progress import Progress
from crosstask.runs.answers import read_answers
from crosstask.runs.cell_table import cell_table
from crosstask.storage.rows import StoredRows
from crosstask.storage.store import Store
from tests.support.old_store import make_old


def cell_files(config: TrainConfig) -> dict[Path, bytes]:
    """What is written of every cell."""
    return {path: path.read_bytes() for path in Path(config.store).glob("cells/*/*/*")}


@pytest.fixture
def written(config: TrainConfig) -> dict[Path, bytes]:
    """A store of an adapter with two cells, written before; returns what is written of the cells today."""
    config.data.test_rows = 8  # all films, of both labels
    train(config, Progress())
    files = cell_files(config)
    make_old(Path(config.store))
    return files


@pytest.fixture
def no_model(written: dict[Path, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    """No base model can be loaded any more."""
    monkeypatch.setattr("crosstask.models.base_model.load", lambda model: pytest.fail("no model is needed"))


@pytest.mark.usefixtures("no_model")
def test_training_again_rebuilds_the_cells_from_their_outputs_once(config: TrainConfig, written: dict[Path, bytes]):
    assert cell_files(config) != written
    assert train(config, Progress()).startswith("done: scored 2 targets")
    assert cell_files(config) == written
    assert train(config, Progress()) == "reused: the adapter and 2 cells"


@pytest.mark.usefixtures("no_model")
def test_evaluating_rebuilds_them_as_well(config: TrainConfig, written: dict[Path, bytes]):
    assert evaluate(config, Progress(), "TRAIN").startswith("done: scored 2 targets")
    assert cell_files(config) == written


@pytest.mark.usefixtures("no_model")
def test_no_device_is_needed_either(config: TrainConfig, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("crosstask.models.base_model.check_device", lambda model: pytest.fail("no device is needed"))
    assert train(config, Progress()).startswith("done: scored 2 targets")


@pytest.mark.usefixtures("no_model")
def test_a_cell_whose_outputs_were_deleted_stays_as_it_is(config: TrainConfig):
    for path in Path(config.store).glob("cells/*/outputs.parquet"):
        path.unlink()
    before = cell_files(config)
    assert train(config, Progress()) == "reused: the adapter and 2 cells"
    assert cell_files(config) == before


def test_cells_of_an_older_scorer_are_scored_again_without_a_model(
    config: TrainConfig, monkeypatch: pytest.MonkeyPatch
):
    with monkeypatch.context() as older:
        older.setattr(ExactMatch, "version", ExactMatch.version - 1)
        train(config, Progress())
    before = set(cell_files(config))
    monkeypatch.setattr("crosstask.models.base_model.load", lambda model: pytest.fail("no model is needed"))
    assert re.match(r"done: scored 1 targets in \d+ s, reused 1", train(config, Progress()))
    assert {path.name for path in cell_files(config).keys() - before} == {"answers.parquet", "score.json"}
    assert train(config, Progress()) == "reused: the adapter and 2 cells"


def test_the_analysis_reads_them_with_labels_unknown(config: TrainConfig, written: dict[Path, bytes]):
    store = Store(config.store)
    (row,) = StoredRows(store).rows()
    assert {target: score.labels for target, score in row.scores.items()} == {"films": None, "sums": None}
    old = cell_table([row])
    found = read_answers(StoredRows(store).fetch_answers([row.record]), old)
    assert found.targets["films"].gold == {"0": 4, "1": 4}
    assert found.targets["sums"].gold == {}
    for path, content in written.items():
        path.write_bytes(content)
    new = cell_table(StoredRows(store).rows())
    assert new["labels"].map(tuple).tolist() == [("0", "1"), ()]
    assert old.drop(columns="labels").equals(new.drop(columns="labels"))
