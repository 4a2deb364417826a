"""Logs that lm-eval 0.4.5 wrote, of two scripted models; lines of versions before 0.4.7 do not name their filter."""

import json
from pathlib import Path

import numpy as np
import pytest

from crosstask.config.analysis import Runs, RunsKind
from crosstask.errors import UserError
from crosstask.runs.evaluation_logs.reading import EvaluationLogs, read_evaluation_logs
from tests.runs.evaluation_logs.conftest import lines, newest, scores, unpacked, write_lines

MODELS = ("plain", "tuned")


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """A folder with the logs."""
    return unpacked("lm_eval_0.4.5", tmp_path)


def read(folder: Path, **options: object) -> EvaluationLogs:
    """Read the logs with some options."""
    return read_evaluation_logs(Runs(RunsKind.lm_eval, path=str(folder / "logs"), **options))  # type: ignore[arg-type]


def printed(folder: Path, model: str) -> dict[str, dict[str, float]]:
    """What the tool printed."""
    found: dict[str, dict[str, float]] = json.loads(newest(folder, model, "results_*").read_text())["results"]
    return found


def test_the_tool_named_no_filter(older: Path):
    assert not {"filter", "metrics"} & set(lines(newest(older, "plain", "samples_goat_*"))[0])


@pytest.mark.parametrize("name", ["strict-match", "flexible-extract"])
def test_scores_are_those_that_the_tool_prints(older: Path, name: str):
    found = scores(read(older, filter=name))
    for model in MODELS:
        numbers = printed(older, model)
        assert numbers["goat"]["exact_match,strict-match"] < numbers["goat"]["exact_match,flexible-extract"]
        assert found[model, "goat"] == pytest.approx(numbers["goat"][f"exact_match,{name}"])
        assert found[model, "quiz"] == pytest.approx(numbers["quiz"]["acc_norm,none"])
        for task in ("imdb", "claims_mnli", "claims_rte"):
            assert found[model, task] == pytest.approx(numbers[task]["acc,none"])
        pairs = [line["bits_per_byte"] for line in lines(newest(older, model, "samples_texts_*"))]
        assert found[model, "texts"] == pytest.approx(np.mean([np.exp(p / size) for p, size in pairs]))
    assert len(found) == 2 * 6


def test_each_filter_has_every_sample_once(older: Path):
    path = newest(older, "plain", "samples_goat_*")
    write_lines(path, [*lines(path), lines(path)[3]])
    with pytest.raises(UserError, match=r"samples_goat_.*, line 25: .*doc_id 3 comes again"):
        read(older)
