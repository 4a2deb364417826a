"""Test data are called by their rows, wherever these lie."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from crosstask.config.inputs import Data, DataKind
from crosstask.config.task import DataSet, Task
from crosstask.jobs import data_identity
from crosstask.jobs.data_identity import claim_data_id, find_data_id, plain_data_id
from crosstask.storage.store import Store

LOCAL = "427745ee8641e5674892"
"""The identity of a store's first local data: SHA-256 of '{"kind":"local","root":null,"seed":0,"test_rows":4}'."""


@pytest.fixture(autouse=True)
def _forgotten() -> None:
    """Files are read once by a process; here they change."""
    data_identity._content.cache_clear()


def write(folder: Path, **data_sets: str) -> Data:
    """Write test rows, one for each letter, and return the data that the folder is."""
    for name, letters in data_sets.items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        lines = "".join(json.dumps({"text": letter}) + "\n" for letter in letters)
        (folder / name / "test.jsonl").write_text(lines)
    data_identity._content.cache_clear()
    return Data(name="d", kind=DataKind.local, root=str(folder), test_rows=4)


def targets(*names: str) -> dict[str, Task]:
    return {f"task of {name}": Task(dataset=DataSet(name=name)) for name in names}


Claim = Callable[..., str]


@pytest.fixture
def claim(store: Store) -> Claim:
    """Claims for targets; what would have been found without a claim is the same."""

    def claimed(data: Data, *names: str) -> str:
        before = {path: path.read_bytes() for path in store.root.rglob("*.json")}
        found = find_data_id(store, data, targets(*names))
        assert {path: path.read_bytes() for path in store.root.rglob("*.json")} == before, "a look writes nothing"
        assert claim_data_id(store, data, targets(*names)) == found
        assert find_data_id(store, data, targets(*names)) == found
        return found

    return claimed


@pytest.mark.parametrize(
    ("kind", "test_rows", "seed", "expected"),
    [
        (DataKind.miniature, 200, 0, "94057bc4410fc54a2220"),
        (DataKind.miniature, 8, 0, "fe23df89dd682768c7d1"),
        (DataKind.miniature, 200, 3, "2f2e4953f484d1db368d"),
        (DataKind.hub, 200, 0, "b08209d7c01f5a851b0e"),
        (DataKind.hub, 2000, 0, "c8be2339a156377ce05f"),
    ],
)
def test_what_is_not_local_keeps_the_identity_it_had_when_paths_took_part(
    claim: Claim, store: Store, kind: DataKind, test_rows: int, seed: int, expected: str
):
    data = Data(name="d", kind=kind, test_rows=test_rows, seed=seed, root="ignored")
    assert claim(data, "imdb") == expected
    assert not store.data_files()


def test_the_first_folder_of_a_store_has_the_plain_identity(claim: Claim, tmp_path: Path):
    data = write(tmp_path / "a", films="abcdef")
    assert plain_data_id(data) == LOCAL
    assert claim(data, "films") == LOCAL


def test_the_name_the_path_and_the_training_rows_do_not_matter(claim: Claim, tmp_path: Path):
    claim(write(tmp_path / "a", films="abcdef"), "films")
    (tmp_path / "a").rename(tmp_path / "moved")
    moved = write(tmp_path / "moved", films="abcdef")
    moved.name, moved.train_rows, moved.train_seed = "other", 7, 3
    assert claim(moved, "films") == LOCAL


def test_a_data_set_that_is_added_changes_nothing(claim: Claim, tmp_path: Path):
    claim(write(tmp_path / "a", films="abcdef"), "films")
    both = write(tmp_path / "a", sums="1234")
    assert claim(both, "films", "sums") == claim(both, "sums") == claim(both, "films") == LOCAL


def test_an_edited_test_row_makes_other_data_and_one_that_is_not_drawn_does_not(
    claim: Claim, store: Store, tmp_path: Path
):
    claim(write(tmp_path / "a", films="abcdef", sums="1234"), "films", "sums")
    edits = {letter: write(tmp_path / letter, films="abcdef".replace(letter, "X")) for letter in "abcdef"}
    drawn = [letter for letter, data in edits.items() if find_data_id(store, data, targets("films")) != LOCAL]
    assert len(drawn) == 4
    edited = write(tmp_path / "a", films="abcdef".replace(drawn[0], "X"))
    other = claim(edited, "films", "sums")
    assert other != LOCAL
    assert claim(edited, "sums") == other, "although the rows of sums are the same"
    assert claim(write(tmp_path / "a", films="abcdef"), "films") == LOCAL, "as it was before"
    assert claim(write(tmp_path / "a", films="abcdef".replace(drawn[0], "X")), "films") == other


