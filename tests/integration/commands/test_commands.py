"""The three commands as a user types them, on the tiny model and local files."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from crosstask.config import task_files

ROOT = task_files.CONF.parent


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory, model_folder: Path) -> Path:
    """A folder with data of two tasks; the second one's training rows are broken."""
    folder = tmp_path_factory.mktemp("work")
    for name in ("imdb", "paws"):
        (folder / "data" / name).mkdir(parents=True)
    for split, count in (("train", 24), ("test", 8)):
        films = [{"text": f"{split} film {i} was {'good' if i % 2 else 'bad'}", "label": i % 2} for i in range(count)]
        pairs = [{"sentence1": f"{split} {i}", "sentence2": "b", "label": i % 2} for i in range(count)]
        for name, rows in (("imdb", films), ("paws", pairs)):
            text = "".join(json.dumps(row) + "\n" for row in rows)
            (folder / "data" / name / f"{split}.jsonl").write_text(text)
    with (folder / "data" / "paws" / "train.jsonl").open("a") as file:
        file.write("{broken\n")
    return folder


@pytest.fixture
def run(workplace: Path, model_folder: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    settings = ["data=local", f"data.root={workplace}/data", "model=local", f"model.path={model_folder}"]
    settings += ["data.train_rows=16", "trainer.batch_size=4", "tracking.mode=disabled", "target=[imdb,paws]"]

    def execute(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [
            sys.executable,
            str(ROOT / script),
            *arguments,
            *(settings if script in ("train.py", "evaluate.py") else []),
        ]
        environment = {**os.environ, "COLUMNS": "200"}
        return subprocess.run(command, cwd=workplace, capture_output=True, text=True, check=False, env=environment)

    return execute


def test_a_sweep_its_rerun_and_its_analysis(workplace: Path, run: Callable[..., Any]):
    sweep = run("train.py", "-m", "source=base,imdb,paws")
    assert sweep.returncode == 1, sweep.stderr
    assert sweep.stdout.startswith("3 jobs, the longest first; no earlier job to estimate the time from\n")
    assert "[1/3] imdb seed=0: done: trained 4 steps" in sweep.stdout
    assert "[2/3] base: done: scored 2 targets" in sweep.stdout
    assert "[3/3] paws seed=0: failed" in sweep.stdout
    table = sweep.stdout[sweep.stdout.index("3 jobs:") :].splitlines()
    assert table[0].startswith("3 jobs: 2 done, 1 failed (logs in runs/logs/")
    assert table[1].endswith(
        "data/paws/train.jsonl:25: not JSON: Expecting property name enclosed in double quotes: column 2, at"
        " '{broken'; allowed are JSON Lines, one JSON object a line, in UTF-8"
    )
    log = workplace / table[2].removeprefix("    log: ")
    assert "Traceback" in log.read_text()
    assert "Traceback" not in sweep.stdout + sweep.stderr

    again = run("train.py", "-m", "source=base,imdb")
    assert again.returncode == 0, again.stderr
    assert "2 jobs: 2 reused" in again.stdout

    analysis = run("analyze.py")
    assert analysis.returncode == 0, analysis.stderr
    matrix = pd.read_csv(workplace / "results" / "matrix.csv", index_col="source")
    assert list(matrix.index) == ["base", "imdb"]
    assert list(matrix.columns) == ["paws", "imdb"]
    assert matrix.notna().all(axis=None)
    scores = pd.read_csv(workplace / "results" / "scores.csv")
    assert list(scores.columns) == ["source", "target", "seed", "metric", "score", "stderr", "n", "ci_low", "ci_high"]
    assert scores["n"].tolist() == [8] * 4
    gains = pd.read_csv(workplace / "results" / "gains_long.csv")
    assert gains["test"].tolist() == ["mcnemar"] * 2  # the answers were found in the store
    assert "Gain over the base model" in analysis.stdout


@pytest.mark.slow
def test_evaluate_without_an_adapter_says_what_to_do(run: Callable[..., Any]):
    result = run("evaluate.py", "source=imdb", "lora.rank=3")
    assert result.returncode == 1
    assert result.stderr.startswith(
        "error: source=imdb: no adapter of these settings exists; python train.py source=imdb"
    )
    assert "lora.rank=3" in result.stderr
    assert "target=" not in result.stderr
    assert result.stderr.strip().endswith("trains it")


def test_analyze_without_runs_says_what_to_do(run: Callable[..., Any]):
    result = run("analyze.py", "store=nowhere")
    assert result.returncode == 1
    message = "no runs to analyze; python train.py -m 'source=glob(*)' makes some"
    assert result.stderr == f"error: store=nowhere: {message}\n"


def test_status_without_sweeps_says_what_to_do(run: Callable[..., Any]):
    result = run("status.py", "store=nowhere")
    assert result.returncode == 1
    message = "no sweep in nowhere/logs; python train.py -m 'source=glob(*)' makes one"
    assert result.stderr == f"error: store=nowhere: {message}\n"


@pytest.mark.slow
def test_any_table_of_scores_can_be_analysed(workplace: Path, run: Callable[..., Any]):
    rows = [(s, t, 0.1 * (i + j + i * j % 3)) for i, s in enumerate(["base", "a", "b"]) for j, t in enumerate("xyz")]
    pd.DataFrame(rows, columns=["source", "target", "score"]).to_csv(workplace / "published.csv", index=False)
    result = run("analyze.py", "runs=table", "runs.path=published.csv", "output=elsewhere")
    assert result.returncode == 0, result.stderr
    gains = pd.read_csv(workplace / "elsewhere" / "gains.csv", index_col="source")
    frame = pd.DataFrame(rows, columns=["source", "target", "score"]).pivot(
        index="source", columns="target", values="score"
    )
    pd.testing.assert_frame_equal(gains, frame.drop("base") - frame.loc["base"], check_names=False)
