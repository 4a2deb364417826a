"""The plan that a dry run prints, of given jobs and on the command line."""

import os
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from crosstask.commands.without_work import without_folder
from crosstask.config import task_files
from crosstask.errors import UserError
from crosstask.jobs.ahead import EXISTS, MADE, TO_MAKE, Forecast, Training
from crosstask.jobs.amount import UNKNOWN, Amount, about
from crosstask.sweeps.plan_table import Ahead, plan_table
from tests.support.small_sweep import SmallSweep

ROOT = task_files.CONF.parent
WITHOUT_NETWORK = """
import runpy, socket, sys

def refuse(*arguments):
    raise SystemExit(f"connects to {arguments}")

socket.socket.connect = socket.getaddrinfo = refuse
script, *sys.argv[1:] = sys.argv[1:]
sys.argv[0] = script
runpy.run_path(script, run_name="__main__")
"""


def run(folder: Path, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", WITHOUT_NETWORK, str(ROOT / script), *arguments]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("HF_")}
    environment["HF_HOME"] = str(folder / "cache")
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def training(steps: Amount, tokens: Amount) -> Training:
    return Training(Amount(1000), steps, tokens, Amount(), 64)


def test_a_plan_says_how_often_a_judge_may_be_asked():
    none = Forecast("", {"a": TO_MAKE}, None, Amount(9), about(1), about(1))
    jobs = [replace(none, judged=count) for count in (Amount(40), about(2000))]
    lines = plan_table([Ahead("base", ("a",), one) for one in jobs], "a CPU").splitlines()
    assert "judge: at most ~2040 calls, less those for answers that the store has a reply for" in lines
    assert "judge" not in plan_table([Ahead("base", ("a",), none)], "a CPU")


def test_a_plan_has_a_line_for_each_job_and_totals():
    one = Forecast(
        TO_MAKE, {"a": TO_MAKE, "b": EXISTS}, training(Amount(63), Amount(16_000)), Amount(500), about(7200), about(2e9)
    )
    two = Forecast(MADE, {"a": MADE, "b": TO_MAKE}, None, about(2e6), UNKNOWN, UNKNOWN, lacking=("model.path=x/y",))
    jobs = [
        Ahead("goat seed=0", ("a", "b"), one),
        Ahead("goat seed=0", ("a", "b"), two),
        Ahead("x", (), None, "no\nsuch"),
    ]
    assert plan_table(jobs, "a CPU").splitlines() == [
        "dry run: nothing is trained, scored, downloaded or written",
        "job          adapter                   rows  steps  cells  train tokens  score tokens    time   memory",
        "goat seed=0  to make                   1000     63  1 + 1          16 k           500  ~2.0 h  ~2.0 GB",
        "goat seed=0  made before                            1 + 1                      ~2.0 M       ?        ?",
        "all          1 to make, 1 made before           63  2 + 2          16 k        ~2.0 M  >2.0 h  >2.0 GB",
        r"x: would fail: no\nsuch",
        "targets: a, b",
        "not in the cache of this machine, so estimated: model.path=x/y",
        "3 jobs, of which 1 would fail; on a CPU",
        "cells: those that exist + those to make; score tokens count every generated text at its longest",
        "~ estimated, > known in part, ? not known; times and memory are rules of thumb (docs/dry_run.md)",
    ]


def test_a_sweep_that_only_fails_has_no_table():
    assert plan_table([Ahead("x", (), None, "no such")], "a CPU").splitlines()[1:] == [
        "x: would fail: no such",
        "1 job, of which 1 would fail; on a CPU",
    ]


def test_a_single_job_names_the_cells_that_are_to_be_made():
    found = Forecast("", {"a": EXISTS, "b": TO_MAKE}, None, Amount(5), about(1), about(1e7))
    lines = plan_table([Ahead("base", ("a", "b"), found)], "a CPU").splitlines()
    assert lines[2:5] == [
        "base  none                  1 + 1                           5  ~1 s  ~0.01 GB",
        "targets: a, b",
        "to make: b",
    ]


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory, model_folder: Path) -> SmallSweep:
    return SmallSweep(tmp_path_factory.mktemp("work"), model_folder, rows=24)


