"""Logs that lm-eval 0.4.13 and Inspect 0.3.285 wrote; `python -m oracle.log_fixtures` writes them anew."""

import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crosstask.config.analysis import Runs, RunsKind
from crosstask.runs.evaluation_logs.reading import EvaluationLogs, read_evaluation_logs

HERE = Path(__file__).parent
Read = Callable[..., EvaluationLogs]


@pytest.fixture
def lm_eval(tmp_path: Path) -> Path:
    """A folder with ``logs`` of five models, and ``shown`` of one of them that was shown two examples of a task."""
    return unpacked("lm_eval", tmp_path)


@pytest.fixture
def inspect(tmp_path: Path) -> Path:
    """A folder with ``logs`` of three models, and ``epochs_eval`` and ``epochs_json`` of one over two epochs."""
    return unpacked("inspect", tmp_path)


@pytest.fixture
def read_lm_eval(lm_eval: Path) -> Read:
    """A function that reads the logs of lm-eval with some options."""
    return lambda **options: read_evaluation_logs(
        Runs(RunsKind.lm_eval, **{"path": str(lm_eval / "logs"), "base": "miniature", **options})
    )


@pytest.fixture
def read_inspect(inspect: Path) -> Read:
    """The same for those of Inspect."""
    return lambda **options: read_evaluation_logs(
        Runs(RunsKind.inspect, **{"path": str(inspect / "logs"), "base": "small", **options})
    )


def unpacked(name: str, folder: Path) -> Path:
    """The folder with the files of an archive."""
    with tarfile.open(HERE / f"{name}.tar.gz") as archive:
        archive.extractall(folder / name, filter="data")
    return folder / name


def newest(folder: Path, model: str, pattern: str) -> Path:
    """The file of a model's last run."""
    return max((folder / "logs" / f"models__{model}").glob(pattern))


def lines(path: Path) -> list[dict[str, Any]]:
    """The lines of a file of samples."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def write_lines(path: Path, content: list[dict[str, Any]]) -> None:
    """Write lines of samples."""
    path.write_text("".join(json.dumps(line) + "\n" for line in content), encoding="utf-8")


def change_head(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change what results say."""
    head = json.loads(path.read_text(encoding="utf-8"))
    change(head)
    path.write_text(json.dumps(head), encoding="utf-8")


def scores(logs: EvaluationLogs) -> dict[tuple[str, str], float]:
    """Source and target -> score."""
    return logs.scores.set_index(["source", "target"])["score"].to_dict()


def note(logs: EvaluationLogs, *words: str) -> str:
    """The one note with some words."""
    (found,) = [line for line in logs.notes if all(word in line for word in words)]
    return found
