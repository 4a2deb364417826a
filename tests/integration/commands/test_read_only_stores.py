"""A store of somebody else, whose files may only be read."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from crosstask.config import task_files
from crosstask.sweeps.sweep_folder import Plan, PlannedJob, SweepFolder

ROOT = task_files.CONF.parent
NOBODY = 65534


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_status_shows_a_sweep_of_a_store_that_may_not_be_written_to(tmp_path: Path):
    folder = SweepFolder(tmp_path / "runs" / "logs" / "first")
    folder.write(Plan("python train.py -m source=a", "train", "tiny", [PlannedJob("a", ["source=imdb"], 1.0)]))
    folder.job(0).path.mkdir()
    folder.job(0).end("a", "done", "trained")
    for path in tmp_path.rglob("*"):
        path.chmod(0o555 if path.is_dir() else 0o444)
    for path in (tmp_path, *tmp_path.parents[:2]):  # pytest's own, which others may not enter
        path.chmod(0o755)
    command = [sys.executable, str(ROOT / "status.py")]
    ended = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, check=False, user=NOBODY, group=NOBODY, extra_groups=[]
    )
    assert ended.returncode == 0, ended.stderr
    assert "[1/1] a  done: trained" in ended.stdout
    assert not ended.stderr
