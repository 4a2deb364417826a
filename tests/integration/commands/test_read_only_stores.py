"""A store of somebody else, whose files may only be read."""

import os
from contextlib import redirect_stdout
from pathlib import Path
from tempfile import gettempdir

import pytest

from crosstask.commands import status
from crosstask.config.status import StatusConfig
from crosstask.sweeps import staleness
from crosstask.sweeps.job_folder import Status
from crosstask.sweeps.sweep_folder import Plan, PlannedJob, SweepFolder

NOBODY = 65534
IMPORTED = staleness
"""What somebody else may not be able to import."""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_status_shows_a_sweep_of_a_store_that_may_not_be_written_to(tmp_path: Path):
    folder = SweepFolder(tmp_path / "runs" / "logs" / "first")
    folder.write(Plan("python train.py -m source=a", "train", "tiny", [PlannedJob("a", ["source=imdb"], 1.0)]))
    folder.job(0).path.mkdir()
    folder.job(0).end("a", Status.failed, "no such file")  # so that nothing is stale
    for path in tmp_path.rglob("*"):
        path.chmod(0o555 if path.is_dir() else 0o444)
    for path in (tmp_path, *tmp_path.parents):  # pytest's own, which others may not enter
        if path.is_relative_to(gettempdir()) and path != Path(gettempdir()):
            path.chmod(0o755)
    shown = tmp_path / "shown"
    shown.touch()
    shown.chmod(0o666)
    if (child := os.fork()) == 0:
        code = 1
        try:
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)
            assert not os.access(tmp_path / "runs", os.W_OK)
            with shown.open("w") as file, redirect_stdout(file):
                status.show(StatusConfig(store=str(tmp_path / "runs")))
            code = 0
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert "[1/1] a  failed: no such file" in shown.read_text()
