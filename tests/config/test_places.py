"""Files and folders on the command line are looked for before anything is imported that takes long."""

import subprocess
import sys
from pathlib import Path

import pytest

from crosstask.commands.overrides import check_overrides, check_places
from crosstask.commands.schemas import SCHEMAS
from crosstask.config import task_files
from crosstask.config.job import TrainConfig
from crosstask.errors import UserError
from crosstask.jobs.checked import checked_job
from tests.config.test_config import composed

ROOT = task_files.CONF.parent


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a file and an empty folder."""
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("script", "override", "problem"),
    [
        ("train", "data.root={}/none", "no such folder; data.root is a folder"),
        ("train", "data.root={}/file", "a file; data.root is a folder"),
        ("train", "data.root={}/folder,{}/none", "no such folder; data.root is a folder"),
        ("train", "model.path={}/none", "no such folder; model.path is a folder with a model or owner/name"),
        ("train", "model.path=none", "no such folder; model.path is a folder with a model or owner/name"),
        ("train", "model.path={}/file", "a file; model.path is a folder with a model or owner/name"),
        ("train", "model.path={}/folder", "no model there; the folder lacks config.json; model.path is"),
        ("train", "encoder={}/none", "no such folder; encoder is a folder with a model or owner/name"),
        ("train", f"store={'x' * 5000}", "file name too long"),
        ("train", "store={}/file", "{}/file is a file; store is a folder"),
        ("train", "store={}/file/runs", "{}/file is a file; store is a folder"),
        ("status", "store={}/file", "{}/file is a file; store is a folder"),
        ("analyze", "output={}/file/x", "{}/file is a file; output is a folder"),
        ("analyze", "runs.path={}/none", "no such file or folder"),
        ("analyze", "runs.cache={}/file", "{}/file is a file; runs.cache is a folder"),
    ],
)
def test_a_wrong_place_is_named(place: Path, script: str, override: str, problem: str):
    check_overrides([override.replace("{}", str(place))], SCHEMAS[script])
    with pytest.raises(UserError) as caught:
        check_places([override.replace("{}", str(place))], TrainConfig)
    key = override.partition("=")[0]
    assert str(caught.value).startswith(f"{key}=")
    assert problem.replace("{}", str(place)) in str(caught.value)


@pytest.mark.parametrize(("script", "key"), [("train", "store"), ("analyze", "output"), ("status", "store")])
def test_a_home_folder_is_not_made_under_the_name_of_its_sign(script: str, key: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOME", "/home/ada")
    check_overrides([f"{key}='~/x'"], SCHEMAS[script])
    with pytest.raises(UserError, match=rf"^{key}=~/x: ~ is not read as a home folder here; write {key}=/home/ada/x$"):
        check_places([f"{key}='~/x'"], TrainConfig)


def test_a_folder_that_may_not_be_written_to_is_named(place: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("os.access", lambda path, mode: False)
    with pytest.raises(UserError, match=r"store=.*: cannot be made, .* may not be written to; store is a folder$"):
        check_places([f"store={place}/runs"], TrainConfig)


@pytest.mark.parametrize(
    "override",
    [
        "data.root={}/folder",
        "data.root=null",
        "model.path=miniature",
        "model.path=meta-llama/Llama-3.2-3B",
        "encoder=null",
        "encoder=sentence-transformers/all-MiniLM-L6-v2",
        "store={}/new/folder",
        "store='my runs'",
        "data.root=${oc.env:HOME}",
    ],
)
def test_places_that_may_be_right_pass(place: Path, override: str):
    check_places([override.replace("{}", str(place))], TrainConfig)


@pytest.mark.parametrize("command", ["train.py data.root=/none/such", "analyze.py runs=table runs.path=/none/such.csv"])
def test_a_wrong_place_is_answered_before_anything_large_is_imported(command: str):
    script, *arguments = command.split()
    python = [sys.executable, "-X", "importtime"]
    ended = subprocess.run([*python, ROOT / script, *arguments], capture_output=True, text=True, check=False)
    imported = {line.rpartition("|")[2].strip() for line in ended.stderr.splitlines() if "|" in line}
    said = [line for line in ended.stderr.splitlines() if not line.startswith("import time:")]
    assert ended.returncode == 1
    assert len(said) == 1
    assert said[0].startswith("error: ")
    assert "hydra" in imported
    assert not imported & {"torch", "pandas", "transformers", "datasets"}


def test_a_job_looks_for_the_files_of_its_data_sets_first(place: Path):
    (place / "imdb").mkdir()
    (place / "imdb" / "test.jsonl").touch()
    cfg = composed("source=paws", "target=imdb", "data=local", f"data.root={place}", f"store={place}/runs")
    with pytest.raises(UserError, match=r"paws: no such folder; .* holds file, folder, imdb; data=local"):
        checked_job(cfg, trains=True)
    cfg = composed("target=imdb", "data=local", f"data.root={place}/none", f"store={place}/runs")
    with pytest.raises(UserError, match=r"^data\.root=.*/none: no such folder; data\.root is a folder$"):
        checked_job(cfg, trains=True)
