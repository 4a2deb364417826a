"""The command that writes a compact copy of a store."""

from pathlib import Path

import pytest

from crosstask.commands.compact import main
from crosstask.config.job import TrainConfig
from crosstask.errors import UserError
from crosstask.jobs.job import train
from crosstask.jobs.progress import Progress
from crosstask.storage.store import Store


def test_a_copy_is_written_and_its_size_printed(
    config: TrainConfig, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    train(config, Progress())
    folder = tmp_path / "copy"
    main([config.store, str(folder), "--tokenizer", str(config.model.path)])
    files = [path for path in folder.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files)
    assert capsys.readouterr().out.splitlines()[-1] == f"{folder}: {len(files)} files, {size / 1e6:.1f} MB"
    assert len(Store(folder).records()) == 1


@pytest.mark.parametrize(
    ("kept", "message"), [("copy/x", "copy: is not empty; a new folder is needed"), (None, "runs: no runs to copy")]
)
def test_what_cannot_be_copied_is_refused(tmp_path: Path, kept: str | None, message: str):
    if kept is not None:
        (tmp_path / kept).parent.mkdir()
        (tmp_path / kept).touch()
    with pytest.raises(UserError, match=message):
        main([str(tmp_path / "runs"), str(tmp_path / "copy"), "--tokenizer", str(tmp_path)])
