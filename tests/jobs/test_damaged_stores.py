"""One file of a store is damaged: the same command names it and makes it again, and an analysis goes on without it."""

import io
import json
import logging
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from crosstask.config.job import TrainConfig
from crosstask.errors import UserError
from crosstask.jobs import data_identity
from crosstask.jobs.job import evaluate, train
from crosstask.jobs.progress import Progress
from crosstask.storage.rows import StoredRows
from crosstask.storage.store import Store
from crosstask.sweeps import rates
from tests.support.small_tasks import small_job

Damage = Callable[[bytes], bytes]


def of_no_rows(content: bytes) -> bytes:
    """A whole table that is another one."""
    return table(pd.DataFrame({"x": [1.5]}))


def table(frame: pd.DataFrame) -> bytes:
    file = io.BytesIO()
    frame.to_parquet(file)
    return file.getvalue()


def newer(content: bytes) -> bytes:
    return json.dumps({**json.loads(content), "schema": 99, "later": 1}).encode()


CUT: dict[str, Damage] = {"emptied": lambda content: b"", "halved": lambda content: content[: len(content) // 2]}
JSON: dict[str, Damage] = {
    **CUT,
    "a list": lambda content: b"[1]",
    "foreign": lambda content: b'{"a": 1}',
    "of other types": lambda content: json.dumps({key: [] for key in json.loads(content)}).encode(),
}
TABLE: dict[str, Damage] = {**CUT, "foreign": of_no_rows}
MADE_AGAIN = {
    "records/*.json": JSON,
    "data/*.json": JSON,
    "adapters/*/adapter.json": JSON,
    "cells/*/*/score.json": JSON,
    "cells/*/*/answers.parquet": TABLE,
    "examples/*.parquet": TABLE,
    "profiles/*[!-]*.parquet": TABLE,
    "profiles/*-*.parquet": TABLE,
    "features/*.parquet": TABLE,
}
CASES = [(place, name) for place, damages in MADE_AGAIN.items() for name in damages]


def content(config: TrainConfig) -> dict[Path, bytes]:
    """What a store holds, but for times."""
    root = Path(config.store)
    folders = ("data", "cells", "examples", "profiles", "features")
    paths = [path for folder in folders for path in (root / folder).rglob("*") if path.is_file()]
    return {path: path.read_bytes() for path in [*paths, *root.glob("adapters/*/adapter_*")]}


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory, model_folder: Path) -> TrainConfig:
    """A job whose row is complete."""
    job = small_job(
        tmp_path_factory.mktemp("stored"),
        model_folder,
        lambda count: [{"text": f"film {i}", "label": i % 2} for i in range(count)],
    )
    train(job, Progress())
    return job


@pytest.fixture
def config(stored: TrainConfig, tmp_path: Path) -> TrainConfig:
    """The same with a copy of its store."""
    data_identity._say_once.cache_clear()
    return replace(stored, store=str(shutil.copytree(stored.store, tmp_path / "runs")))


@pytest.mark.parametrize(("place", "name"), CASES)
def test_a_damaged_file_is_named_and_made_again(
    config: TrainConfig, caplog: pytest.LogCaptureFixture, place: str, name: str
):
    before = content(config)
    path = sorted(Path(config.store).glob(place))[-1]
    path.write_bytes(MADE_AGAIN[place][name](path.read_bytes()))
    caplog.set_level(logging.WARNING)
    train(config, Progress())
    named = [said for said in caplog.messages if str(path) in said]
    assert len(named) == 1
    assert "again" in named[0]
    assert content(config) == before
    caplog.clear()
    assert train(config, Progress()) == "reused: the adapter and 2 cells"
    assert not caplog.messages


FEWER: dict[str, Damage] = {"of fewer rows": lambda content: table(pd.read_parquet(io.BytesIO(content)).head(2))}


@pytest.mark.parametrize("damage", [*TABLE.values(), *FEWER.values()], ids=[*TABLE, *FEWER])
def test_damaged_outputs_are_named_and_made_again_once_they_are_needed(
    config: TrainConfig, caplog: pytest.LogCaptureFixture, damage: Damage
):
    before = content(config)
    paths = sorted(Path(config.store).glob("cells/*/outputs.parquet"))
    for path in paths:
        path.write_bytes(damage(path.read_bytes()))
    assert train(config, Progress()) == "reused: the adapter and 2 cells"
    with pytest.raises(UserError, match="outputs.parquet: damaged .*; delete the folder .* to make the cell again"):
        evaluate(replace(config, rescore=True), Progress(), "")
    for score in Path(config.store).glob("cells/*/*/score.json"):
        score.unlink()
    caplog.set_level(logging.WARNING)
    train(config, Progress())
    assert sorted(said.partition(": ")[0] for said in caplog.messages) == sorted(map(str, paths))
    assert all("; made again" in said for said in caplog.messages)
    assert content(config) == before


@pytest.mark.parametrize("place", ["records/*.json", "data/*.json", "adapters/*/adapter.json", "cells/*/*/score.json"])
def test_a_file_of_a_newer_version_is_left_alone_and_the_message_says_what_helps(config: TrainConfig, place: str):
    path = next(Path(config.store).glob(place))
    path.write_bytes(newer(path.read_bytes()))
    written = path.read_bytes()
    with pytest.raises(UserError) as error:
        train(config, Progress())
    assert str(error.value).startswith(f"{path}: schema 99 of a newer version of crosstask; this one reads up to ")
    assert str(error.value).endswith("; use that version, or delete the file to make it again by this one")
    assert path.read_bytes() == written
    path.unlink()
    train(config, Progress())
    assert path.exists()


@pytest.mark.parametrize("damage", [*JSON.values(), newer], ids=[*JSON, "newer"])
def test_an_analysis_names_a_damaged_record_or_score_and_goes_on(
    config: TrainConfig, caplog: pytest.LogCaptureFixture, damage: Damage
):
    config.seed = 1
    train(config, Progress())
    rows = StoredRows(Store(config.store))
    score = sorted(Path(config.store).glob("cells/*/*/score.json"))[0]
    score.write_bytes(damage(score.read_bytes()))
    assert sum(len(row.scores) for row in rows.rows()) == 3
    record = sorted(Path(config.store).glob("records/*.json"))[0]
    record.write_bytes(damage(record.read_bytes()))
    caplog.clear()
    assert len(rows.rows()) == 1
    assert [said for said in caplog.messages if said.startswith(f"a row is left out: {record}: ")]


@pytest.mark.parametrize("damage", CUT.values(), ids=CUT)
def test_earlier_jobs_with_damaged_files_end_no_planning(tmp_path: Path, damage: Damage):
    for number, seconds in enumerate((4.0, 6.0)):
        (tmp_path / "sweep" / str(number)).mkdir(parents=True)
        job = {"status": "done", "model": "tiny", "seconds": seconds, "work": 2.0}
        (tmp_path / "sweep" / str(number) / "job.json").write_text(json.dumps(job))
    damaged = tmp_path / "sweep" / "0" / "job.json"
    damaged.write_bytes(damage(damaged.read_bytes()))
    assert rates.rate(tmp_path, "tiny") == 3.0
