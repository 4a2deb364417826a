"""The gate of an analysis: its exit status says what intervals say, and not what points do."""

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from crosstask.commands.gate import CANNOT_TELL, LESS, PASSED, verdict

ROOT = Path(__file__).parents[2]


def row(source: str, kept: float, half: float) -> dict[str, object]:
    """A row whose interval for all is half as wide again as its own."""
    own = {"ci_low": kept - half, "ci_high": kept + half}
    return {"source": source, "kept": kept, **own, "all_low": kept - 1.5 * half, "all_high": kept + 1.5 * half}


@pytest.mark.parametrize(
    ("rows", "status", "line"),
    [
        ([row("a", 1.0, 0.02), row("b", 0.99, 0.03)], PASSED, "kept by 2 sources; least sure of b 99 % (96 to 102)"),
        (
            [row("a", 0.9, 0.02), row("b", 0.99, 0.03)],
            LESS,
            "less is kept by 1 of 2 sources: a 90 % (87 to 93); exit status 1",
        ),
        ([row("a", 0.9, 0.04)], CANNOT_TELL, "cannot be told of 1 of 1 source: a 90 % (86 to 94); exit status 3"),
        ([row("a", 1.0, 0.1)], CANNOT_TELL, "cannot be told of 1 of 1 source: a 100 % (90 to 110); exit status 3"),
        (
            [row("a", 1.0, 0.01), row("b", float("nan"), 1)],
            CANNOT_TELL,
            "b (on no other target is base clearly above a score that takes no ability)",
        ),
        ([row("a", 0.5, 0.1), row("b", float("nan"), 1)], LESS, "less is kept by 1 of 2 sources"),
    ],
)
def test_the_status_is_what_the_intervals_say(rows: list[dict[str, object]], status: int, line: str):
    found, (said,) = verdict(pd.DataFrame(rows), 0.95)
    assert found == status
    assert said.startswith("gate.kept=0.95: ")
    assert line in said


def test_without_base_it_cannot_be_told():
    assert verdict(None, 0.9)[0] == CANNOT_TELL


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (["gate.kept=0.9"], 2),
        (["gate.kept=2"], 2),  # found before the config is composed
        (["gate.kept=0.9", "runs.path=nowhere.csv", "runs=table"], 2),
        (["analysis.alpha=2"], 1),
    ],
)
def test_an_error_is_not_taken_for_forgetting(asked: list[str], status: int):
    command = [sys.executable, "analyze.py", "store=nowhere", *asked]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (status, "")
    (line,) = ended.stderr.splitlines()
    assert line.startswith("error: ")


def test_a_pipeline_sees_it(tmp_path: Path):
    scores = [(source, f"t{place}", 0.9 - 0.01 * place) for source in ("base", "t0", "t1") for place in range(6)]
    table = pd.DataFrame(scores, columns=["source", "target", "score"]).assign(n=2000)
    table.loc[table["source"] == "t1", "score"] -= 0.3
    table.to_csv(tmp_path / "t.csv", index=False)
    options = [f"runs.path={tmp_path}/t.csv", f"output={tmp_path}/results", "analysis.figures=[]"]
    few = ["analysis.traits.noise_draws=100", "analysis.traits.resamples=0", "analysis.gains.resamples=100"]
    command = [sys.executable, "analyze.py", "runs=table", *options, *few, "gate.kept=0.9"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == LESS
    assert found.stdout.splitlines()[-1].startswith("gate.kept=0.9: less is kept by 1 of 2 sources: t1 66 %")
    assert (tmp_path / "results" / "kept.csv").is_file()
