"""Two folders of data with other rows under the same names, in one store: their rows never meet."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from crosstask.commands.analyze import analyze
from crosstask.commands.sections import Analysis, AnalyzeConfig
from crosstask.config.analysis import Runs
from crosstask.config.job import TrainConfig
from crosstask.data import drawn_examples
from crosstask.jobs import data_identity
from crosstask.jobs.job import train
from crosstask.jobs.progress import Progress
from crosstask.storage.store import Store
from tests.support.small_tasks import write_rows

BASE = {"source": {"base": None}}


@pytest.fixture
def other(config: TrainConfig, tmp_path: Path) -> TrainConfig:
    """The same job on a folder whose films are others, in training and in the test."""
    folder = write_rows(tmp_path / "other", lambda count: [{"text": f"song {i}", "label": i % 2} for i in range(count)])
    path = folder / "films" / "test.jsonl"
    path.write_text(path.read_text().replace("new", "old"))
    return replace(config, data=replace(config.data, root=str(folder)))


def scores(store: Path, output: Path, **choice: str) -> bytes:
    """The scores that an analysis finds."""
    analyze(AnalyzeConfig(Runs(**choice), Analysis(figures=[]), output=str(output), store=str(store)))
    return (output / "scores.csv").read_bytes()


@pytest.mark.slow
def test_each_folder_has_rows_of_its_own_which_can_be_analyzed(
    config: TrainConfig, other: TrainConfig, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    jobs = [config, other, replace(other, **BASE), replace(config, **BASE)]
    notes = [train(job, Progress()) for job in jobs + jobs]
    assert [note.partition(":")[0] for note in notes] == ["done"] * 4 + ["reused"] * 4
    records = Store(config.store).records()
    assert len(records) == 4
    by_data = pd.DataFrame(records).groupby("data_id")
    assert sorted(by_data["source"].apply(sorted)) == [["base", "films"]] * 2
    assert by_data["group"].nunique().tolist() == [1, 1]
    assert len({record.group for record in records}) == 2
    for folder in (config, other):
        alone = replace(folder, store=str(tmp_path / f"alone-{Path(folder.data.root or '').name}"))
        for job in (alone, replace(alone, **BASE)):
            train(job, Progress())
        expected = scores(Path(alone.store), tmp_path / "alone")
        (trained,) = [r for r in Store(alone.store).records() if r.source == "films"]
        (data_id,) = {r.data_id for r in records if r.adapter == trained.adapter}
        assert scores(Path(config.store), tmp_path / "chosen", data=data_id) == expected
    capsys.readouterr()


def test_a_store_whose_data_moved_reuses_everything(config: TrainConfig, tmp_path: Path):
    for job in (config, replace(config, **BASE)):
        train(job, Progress())
    before = {path: path.read_bytes() for path in Path(config.store).rglob("*.json") if "records" not in path.parts}
    Path(config.data.root or "").rename(tmp_path / "moved")
    moved = replace(config, data=replace(config.data, root=str(tmp_path / "moved")))
    assert train(moved, Progress()) == "reused: the adapter and 2 cells"
    assert train(replace(moved, **BASE), Progress()) == "reused: 2 cells"
    assert len(Store(config.store).records()) == 2
    assert all(path.read_bytes() == content for path, content in before.items())


def test_an_edited_test_row_is_scored_anew_in_rows_of_its_own(
    config: TrainConfig, monkeypatch: pytest.MonkeyPatch, task_rows: Callable[[int], list[dict[str, object]]]
):
    train(config, Progress())
    path = Path(config.data.root or "") / "films" / "test.jsonl"
    path.write_text("".join(json.dumps({**row, "text": "edited"}) + "\n" for row in task_rows(8)))
    monkeypatch.setattr(drawn_examples, "_examples", {})
    data_identity._content.cache_clear()
    assert train(config, Progress()).startswith("done: scored 1 targets")
    earlier, later = sorted(Store(config.store).records(), key=lambda record: record.updated)
    assert earlier.adapter == later.adapter
    assert earlier.data_id != later.data_id
    assert earlier.cells["sums"] == later.cells["sums"]
    assert earlier.cells["films"] != later.cells["films"]


def test_a_row_written_when_paths_took_part_is_recorded_anew_and_nothing_is_computed_again(
    config: TrainConfig, monkeypatch: pytest.MonkeyPatch
):
    with monkeypatch.context() as before:
        before.setattr("crosstask.jobs.job.claim_data_id", lambda *_: "0123456789abcdef0123")
        train(config, Progress())
    for path in (Path(config.store) / "data").glob("*"):
        path.unlink()
    assert train(config, Progress()) == "reused: the adapter and 2 cells"
    old, new = sorted(Store(config.store).records(), key=lambda record: record.updated)
    assert old.data_id == "0123456789abcdef0123"
    assert new.data_id == data_identity.plain_data_id(config.data)
    assert (old.cells, old.adapter) == (new.cells, new.adapter)
