"""`analyze.py runs=wandb` on a machine without a store, against `runs=local` where the training took place."""

import json
import math
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import wandb

from crosstask.analysis.matrix.selection import Selection
from crosstask.config import task_files
from crosstask.config.job import TrackingMode
from crosstask.errors import UserError
from crosstask.jobs.job import evaluate, train
from crosstask.jobs.progress import Progress
from crosstask.runs.cell_table import cell_table
from crosstask.runs.trainings import training_table
from crosstask.storage.rows import StoredRows
from crosstask.storage.scored_run import ScoredRun
from crosstask.storage.store import Store
from crosstask.tracking.fetching import Artifacts
from crosstask.tracking.reading import Query, Reader
from crosstask.tracking.row_report import RowReport
from crosstask.tracking.tracked_row import TrackedRow
from tests.support.old_store import without_schema
from tests.support.records import cell_score, run_record
from tests.support.small_tasks import FILMS, SUMS, write_rows
from tests.support.wandb_server.filling import add, fill, row
from tests.support.wandb_server.http_server import WandbServer
from tests.tracking.conftest import client_environment, job

BASE = {"source": {"base": None}}
GROUP = "sweep"
WORDS = "the film was good, it is true"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sweep")


@pytest.fixture(scope="module")
def recorded(
    place: Path, model_folder: Path, task_rows: Callable[[int], list[dict[str, Any]]]
) -> Iterator[WandbServer]:
    """A server that has a sweep: base and two sources, one of them evaluated on a further target, and other runs."""
    wandb.teardown()
    with WandbServer().running() as server, pytest.MonkeyPatch.context() as patch:
        for name, value in client_environment(server, place).items():
            patch.setenv(name, value)
        data = write_rows(place / "data", task_rows)
        config = job(data, model_folder, place / "runs", mode=TrackingMode.online, group=GROUP)
        config.data.test_rows = 8
        config.optimizer.learning_rate = 0.1  # scores that differ
        for name, task in (("sums", SUMS), ("words", FILMS)):
            config.target[name] = replace(task, answer=WORDS, metric="chrf", labels=[], extraction=None)
        less = replace(config, target={"sums": config.target["sums"]})
        for settings in (config, replace(config, **BASE), replace(less, source={"sums": SUMS})):
            train(settings, Progress())
        evaluate(replace(config, source={"sums": SUMS}), Progress(), "")
        other = replace(config, seed=1, tracking=replace(config.tracking, group="other"))
        train(other, Progress())
        with wandb.init(project="films", id="foreign", group=GROUP, job_type="train", dir=place) as run:
            run.log({"loss": 1.0})
        yield server
    wandb.teardown()


@pytest.fixture(scope="module")
def task_rows() -> Callable[[int], list[dict[str, Any]]]:
    return lambda count: [
        {"text": f"the film {i} was {'good' if i % 3 else 'bad'}", "label": int(i % 3 > 0)} for i in range(count)
    ]


