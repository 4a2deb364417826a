"""Options among the overrides of a command."""

import subprocess
import sys
from pathlib import Path

import pytest

from crosstask.commands.flags import refuse_unknown, with_flags_first
from crosstask.config import task_files
from crosstask.errors import UserError


@pytest.mark.parametrize("flag", ["-m", "--multirun", "--help"])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_sweep_or_help_is_asked_for_anywhere_among_the_overrides(flag: str, place: int):
    given = ["source=imdb", "seed=0,1"]
    given.insert(place, flag)
    assert with_flags_first(given) == [flag, "source=imdb", "seed=0,1"]


@pytest.mark.parametrize(
    ("unknown", "message"),
    [(["-x"], "-x: no such option; options are -m"), (["seed=0"], "seed=0: stands behind an option; write all")],
)
def test_what_cannot_be_placed_is_named(unknown: list[str], message: str):
    with pytest.raises(UserError, match=message):
        refuse_unknown(unknown)
    refuse_unknown([])


def test_the_command_says_so_in_one_line(tmp_path: Path):
    command = [sys.executable, str(task_files.CONF.parent / "train.py"), "source=imdb", "-x"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("error: -x: no such option")
    assert len(ended.stderr.splitlines()) == 1