def test_other_numbers_of_rows_and_other_draws_are_other_data(claim: Claim, tmp_path: Path):
    data = write(tmp_path / "a", films="abcdef")
    claim(data, "films")
    data.test_rows = 5
    more = claim(data, "films")
    data.test_rows, data.seed = 4, 1
    assert len({LOCAL, more, claim(data, "films")}) == 3


@pytest.mark.parametrize("first", ["a", "b"])
def test_two_folders_share_no_identity_whatever_the_order_of_jobs(claim: Claim, tmp_path: Path, first: str):
    folders = {
        "a": write(tmp_path / "a", films="abcd", sums="1234", pairs="same"),
        "b": write(tmp_path / "b", films="efgh", sums="5678", pairs="same"),
    }
    second = "b" if first == "a" else "a"
    ids: dict[str, set[str]] = {"a": set(), "b": set()}
    for name, target in [(first, "films"), (second, "sums"), (second, "films"), (first, "sums"), (second, "pairs")] * 2:
        ids[name].add(claim(folders[name], target))
    assert ids[first] == {LOCAL}
    assert len(ids[second]) == 1
    assert ids[second] != {LOCAL}


def test_folders_without_a_common_data_set_are_the_same_data_until_they_contradict_each_other(
    claim: Claim, tmp_path: Path
):
    first, second = write(tmp_path / "a", films="abcd"), write(tmp_path / "b", sums="1234")
    assert claim(first, "films") == claim(second, "sums") == LOCAL
    third = write(tmp_path / "c", films="abcd", sums="5678")
    assert claim(third, "films") not in {LOCAL}, "the rows of films would agree, but its own sums are others"


def test_a_broken_data_set_that_is_no_target_is_no_matter_of_the_job(claim: Claim, tmp_path: Path):
    data = write(tmp_path / "a", films="abcd", sums="1234")
    claim(data, "films", "sums")
    (tmp_path / "a" / "sums" / "test.jsonl").write_text("{broken\n")
    data_identity._content.cache_clear()
    assert claim(data, "films") == LOCAL


def test_a_foreign_file_among_the_identities_is_named(store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture):
    folder = write(tmp_path / "a", films="abcd")
    before = find_data_id(store, folder, targets("films"))
    foreign = store.data("settings")
    foreign.parent.mkdir(parents=True)
    foreign.write_text('{"a": 1}')
    assert find_data_id(store, folder, targets("films")) == before
    assert f"{foreign}: not what the store writes: kind: field required; passed over" in caplog.text


CLAIMER = """
import sys
from pathlib import Path
from crosstask.config.inputs import Data, DataKind
from crosstask.config.task import DataSet, Task
from crosstask.jobs.data_identity import claim_data_id
from crosstask.errors import UserError
from crosstask.storage.store import Store
root, folder, *names = sys.argv[1:]
sys.stdin.readline()
for name in names:
    data = Data(name="d", kind=DataKind.local, root=folder, test_rows=4)
    print(claim_data_id(Store(root), data, {name: Task(dataset=DataSet(name=name))}))
"""


def test_processes_that_claim_at_once_get_one_identity_for_each_folder(store: Store, tmp_path: Path):
    names = [f"set{number}" for number in range(12)]
    for folder, letters in (("a", "abcd"), ("b", "efgh"), ("c", "ijkl")):
        write(tmp_path / folder, **dict.fromkeys(names, letters))
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    orders = [("a", names), ("b", names[::-1]), ("c", names), ("a", names[::-1]), ("b", names), ("c", names[::-1])]
    started = [
        subprocess.Popen([sys.executable, "-c", CLAIMER, store.root, tmp_path / folder, *order], **pipes)
        for folder, order in orders
    ]
    printed = [process.communicate("go\n")[0].split() for process in started]
    assert [process.returncode for process in started] == [0] * 6
    ids = {
        folder: {line for (of, _), lines in zip(orders, printed, strict=True) if of == folder for line in lines}
        for folder in "abc"
    }
    assert [len(found) for found in ids.values()] == [1, 1, 1]
    assert len(set.union(*ids.values())) == 3
    assert LOCAL in set.union(*ids.values())
    contents = [json.loads(path.read_text())["data_sets"] for path in store.data_files()]
    assert [sorted(content) for content in contents] == [sorted(names)] * 3
