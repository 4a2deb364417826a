"""The judge detects what it is there for; some cheap cases go as stated; `-m slow` runs all."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.bad_inputs import page
from tests.bad_inputs.case import Accepted, Case, Command, Expected, MadeAgain, Outcome, Refused
from tests.bad_inputs.cases import CASES, KINDS
from tests.bad_inputs.judge import mistakes
from tests.bad_inputs.running import run
from tests.bad_inputs.workplace import ROOT

CHEAP = ["rank-nan", "source-typo", "sweep-empty", "store-file", "runs-typo", "status-typo"]
"""Cases that are answered before anything heavy is imported."""


def judged(expected: Expected, folder: Path, status: int | None, output: str = "", errors: str = "") -> list[str]:
    """What the judge says of an outcome."""
    case = Case("kind", "name", "about", lambda work: Command("", (), ROOT), expected, limit=5)
    return mistakes(case, Outcome(status, output, errors, folder))


ERROR = "error: lora.rank=nan: must be a number\n"
RANK = Refused(("lora.rank", "nan"))


def test_what_is_expected_is_no_mistake(tmp_path: Path):
    assert judged(RANK, tmp_path, 1, errors=ERROR) == []
    assert judged(Accepted(("left out",)), tmp_path, 0, output="one row is left\nout\n") == []
    (tmp_path / "a.csv").write_text("imdb,goat,0.5")
    assert judged(Accepted(files={"*.csv": "imdb,goat"}), tmp_path, 0) == []


@pytest.mark.parametrize(
    ("expected", "status", "output", "errors", "found"),
    [
        (RANK, None, "", "", "hangs"),
        (RANK, 0, "done\n", "", "accepted, where it should be refused"),
        (RANK, 1, "", "Traceback (most recent call last):\n" + ERROR, "a traceback"),
        (Accepted(), 0, "Traceback (most recent call last):\n", "", "a traceback"),
        (Accepted(), 0, "", "x.py:1: RuntimeWarning: invalid value\n", "a warning of Python, 'RuntimeWarning: '"),
        (RANK, 1, "", "error: lora.rank=nan \x1b[2J\n", "a raw control character '\\x1b'"),
        (Accepted(), 0, "name \u202e\n", "", "a raw control character '\\u202e'"),
        (RANK, 2, "", ERROR, "exit status 2, not 1"),
        (RANK, -11, "", ERROR, "exit status -11, not 1"),
        (RANK, 1, "", ERROR + ERROR, "2 lines, at most 1"),
        (RANK, 1, "", "error: a value is wrong\n", "says nothing of 'lora.rank'"),
        (RANK, 1, "", "lora.rank=nan\n", "does not begin with 'error: '"),
        (RANK, 1, "", f"error: lora.rank=nan {'x' * 5000}\n", "a message of"),
        (Accepted(("left out",)), 0, "done\n", "", "says nothing of 'left out'"),
        (Accepted(), 1, "", ERROR, "exit status 1, not 0"),
        (Accepted(without=("None",)), 0, "None\n", "", "says 'None'"),
        (Accepted(files={"*.csv": "0.5"}), 0, "", "", "no file *.csv"),
        (MadeAgain(), 0, "done\n", "", "does not say what must be named"),
    ],
)
def test_the_judge_sees(tmp_path: Path, expected: Expected, status: int, output: str, errors: str, found: str):
    assert found in "; ".join(judged(expected, tmp_path, status, output, errors))


def test_the_judge_sees_results_that_a_refused_command_leaves(tmp_path: Path):
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "scores.csv").write_text("")
    assert judged(RANK, tmp_path, 1, errors=ERROR) == ["leaves scores.csv"]


@pytest.mark.parametrize("fresh", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["forked", "fresh"])
def test_a_script_that_fails_hangs_or_ends_is_seen_as_such(tmp_path: Path, fresh: bool):
    scripts = {
        "fails": "raise ValueError('x')",
        "hangs": "import time; time.sleep(60)",
        "ends": "import sys; print('done'); sys.exit('error: no')",
        "works": "import sys, os; print(os.getcwd(), sys.argv[1:])",
    }
    ended = {}
    for name, text in scripts.items():
        (tmp_path / f"{name}.py").write_text(text)
        folder = tmp_path / name
        folder.mkdir()
        ended[name] = run(Command(f"{name}.py", ("a=b",), tmp_path), folder, limit=3, fresh=fresh)
    assert {name: outcome.status for name, outcome in ended.items()} == {
        "fails": 1,
        "hangs": None,
        "ends": 1,
        "works": 0,
    }
    assert "Traceback (most recent call last)" in ended["fails"].errors
    assert (ended["ends"].output, ended["ends"].errors) == ("done\n", "error: no\n")
    assert ended["works"].output == f"{tmp_path / 'works'} ['a=b']\n"


def test_cases_have_names_of_their_own_and_kinds_have_many():
    names = Counter((case.kind, case.name) for case in CASES)
    assert max(names.values()) == 1
    assert len(CASES) >= 300
    assert min(Counter(case.kind for case in CASES).values()) >= 30
    assert all(case.expected.words or isinstance(case.expected, Accepted) for case in CASES)


def test_the_page_has_a_line_for_each_case(tmp_path: Path):
    outcome = Outcome(1, "", f"error: {tmp_path}/t|a: 'x' \x1b*\n", tmp_path)
    text = page.page([page.Result(case, outcome, (), tmp_path) for case in CASES])
    assert sum(line.startswith("| ") for line in text.splitlines()) == len(CASES) + 2 * (len(KINDS) + 1)
    assert "| error: FOLDER/t\\|a: 'x' \\\\x1b\\* |" in text
    assert "\x1b" not in text


def test_the_page_in_the_docs_has_every_case():
    text = (ROOT / "docs" / "bad_inputs.md").read_text()
    assert sum(line.startswith("| ") for line in text.splitlines()) == len(CASES) + 2 * (len(KINDS) + 1)


def test_cheap_cases_go_as_stated():
    arguments = [part for name in CHEAP for part in ("--case", name)]
    command = [sys.executable, "-m", "tests.bad_inputs", "--light", *arguments]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert f"{len(CHEAP)} cases" in ended.stdout


@pytest.mark.slow
def test_all_cases_go_as_stated():
    command = [sys.executable, "-m", "tests.bad_inputs", "--jobs", "2"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.slow
def test_a_sample_of_cases_goes_as_stated_in_new_processes():
    command = [sys.executable, "-m", "tests.bad_inputs", "--fresh", "--every", "21"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
