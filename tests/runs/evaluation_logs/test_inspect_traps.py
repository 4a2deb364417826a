"""Logs of Inspect that one may take for what they are not, as the tool wrote them: see ``oracle.inspect_traps``."""

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from crosstask.config.analysis import Runs, RunsKind
from crosstask.errors import UserError
from crosstask.runs.evaluation_logs.log_archive import LogArchive
from crosstask.runs.evaluation_logs.reading import EvaluationLogs, read_evaluation_logs
from tests.runs.evaluation_logs.conftest import note, scores, unpacked
from tests.runs.evaluation_logs.test_inspect import change

ReadTrap = Callable[..., EvaluationLogs]


@pytest.fixture
def traps(tmp_path: Path) -> Path:
    """A folder with a folder of logs for each trap."""
    return unpacked("inspect_traps", tmp_path) / "logs"


@pytest.fixture
def read_trap(traps: Path) -> ReadTrap:
    """A function that reads the logs of a trap with some options."""
    return lambda name, **options: read_evaluation_logs(
        Runs(RunsKind.inspect, path=str(traps / name), base="small", **options)
    )


def log_of(folder: Path, model: str) -> Path:
    """The log of a model."""
    (found,) = [p for p in folder.iterdir() if LogArchive(p).member("header.json")["eval"]["model"].endswith(model)]
    return found


def samples_of(folder: Path, model: str) -> list[dict[str, Any]]:
    """The samples of a model."""
    found: list[dict[str, Any]] = LogArchive(log_of(folder, model)).member("summaries.json")
    return found


def test_scores_of_one_name_are_told_apart_by_their_scorers(read_trap: ReadTrap, traps: Path):
    logs = read_trap("same_names")
    assert "first/right of asked (also there: first/length, second/right)" in note(logs, "scored by")
    for row, model in (("base", "small"), ("tuned", "tuned")):
        said = [
            sample["scores"]["first"]["value"]["right"] == "C" for sample in samples_of(traps / "same_names", model)
        ]
        assert scores(logs)[row, "asked"] == pytest.approx(np.mean(said))
        assert 0 < np.mean(said) < 1
        metrics = logs.metrics.set_index(["source", "target", "metric"])["value"]
        assert metrics[row, "asked", "printed/first/right/accuracy"] == pytest.approx(np.mean(said))
        assert metrics[row, "asked", "printed/second/right/mean"] == pytest.approx(10 - 10 * np.mean(said))
        other = read_trap("same_names", metric="second/right")
        assert scores(other)[row, "asked"] == pytest.approx(10 - 10 * np.mean(said))
    assert read_trap("same_names", metric="right").scores.equals(logs.scores)
    assert set(logs.scores["metric"]) == {"first/right"}
    with pytest.raises(UserError, match=r"^runs\.metric=scond/right: no task has it \(did you mean 'second/right'\?\)"):
        read_trap("same_names", metric="scond/right")


def test_the_score_of_the_headline_is_that_of_its_scorer(read_trap: ReadTrap, traps: Path):
    leading = {"scorer": "second", "score": "right", "metric": "mean"}
    for model in ("small", "tuned"):
        path = log_of(traps / "same_names", model)
        change(path, "header.json", lambda head: head["results"].update(headline=leading))
    assert "second/right of asked" in note(read_trap("same_names"), "scored by")


def test_a_score_that_is_no_number_does_not_cost_another(read_trap: ReadTrap):
    logs = read_trap("text_value")
    assert set(logs.scores["metric"]) == {"match"}
    assert len(logs.scores) == 2
    assert scores(read_trap("text_value", metric="match")) == scores(logs)
    with pytest.raises(UserError, match=r"metric=verdict: of asked it is no mean.*value 'refused'.*there is match$"):
        read_trap("text_value", metric="verdict")


def test_long_questions_are_told_apart_by_what_summaries_do_not_have(read_trap: ReadTrap, traps: Path):
    begun = [{sample["input"] for sample in samples_of(traps / "long", model)} for model in ("small", "tuned")]
    assert begun[0] == begun[1]  # of all questions the same: Inspect cut them
    assert len(begun[0]) == 1
    logs = read_trap("long")
    assert scores(logs).keys() == {("base", "asked")}
    assert "none of its 6 samples has the content" in logs.answers.refused["reason"].iloc[0]


def test_a_long_question_that_the_log_does_not_have_is_refused(read_trap: ReadTrap, traps: Path):
    change(log_of(traps / "long", "small"), "header.json", lambda head: None)  # leaves the samples themselves out
    with pytest.raises(
        UserError, match=r"a part of what sample 1 asks, and there is no samples/1_epoch_1\.json, which"
    ):
        read_trap("long")


