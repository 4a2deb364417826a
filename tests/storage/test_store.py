import gc
import json
import os
import re
import signal
from pathlib import Path

import pytest

from crosstask.errors import UserError
from crosstask.fingerprint import fingerprint
from crosstask.storage.adapter_record import AdapterRecord, TrainingReport
from crosstask.storage.json_files import read_json
from crosstask.storage.records import CellRef
from crosstask.storage.rows import scores_of
from crosstask.storage.store import Store
from tests.support.records import cell_score, run_record


def test_a_folder_appears_whole(store: Store):
    final = store.adapter("abc")
    with store.new_folder(final) as folder:
        (folder / "weights").write_text("x")
        assert not final.exists()
    assert (final / "weights").read_text() == "x"


def test_an_error_leaves_nothing(store: Store):
    with pytest.raises(ZeroDivisionError), store.new_folder(store.adapter("abc")) as folder:
        (folder / "weights").write_text("x")
        raise ZeroDivisionError
    assert not store.adapter("abc").exists()
    assert list((store.root / "unfinished").glob("*/*")) == []


def test_the_first_of_two_writers_of_the_same_content_wins(store: Store):
    final = store.adapter("abc")
    with store.new_folder(final) as second:
        (second / "weights").write_text("second")
        with store.new_folder(final) as first:
            (first / "weights").write_text("first")
    assert (final / "weights").read_text() == "first"


@pytest.mark.parametrize("name", ["adapters", "cells", "records", "logs", "locks"])
def test_a_file_in_place_of_a_folder_is_named(tmp_path: Path, name: str):
    (tmp_path / name).write_text("")
    with pytest.raises(UserError, match=f"^{tmp_path / name}: a file, where the store keeps a folder; move it away$"):
        Store(tmp_path)


def test_a_score_has_the_present_name_of_its_target(store: Store):
    ref = CellRef("a", "b")
    with store.new_folder(store.cell(ref)) as folder:
        store.write_json(folder / "score.json", cell_score("imdb", adapter=None, cell=("a", "b")).to_json())
    (row,) = [store.record(run_record(source="base", seed=None, cells={"reviews": ref}))]
    assert {name: score.target for name, score in scores_of(store, row).items()} == {"reviews": "reviews"}


def test_a_record_keeps_the_cells_it_has(store: Store):
    store.record(run_record(seed=0, cells={"imdb": CellRef("a", "b"), "goat": CellRef("c", "d")}))
    merged = store.record(run_record(seed=1, cells={"goat": CellRef("e", "f")}))
    assert store.records() == [merged]
    assert (merged.run, merged.seed) == ("r", 1)
    assert merged.cells == {"imdb": CellRef("a", "b"), "goat": CellRef("e", "f")}


def test_replacing_a_folder_never_mixes_the_two(store: Store):
    final = store.adapter("abc")
    for name in ("first", "second"):
        with store.new_folder(final, replace=True) as folder:
            (folder / name).write_text("x")
    assert [path.name for path in final.iterdir()] == ["second"]


def test_what_a_dead_process_left_is_removed_and_what_a_live_one_writes_is_not(store: Store):
    killed = os.fork()
    if killed == 0:
        with Store(store.root).new_file(store.root / "x") as path:
            path.write_text("half")
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(killed, 0)
    left = [path for path in (store.root / "unfinished").rglob("*") if path.is_file()]
    assert sorted(path.suffix for path in left) == ["", ".lock"]
    with store.new_file(store.root / "y") as path:
        path.write_text("whole")
        Store(store.root).clean()
        assert not any(leftover.exists() for leftover in left)
    assert (store.root / "y").read_text() == "whole"


def test_the_beginnings_of_what_is_finished_are_removed(store: Store):
    for key in ("finished", "begun"):
        store.checkpoint(key).parent.mkdir(parents=True, exist_ok=True)
        store.checkpoint(key).touch()
        store.parts(key).mkdir(parents=True)
    store.outputs("finished").touch()
    store.clean()
    assert [path.parent.name for path in (store.root / "cells").glob("*/parts")] == ["begun"]


def test_the_checkpoint_of_an_adapter_that_is_there_is_removed(store: Store):
    recipe = {"seed": 0}
    report = TrainingReport(1, 1, 0, 0, 1, 1, 0, 0, 0, 0.0, 1.0, 1.0, None, 1, "at its end", 1.0)
    for key in (fingerprint(recipe), "damaged", "begun"):
        store.checkpoint(key).parent.mkdir(parents=True, exist_ok=True)
        store.checkpoint(key).touch()
    record = AdapterRecord(recipe, report, "content", (0.1,))
    store.write_json(store.adapter(fingerprint(recipe)) / "adapter.json", record.to_json())
    store.write_json(store.adapter("damaged") / "adapter.json", {})
    store.clean()
    assert {path.stem for path in (store.root / "checkpoints").iterdir()} == {"begun", "damaged"}


def test_nothing_stays_of_a_store_that_is_not_used_any_more(tmp_path: Path):
    store = Store(tmp_path)
    store.write_json(tmp_path / "a.json", 1)
    assert list((tmp_path / "unfinished").iterdir())
    del store
    gc.collect()
    assert not list((tmp_path / "unfinished").iterdir())


def test_a_damaged_file_is_named(tmp_path: Path):
    path = tmp_path / "score.json"
    path.write_text(json.dumps({"a": 1})[:-1])
    with pytest.raises(UserError, match=r"score\.json: cannot be read: .*; delete it"):
        read_json(path)


def test_a_file_that_is_no_record_is_named(store: Store, caplog: pytest.LogCaptureFixture):
    path = store.cell(CellRef("o", "s")) / "score.json"
    assert store.score(CellRef("o", "s")) is None
    store.write_json(path, {**cell_score().to_json(), "schema": 2})
    with pytest.raises(
        UserError, match=r"score\.json: schema 2 of a newer version of crosstask; this one reads up to 1; use that"
    ):
        store.score(CellRef("o", "s"))
    store.write_json(path, {"target": "imdb"})
    with pytest.raises(
        UserError, match=r"score\.json: not what the store writes: target_id: field required; delete it to"
    ):
        store.score(CellRef("o", "s"))
    store.write_json(store.root / "records" / "r.json", ["r"])
    kept = store.record(run_record("kept"))
    assert store.records() == [kept]
    (said,) = caplog.messages
    assert re.search(r"a row is left out: .*r\.json: not what the store writes: .*; delete it to make it again$", said)
