"""Which files of a folder of logs are found: those behind links too, each once."""

from pathlib import Path

import pytest

from crosstask.errors import UserError
from crosstask.runs.evaluation_logs.log_folder import files_below
from tests.runs.evaluation_logs.conftest import Read, scores


def test_files_behind_links_are_found(tmp_path: Path):
    logs, elsewhere = tmp_path / "logs", tmp_path / "elsewhere"
    (logs / "a").mkdir(parents=True)
    (elsewhere / "deep").mkdir(parents=True)
    for path in (logs / "a" / "1", elsewhere / "deep" / "2", elsewhere / "3"):
        path.write_text("")
    (logs / "b").symlink_to(elsewhere)
    (logs / "4").symlink_to(elsewhere / "3")
    assert files_below(logs) == [logs / "4", logs / "a" / "1", logs / "b" / "3", logs / "b" / "deep" / "2"]


def test_links_that_lead_back_or_to_one_folder_twice_end(tmp_path: Path):
    logs = tmp_path / "logs"
    (logs / "a").mkdir(parents=True)
    (logs / "a" / "1").write_text("")
    (logs / "a" / "up").symlink_to(logs)
    (logs / "b").symlink_to(logs / "a")
    assert files_below(logs) == [logs / "a" / "1"]


def test_a_link_that_leads_nowhere_is_refused(tmp_path: Path):
    (tmp_path / "goat").symlink_to(tmp_path / "gone")
    with pytest.raises(UserError, match=r"goat: a link to .*gone, which is not there; mend it, or leave it out$"):
        files_below(tmp_path)


def moved_behind_a_link(path: Path, to: Path) -> None:
    """Move a folder away and leave a link to it."""
    path.rename(to)
    path.symlink_to(to)


def test_a_model_behind_a_link_is_a_row_of_lm_eval(read_lm_eval: Read, lm_eval: Path, tmp_path: Path):
    first = scores(read_lm_eval())
    moved_behind_a_link(lm_eval / "logs" / "models__goat", tmp_path / "goat")
    assert scores(read_lm_eval()) == first
    assert ("goat", "imdb") in first


def test_logs_behind_a_link_are_read_of_inspect(read_inspect: Read, inspect: Path, tmp_path: Path):
    first = scores(read_inspect())
    (inspect / "outer").mkdir()
    moved_behind_a_link(inspect / "logs", tmp_path / "away")
    (inspect / "outer" / "link").symlink_to(tmp_path / "away")
    assert scores(read_inspect(path=str(inspect / "outer"))) == first
