"""The miniature's rows as files that ``data=local`` reads."""

import subprocess
import sys
from pathlib import Path

import pytest

from crosstask.config.inputs import Data, DataKind
from crosstask.config.task import DataSet
from crosstask.data.rows import load_rows
from crosstask.miniature import export as module
from crosstask.miniature.rows import GENERATORS, rows


@pytest.mark.parametrize("draw", ["", "development"])
def test_files_hold_the_rows_of_a_draw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, draw: str):
    monkeypatch.setattr(module, "GENERATORS", {"sst2": GENERATORS["sst2"]})
    module.export(tmp_path, draw)
    data = Data(name="local", kind=DataKind.local, root=str(tmp_path), train_rows=0, test_rows=0)
    for split in ("train", "test"):
        assert list(load_rows(DataSet(name="sst2"), data, split)) == rows("sst2", split, draw)
    assert (rows("sst2", "test", draw) == rows("sst2", "test")) == (draw == "")


def test_the_command_names_its_argument(tmp_path: Path):
    command = [sys.executable, "-m", "crosstask.miniature.export"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert "required: folder" in ended.stderr
    assert list(tmp_path.iterdir()) == []