def test_long_questions_are_the_same_in_both_forms_of_logs(read_trap: ReadTrap, traps: Path):
    assert {path.suffix for path in (traps / "long_forms").iterdir()} == {".eval", ".json"}
    logs = read_trap("long_forms")
    assert logs.answers.refused.empty
    found = logs.answers.targets["asked"]
    for row, model in zip(found.rows, ("small", "tuned"), strict=True):
        worth = [sample["scores"]["match"]["value"] == "C" for sample in samples_of(traps / "long_forms", model)]
        assert sorted(found.scores[found.rows.index(row)]) == sorted(map(float, worth))
    by_id = [
        {sample["id"]: sample["scores"]["match"]["value"] for sample in samples_of(traps / "long_forms", model)}
        for model in ("small", "tuned")
    ]
    same = sum(by_id[0][number] == by_id[1][number] for number in by_id[0])
    assert (found.scores[0] == found.scores[1]).sum() == same < 6


def test_a_question_of_another_image_is_another_question(read_trap: ReadTrap, traps: Path):
    summary = samples_of(traps / "images", "other")[0]["input"][0]["content"]
    assert [part["text"] for part in summary] == ["Is it red?", "(Image)"]
    logs = read_trap("images")
    assert logs.scores.set_index("source")["n"].to_dict() == {"base": 6, "tuned": 6}  # the one as .eval, one as .json
    assert logs.answers.refused["source"].tolist() == ["other"]


def test_another_grader_is_told_of(read_trap: ReadTrap):
    told = "model of role grader (mockllm/strict: small; mockllm/lenient: tuned)"
    assert told in note(read_trap("graders"), "asked or scored in different ways")


def test_another_grader_of_one_model_is_refused(read_trap: ReadTrap, traps: Path):
    path = log_of(traps / "graders", "small")
    copy = path.with_name(f"2099-{path.name}")
    shutil.copy(path, copy)
    roles = {"grader": {"model": "mockllm/strict", "config": {"temperature": 1.0}}}
    change(copy, "header.json", lambda head: head["eval"].update(model_roles=roles))
    says = r"on asked: runs that differ in model of role grader \(mockllm/strict, mockllm/strict\(temperature=1.0\)\)"
    with pytest.raises(UserError, match=says):
        read_trap("graders")


def test_models_that_grade_themselves_have_other_graders(read_trap: ReadTrap):
    logs = read_trap("own_graders")
    told = "grader of model_graded_qa (mockllm/small: small; mockllm/tuned: tuned)"
    assert told in note(logs, "asked or scored in different ways")


def test_what_a_grader_writes_is_not_what_the_model_writes(read_trap: ReadTrap, traps: Path):
    usage = samples_of(traps / "graders", "small")[0]["model_usage"]
    assert {name: of["output_tokens"] for name, of in usage.items()} == {"mockllm/small": 1, "mockllm/strict": 2}
    metrics = read_trap("graders").metrics.set_index(["source", "target", "metric"])["value"]
    assert metrics["base", "asked", "output_tokens"] == 1


def test_other_options_of_the_scorer_that_counts_are_told_of(read_trap: ReadTrap, traps: Path):
    found = note(read_trap("options"), "asked or scored in different ways")
    assert 'options of scorer match ({"location": "end"}: small; {"location": "any"}: tuned)' in found
    for model, location in (("small", "end"), ("tuned", "any")):  # of one that does not count they are none of it
        path = log_of(traps / "text_value", model)
        options = {"location": location}
        change(path, "header.json", lambda head, o=options: head["results"]["scores"][1].update(params=o))
    assert not [line for line in read_trap("text_value").notes if "different ways" in line]


def test_other_limits_are_told_of(read_trap: ReadTrap, traps: Path):
    found = note(read_trap("limits"), "asked or scored in different ways")
    assert "token_limit (none: small; 2: tuned)" in found
    assert "message_limit (none: small; 3: tuned)" in found


def test_other_limits_of_one_model_are_refused(read_trap: ReadTrap, traps: Path):
    path = log_of(traps / "limits", "small")
    copy = path.with_name(f"2099-{path.name}")
    shutil.copy(path, copy)
    for limit in ("turn_limit", "time_limit", "working_limit", "cost_limit"):
        change(copy, "header.json", lambda head, name=limit: head["eval"]["config"].update({name: 7}))
    says = r"turn_limit \(none, 7\), time_limit \(none, 7\), working_limit \(none, 7\), cost_limit \(none, 7\)"
    with pytest.raises(UserError, match=says):
        read_trap("limits")


def test_images_that_were_not_logged_are_told_apart_by_their_numbers(read_trap: ReadTrap, traps: Path):
    """As ``--no-log-images`` has it, which leaves the same words for every image."""
    for path in (traps / "images").iterdir():
        if path.suffix == ".eval":
            _without_images(path)
        else:
            path.unlink()
    logs = read_trap("images")
    assert logs.scores.set_index("source")["n"].to_dict() == {"base": 6, "other": 6}


def _without_images(path: Path) -> None:
    """Leave the images of a log out."""
    log = LogArchive(path)
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    members = dict(zip(names, log.each(names), strict=True))
    for name, content in members.items():
        if name.startswith("samples/"):
            content["input"][0]["content"][1]["image"] = "<base64-data-removed>"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, json.dumps(content))