@pytest.mark.slow  # a sweep between two plans
def test_a_dry_run_writes_nothing_and_says_what_the_sweep_does(sweep: SmallSweep):
    def plan() -> subprocess.CompletedProcess[str]:
        settings = [*sweep.settings, "store=runs", "dry_run=true"]
        return run(sweep.folder, "train.py", "-m", "source=base,imdb,paws", "target=[imdb]", *settings)

    before = set(sweep.folder.iterdir())
    planned = plan()
    assert (planned.returncode, planned.stderr) == (0, "")
    table = [line.split() for line in planned.stdout.splitlines()]
    assert table[2][:5] == ["base", "none", "0", "+", "2"]
    assert table[3][:6] == ["imdb", "seed=0", "to", "make", "24", "6"]
    assert "paws seed=0: would fail: " in planned.stdout
    assert "data/paws: no such folder" in planned.stdout or "paws" in planned.stdout.split("would fail: ")[1]
    assert set(sweep.folder.iterdir()) == before
    assert sweep.train("runs", sources="base,imdb").returncode == 0
    kept = {path: path.stat().st_mtime_ns for path in (sweep.folder / "runs").rglob("*")}
    again = plan()
    assert [line.split()[-3:] for line in again.stdout.splitlines()[2:4]] == [["2", "+", "0"]] * 2
    assert {path: path.stat().st_mtime_ns for path in (sweep.folder / "runs").rglob("*")} == kept


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        pytest.param(
            "train.py source=goat target=imdb data=hub model=llama3_2_1b",
            ["goat seed=0  to make  ~10 k   ~625"],
            marks=pytest.mark.slow,
        ),
        ("train.py -m experiment=paper_1b source=base,goat", ["all          3 to make", "\n6 jobs; on "]),
        pytest.param(
            "evaluate.py source=goat target=imdb",
            ["no adapter of these settings exists; python train.py source=goat"],
            marks=pytest.mark.slow,
        ),
        pytest.param(
            "evaluate.py -m source=goat,imdb target=imdb",
            ["python train.py source=imdb trains it"],
            marks=pytest.mark.slow,
        ),
        pytest.param(
            "train.py source=goat rescore=true",
            ["would fail: rescore=true is for evaluate.py"],
            marks=pytest.mark.slow,
        ),
    ],
)
def test_a_command_is_planned_without_a_network(command: str, shown: list[str], tmp_path: Path):
    planned = run(tmp_path, *command.split(), "dry_run=true")
    assert (planned.returncode, planned.stderr) == (0, "")
    assert all(part in planned.stdout for part in shown)
    assert not list(tmp_path.iterdir()), "not even a log"


def test_a_mistake_on_the_command_line_is_its_usual_error(tmp_path: Path):
    planned = run(tmp_path, "train.py", "dry_run=true", "lora.rank=0")
    assert (planned.returncode, planned.stderr) == (1, "error: lora.rank=0: must be at least 1\n")


def test_a_dry_run_is_one_of_all_jobs():
    assert without_folder(["dry_run=true", "dry_run=false"], True) == []
    with pytest.raises(UserError, match="dry_run=true,false: is one answer for all jobs"):
        without_folder(["dry_run=true,false"], True)


def test_a_preview_is_of_one_job():
    assert without_folder(["preview=true"], False) == without_folder(["dry_run=true"], True) != []
    with pytest.raises(UserError, match="^preview=true: shows the data of one job, and -m makes several; leave -m out"):
        without_folder(["preview=true"], True)


@pytest.mark.slow
def test_a_preview_from_the_command_line_writes_nothing(tmp_path: Path):
    shown = run(tmp_path, "evaluate.py", "preview=true", "source=sst2", "target=goat", "data.test_rows=5")
    assert shown.stdout.startswith("source sst2: 1000 training rows\n")
    assert "\ntarget goat: 5 test rows, metric exact_match\n" in shown.stdout
    assert (shown.returncode, list(tmp_path.iterdir())) == (0, [])
    wrong = run(tmp_path, "train.py", "preview=true", "source=sst2", "scoring.prompt=9")
    assert wrong.returncode == 1
    assert wrong.stderr.startswith("error: scoring.prompt=9: no such prompt (field `prompts` of a task): ")


@pytest.mark.slow
def test_whoever_reads_a_preview_may_have_had_enough(tmp_path: Path):
    command = shlex.join([sys.executable, str(ROOT / "evaluate.py"), "preview=true", "target=[goat,imdb]"])
    read = subprocess.run(
        ["bash", "-c", f"{command} | head -1"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (read.stdout, read.stderr) == ("\n", "")