@pytest.fixture
def analyze(recorded: WandbServer, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs analyze.py in an empty folder, as a user of the server."""

    def execute(*arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, **client_environment(recorded, tmp_path)}
        command = [sys.executable, str(task_files.CONF.parent / "analyze.py"), *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, env=environment)

    return execute


@pytest.fixture
def read(recorded: WandbServer, tmp_path: Path) -> Callable[..., list[ScoredRun]]:
    """Reads rows in this process, with a cache in an empty folder."""
    return lambda project="films", **query: Reader(Query(project, **query), tmp_path / "cache").rows()


def tables(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.csv")}


def files(folders: dict[Any, Path]) -> dict[Any, dict[str, bytes]]:
    return {key: {path.name: path.read_bytes() for path in folder.iterdir()} for key, folder in folders.items()}


def same(row: ScoredRun) -> Any:
    """A row for comparison: in JSON an undefined metric equals another."""
    return row.record, {target: score.to_json() for target, score in row.scores.items()}


def queries(server: WandbServer) -> list[str]:
    return [request for request in server.requests if request.startswith("POST /graphql")]


@pytest.mark.slow
def test_files_are_those_of_the_store_byte_for_byte(analyze: Any, place: Path, tmp_path: Path):
    local = analyze(f"store={place}/runs", f"runs.group={GROUP}", "output=local")
    assert local.returncode == 0, local.stderr
    pull = ("runs=wandb", "runs.project=films", "runs.entity=acme", f"runs.group={GROUP}", "runs.cache=cache")
    remote = analyze(*pull, "output=pulled")
    assert remote.returncode == 0, remote.stderr
    assert {"scores.csv", "metrics.csv", "matrix.csv", "gains.csv", "similarity.csv"} <= tables(
        tmp_path / "local"
    ).keys()
    assert tables(tmp_path / "pulled") == tables(tmp_path / "local")
    scores = pd.read_csv(tmp_path / "pulled" / "scores.csv")
    assert sorted(set(zip(scores["source"], scores["target"], strict=True))) == [
        (source, target) for source in ("base", "films", "sums") for target in ("films", "sums", "words")
    ]
    similarity = pd.read_csv(tmp_path / "pulled" / "similarity.csv").pivot(columns="measure", values="similarity")
    assert similarity["adapter_weights"].max() == 1
    assert similarity["embedding"].count() == 6
    assert pd.read_csv(tmp_path / "pulled" / "gains_long.csv")["test"].isin(["mcnemar", "sign_flip"]).all()


@pytest.mark.parametrize("choice", [{}, {"seed": 1}, {"source": "sums"}, {"model": "tiny", "data": "local"}], ids=str)
def test_a_choice_is_that_of_the_store(read: Any, place: Path, choice: dict[str, Any]):
    local = Selection(**choice)(cell_table(StoredRows(Store(place / "runs")).rows()))
    pulled = Selection(**choice)(cell_table(read(**choice)))
    pd.testing.assert_frame_equal(pulled.cells, local.cells)


def test_records_are_those_of_the_store(read: Any, place: Path):
    local = {row.record.run: row for row in StoredRows(Store(place / "runs")).rows()}
    pulled = read()
    assert len(pulled) == len(local)
    for found in pulled:
        assert same(found) == same(local[found.record.run])


def test_what_was_read_is_not_read_again(read: Any, recorded: WandbServer):
    rows = [same(row) for row in read()]
    recorded.requests.clear()
    assert [same(row) for row in read()] == rows
    again = len(queries(recorded))
    run = next(run for run in recorded.root.projects["acme", "films"].by_name.values() if run.jobType == "train")
    run.heartbeatAt = "2030-01-01T00:00:00Z"
    recorded.requests.clear()
    assert sorted(map(repr, map(same, read()))) == sorted(map(repr, rows))
    assert len(queries(recorded)) == again + 1


def test_the_server_filters(read: Any, recorded: WandbServer, tmp_path: Path):
    read(group=GROUP)
    kept = {path.stem for path in tmp_path.glob("cache/*/runs/*.json")}
    runs = recorded.root.projects["acme", "films"].by_name
    assert kept == {name for name, run in runs.items() if run.group == GROUP}


def test_answers_are_those_of_the_store(recorded: WandbServer, place: Path, tmp_path: Path):
    reader = Reader(Query("films", group=GROUP), tmp_path / "cache")
    folders = reader.fetch_answers(row.record for row in reader.rows())
    store = Store(place / "runs")
    local = StoredRows(store).fetch_answers(record for record in store.records() if record.group == GROUP)
    assert len(local) == 9
    assert files(folders) == files(local)
    recorded.requests.clear()
    reader.fetch_answers(row.record for row in reader.rows())
    assert not [request for request in recorded.requests if request.startswith("GET")]


def test_adapters_are_those_of_the_store_and_one_the_server_lacks_is_left_out(
    recorded: WandbServer, place: Path, tmp_path: Path
):
    reader = Reader(Query("films", group=GROUP), tmp_path / "cache")
    records = [row.record for row in reader.rows()]
    for _ in range(2):  # the second time from the cache
        recorded.requests.clear()
        found = reader.fetch_adapters([*records, run_record(adapter="never-sent")])
    local = StoredRows(Store(place / "runs")).fetch_adapters(records)
    assert len(local) == 2
    assert files(found) == files(local)
    assert not [request for request in recorded.requests if request.startswith("GET")]


def test_what_is_known_of_trainings_is_what_the_store_knows(recorded: WandbServer, place: Path, tmp_path: Path):
    reader, rows = Reader(Query("films", group=GROUP), tmp_path / "cache"), StoredRows(Store(place / "runs"))
    found, local = (
        training_table(chosen, partial(origin.fetch_adapters, [row.record for row in chosen]))
        for origin in (reader, rows)
        for chosen in [[row for row in origin.rows() if row.record.group == GROUP]]
    )
    pd.testing.assert_frame_equal(found, local)
    assert found["source"].tolist() == ["films", "sums"]
    assert (found[["tokens", "last_loss", "update_norm", "logit_displacement"]] > 0).all(axis=None)


def test_answers_that_the_server_lacks_are_an_error_at_once(
    recorded: WandbServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("crosstask.tracking.retries.FIRST_WAIT", 1000)
    artifacts = Artifacts(Reader(Query("films"), tmp_path / "cache").api, "acme/films", tmp_path / "cache")
    with pytest.raises(
        UserError, match=r"^runs=wandb: artifact membership 'answers-gone:x' not found in 'acme/films'$"
    ):
        artifacts.answers({("gone", "imdb"): "x"})


def test_a_large_project_is_read_in_pages(read: Any, recorded: WandbServer, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("crosstask.tracking.reading.PAGE", 25)
    fill(recorded, "large", 60, 11)
    recorded.requests.clear()
    table = cell_table(read("large"))
    assert len(table) == 660
    assert table.set_index(["run", "target"])["score"].to_dict() == {
        (f"{number:020x}", f"target{place}"): (number * 7 + place * 13) % 101 / 101
        for number in range(60)
        for place in range(11)
    }
    assert len(queries(recorded)) <= 2 + 3 + 3


def test_cells_of_a_row_come_from_every_run_that_has_some(recorded: WandbServer, tmp_path: Path):
    fill(recorded, "parts", 1, 2)
    whole = row(0, 3)
    metrics = {**whole.scores["target1"].metrics, "score": 0.25}
    scores = {"target1": replace(whole.scores["target1"], metrics=metrics), "target2": whole.scores["target2"]}
    newer = replace(whole, record=replace(whole.record, updated="2026-01-01T00:00:00+00:00"), scores=scores)
    add(recorded.root.projects["acme", "parts"], "newer", newer)
    reader = Reader(Query("parts"), tmp_path / "cache")
    (found,) = reader.rows()
    assert found.record.updated.startswith("2026")
    versions = {"target0": row(0, 2).id, "target1": newer.id, "target2": newer.id}
    assert reader.versions == {(found.record.run, target): version for target, version in versions.items()}
    assert {target: score.metrics["score"] for target, score in found.scores.items()} == {
        "target0": 0.0,
        "target1": 0.25,
        "target2": 26 / 101,
    }


@pytest.mark.slow
@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_asked_again(read: Any, recorded: WandbServer, status: int):
    rows = [same(row) for row in read()]
    recorded.refuse(status, times=2, retry_after=1)
    assert [same(row) for row in read()] == rows
    assert recorded.refusals == {}


def test_a_page_that_the_client_gives_up_is_asked_for_again(
    recorded: WandbServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("crosstask.tracking.retries.FIRST_WAIT", 0.1)
    monkeypatch.setattr("crosstask.tracking.reading.PAGE", 2)
    rows = [same(row) for row in Reader(Query("films"), tmp_path / "one").rows()]
    reader = Reader(Query("films"), tmp_path / "two")
    asked: list[str] = []

    def refuse_the_second_page(operation: str) -> None:
        asked.append(operation)
        if len(asked) == 2:
            recorded.refuse(418, times=1)  # not one that the client itself tries again

    recorded.watcher = refuse_the_second_page
    try:
        assert [same(row) for row in reader.rows()] == rows
    finally:
        recorded.watcher = lambda operation: None
    assert recorded.refusals == {}


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"project": "none"}, "runs.project=none: acme/none does not exist"),
        ({"entity": "nobody"}, "runs.project=films: nobody/films does not exist"),
        (
            {"group": "none"},
            "runs=wandb: acme/films has no rows of the matrix with runs.group='none'; the groups are 'other', 'sweep'",
        ),
    ],
)
def test_what_is_not_there_is_one_line(read: Any, choice: dict[str, Any], message: str):
    with pytest.raises(UserError) as caught:
        read(**choice)
    assert str(caught.value) == message


def test_answers_that_the_server_has_no_more_are_one_line(recorded: WandbServer, tmp_path: Path):
    fill(recorded, "emptied", 1, 1)
    reader = Reader(Query("emptied"), tmp_path / "cache")
    with pytest.raises(UserError, match=r"^runs=wandb: .*answers-0{20}"):
        reader.fetch_answers(row.record for row in reader.rows())
    assert not list((tmp_path / "cache").glob("*/answers/*/*"))


@pytest.mark.slow
def test_a_refused_key_is_one_line(analyze: Any, recorded: WandbServer):
    key, recorded.key = recorded.key, "another"
    try:
        result = analyze("runs=wandb", "runs.project=films")
    finally:
        recorded.key = key
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1].startswith("error: runs=wandb: Failed to verify credentials")
    assert "Traceback" not in result.stderr
    assert key not in result.stderr + result.stdout


def test_a_metric_that_is_undefined_comes_back():
    score = cell_score("t", metrics={"score": 0.1 + 0.2, "stderr": 0.5, "kappa": math.nan, "n": 4.0})
    report = RowReport(record=run_record(), scores={"t": score}, answers={})
    row = TrackedRow.from_run(report.config(), report.summary())
    assert (row.record, row.version) == (run_record(), report.id)
    assert row.scores["t"].to_json() == score.to_json()
    assert report.summary()["t/kappa"] == "NaN"


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ("{", "record: Expecting property name"),
        ("[]", r"not an object with fields but \[\]"),
        (json.dumps({"schema": 9}), "schema 9 of a newer version of crosstask"),
        (None, "lacks 'target"),
    ],
)
def test_a_run_that_is_no_row_is_named_and_the_others_are_read(
    read: Any, recorded: WandbServer, caplog: pytest.LogCaptureFixture, record: str | None, message: str
):
    fill(recorded, "broken", 2, 2)
    run, _ = recorded.root.projects["acme", "broken"].by_name.values()
    run.heartbeatAt = f"2030-01-01T00:00:0{len(message) % 10}Z"  # so that it is not taken from the cache
    if record is None:
        run.summaryMetrics = "{}"  # as of a run that has only just begun
    else:
        run.config = json.dumps({**json.loads(run.config), "record": {"value": record}})
    assert len(read("broken")) == 1
    assert re.search(rf"runs=wandb: run .* \({run.name}, finished\) is left out: {message}", caplog.text)


@pytest.mark.parametrize("part", ["config", "summaryMetrics"])
@pytest.mark.parametrize("content", ["{", "[]", "[1]", "5", '"x"'])
def test_a_run_whose_config_or_summary_is_none_is_named_and_the_others_are_read(
    read: Any,
    recorded: WandbServer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    part: str,
    content: str,
):
    monkeypatch.setattr("crosstask.tracking.retries.FIRST_WAIT", 0.0)  # a second attempt is one message more
    fill(recorded, "spoiled", 5, 2)
    runs = list(recorded.root.projects["acme", "spoiled"].by_name.values())
    setattr(runs[3], part, content)
    runs[3].name = "0123456789abcdef0123"
    assert len(read("spoiled")) == 4
    assert len(caplog.messages) == 1
    assert re.search(r"runs=wandb: run .*0123456789abcdef0123.* is left out: its config ", caplog.text)


def test_a_damaged_file_of_the_cache_is_written_anew(read: Any, tmp_path: Path):
    before = [same(row) for row in read(group=GROUP)]
    for path in tmp_path.glob("cache/*/runs/*.json"):
        path.write_text("")
    assert sorted(map(repr, (same(row) for row in read(group=GROUP)))) == sorted(map(repr, before))


def test_runs_logged_before_scores_held_their_labels_are_read(read: Any, recorded: WandbServer):
    fill(recorded, "old", 2, 2)
    for run in recorded.root.projects["acme", "old"].by_name.values():
        config = json.loads(run.config)
        record = without_schema(json.loads(config["record"]["value"]))
        record["scores"] = {target: without_schema(score) for target, score in record["scores"].items()}
        config["record"]["value"] = json.dumps(record)
        run.config = json.dumps(config)
    fill(recorded, "new", 2, 2)
    old, new = cell_table(read("old")), cell_table(read("new"))
    assert old["labels"].isna().all()
    assert new["labels"].tolist() == [("0", "1")] * 4
    assert old.drop(columns="labels").equals(new.drop(columns="labels"))


def test_rows_kept_by_another_version_are_read_again(read: Any, recorded: WandbServer, tmp_path: Path):
    before = [same(row) for row in read(group=GROUP)]
    for path in tmp_path.glob("cache/*/runs/*.json"):
        path.write_text(json.dumps({"stamp": "of another version", "row": [{"run": "r", "answers": {}}, {}]}))
    assert sorted(map(repr, (same(row) for row in read(group=GROUP)))) == sorted(map(repr, before))


def test_an_offline_sweep_that_was_synced_is_read_the_same(
    read: Any, recorded: WandbServer, place: Path, model_folder: Path, tmp_path: Path
):
    config = job(place / "data", model_folder, tmp_path / "runs", project="air-gapped")
    for settings in (config, replace(config, **BASE)):
        train(settings, Progress())
    paths = sorted(map(str, (tmp_path / "runs" / "wandb").glob("offline-run-*")))
    environment = {**os.environ, **client_environment(recorded, tmp_path)}
    sync = [sys.executable, "-m", "wandb", "sync", *paths]
    subprocess.run(sync, cwd=tmp_path, env=environment, check=True, capture_output=True)
    local = {row.record.run: same(row) for row in StoredRows(Store(tmp_path / "runs")).rows()}
    assert len(local) == 2
    assert {row.record.run: same(row) for row in read("air-gapped")} == local


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"run": "../../../evil"}, r"run: '../../../evil' is no name of a file"),
        ({"adapter": "/tmp/evil"}, "adapter: '/tmp/evil' is no name of a file"),
        ({"cells": {"../evil": ["a", "b"]}}, "cells: '../evil' is no name of a file"),
        ({"record_id": "a/../../evil"}, "record_id: 'a/../../evil' is no name of a file"),
        ({"score": 58.1}, r"metrics.score: 58.1 is out of range, 0 to 1"),
        ({"n": 0}, r"metrics.n: 0.0 is out of range, 1 on"),
        ({"target": "another"}, "scores.target0: is of another"),
    ],
)
def test_a_run_that_names_other_places_or_impossible_scores_is_left_out_and_the_others_are_read(
    read: Any, recorded: WandbServer, tmp_path: Path, caplog: pytest.LogCaptureFixture, changed: Any, message: str
):
    fill(recorded, "hostile", 2, 2)
    run, _ = recorded.root.projects["acme", "hostile"].by_name.values()
    config, summary = json.loads(run.config), json.loads(run.summaryMetrics)
    record = json.loads(config["record"]["value"])
    for name, value in changed.items():
        if name == "record_id":
            config[name]["value"] = value
        elif name == "target":
            record["scores"]["target0"]["target"] = value
        elif name in ("score", "n"):
            summary[f"target0/{name}"] = value
        else:
            record[name] = value
    config["record"]["value"] = json.dumps(record)
    run.config, run.summaryMetrics = json.dumps(config), json.dumps(summary)
    assert len(read("hostile")) == 1
    assert re.search(rf"runs=wandb: run .* \({run.name}, finished\) is left out: {message}", caplog.text)
    assert not list(tmp_path.rglob("*evil*"))


@pytest.mark.parametrize("entry", ["../../../evil.py", "/tmp/evil.py", "films/../../evil.py", ".evil", "reference"])
def test_an_artifact_whose_files_would_lie_elsewhere_is_left_out_and_the_others_are_fetched(
    recorded: WandbServer, tmp_path: Path, caplog: pytest.LogCaptureFixture, entry: str
):
    reader = Reader(Query("films", group=GROUP), tmp_path / "cache")
    records = [row.record for row in reader.rows()]
    whole = reader.fetch_answers(records)
    (run, _), folder = next(iter(whole.items()))
    manifests = {
        place: content
        for place, content in recorded.root.content.items()
        if b"answers.parquet" in content and b'"contents"' in content and place.startswith("/storage/artifacts")
    }
    assert manifests
    try:
        for place, content in manifests.items():
            manifest = json.loads(content)
            name, first = next(iter(manifest["contents"].items()))
            if entry == "reference":
                manifest["contents"][name] = {**first, "ref": "file:///etc/passwd"}
            else:
                manifest["contents"][entry] = first
            recorded.root.content[place] = json.dumps(manifest).encode()
        again = Reader(Query("films", group=GROUP), tmp_path / "other")
        found = again.fetch_answers([row.record for row in again.rows()])
    finally:
        recorded.root.content.update(manifests)
    assert not any(path.exists() for path in found.values())
    assert f"runs=wandb: the answers of run {run} are left out: artifact answers-{run}" in caplog.text
    assert not list(tmp_path.rglob("*evil*"))
    assert folder.exists()
