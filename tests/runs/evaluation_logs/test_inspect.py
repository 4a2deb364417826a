"""Logs of Inspect, as the tool wrote them, and with something odd in them."""

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from crosstask.errors import UserError
from crosstask.runs.evaluation_logs.log_archive import LogArchive
from tests.runs.evaluation_logs.conftest import Read, note, scores


def logs_of(folder: Path, task: str, model: str) -> list[Path]:
    """The logs of a model on a task that succeeded, oldest first."""
    found = [(path, LogArchive(path).member("header.json")) for path in sorted((folder / "logs").glob(f"*_{task}_*"))]
    return [path for path, head in found if head["eval"]["model"] == f"mockllm/{model}" and head["status"] == "success"]


def change(path: Path, name: str, how: Callable[[Any], object], method: int = zipfile.ZIP_DEFLATED) -> None:
    """Change a member of a log; all members are compressed as other versions of Inspect do."""
    log = LogArchive(path)
    members = {one: log.member(one) for one in ("header.json", "summaries.json", "reductions.json")}
    changed = how(members[name])
    members[name] = members[name] if changed is None else changed
    with zipfile.ZipFile(path, "w", method) as archive:
        for one, content in members.items():
            archive.writestr(one, json.dumps(content))


def test_the_tool_compresses_by_zstandard_which_is_read(inspect: Path):
    (path,) = logs_of(inspect, "sums", "small")
    with zipfile.ZipFile(path) as archive:
        assert {info.compress_type for info in archive.infolist()} == {93}
    assert len(LogArchive(path).member("summaries.json")) == 12
    assert LogArchive(path).member("none.json") is None


def test_scores_and_errors_are_those_that_the_tool_prints(read_inspect: Read, inspect: Path):
    found = read_inspect(base=None).scores.set_index(["source", "target"])
    assert len(found) == 3 * 2
    for model in ("small", "tuned_sums", "tuned_claims"):
        for task in ("claims", "sums"):
            head = LogArchive(logs_of(inspect, task, model)[-1]).member("header.json")
            printed = head["results"]["scores"][0]["metrics"]
            assert found.loc[(model, task), "score"] == pytest.approx(printed["accuracy"]["value"], abs=1e-12)
            assert found.loc[(model, task), "stderr"] == pytest.approx(printed["stderr"]["value"])


def test_paired_tests_are_those_of_the_samples_by_themselves(read_inspect: Read, inspect: Path):
    answers = read_inspect().answers.targets["sums"]
    ours = dict(zip((row[0] for row in answers.rows), answers.scores, strict=True))
    by_id = {
        model: {
            one["id"]: one["scores"]["match"]["value"] == "C"
            for one in LogArchive(logs_of(inspect, "sums", model)[-1]).member("summaries.json")
        }
        for model in ("small", "tuned_sums")
    }
    better = sum(by_id["tuned_sums"][n] and not by_id["small"][n] for n in by_id["small"])
    worse = sum(by_id["small"][n] and not by_id["tuned_sums"][n] for n in by_id["small"])
    assert better > 2
    assert (ours["tuned_sums"] > ours["base"]).sum() == better
    assert (ours["tuned_sums"] < ours["base"]).sum() == worse
    assert stats.binomtest(better, better + worse).pvalue < 0.2


def test_a_scorer_is_chosen_of_several(read_inspect: Read, inspect: Path):
    assert "match of sums (also there: includes)" in note(read_inspect(), "scored by", "choice of claims")
    logs = read_inspect(metric="includes")
    head = LogArchive(logs_of(inspect, "sums", "tuned_sums")[-1]).member("header.json")
    assert scores(logs)["tuned_sums", "sums"] == head["results"]["scores"][1]["metrics"]["accuracy"]["value"]
    assert set(logs.scores.loc[logs.scores["target"] == "claims", "metric"]) == {"choice"}
    with pytest.raises(UserError, match=r"^runs\.metric=mach: no task has it \(did you mean 'match'\?\)"):
        read_inspect(metric="mach")


def test_labels_lengths_and_answers_that_cannot_be_read_are_told(read_inspect: Read, inspect: Path):
    logs = read_inspect()
    metrics = logs.metrics.set_index(["source", "target", "metric"])["value"]
    samples = LogArchive(logs_of(inspect, "claims", "tuned_claims")[-1]).member("summaries.json")
    answers = [sample["scores"]["choice"]["answer"] for sample in samples]
    assert metrics["tuned_claims", "claims", "predicted/B"] == pytest.approx(np.mean([a == "B" for a in answers]))
    gold = [sample["target"] for sample in samples]
    assert dict(logs.answers.targets["claims"].gold) == {letter: gold.count(letter) for letter in "ABC"}
    tokens = np.mean([sample["model_usage"]["mockllm/tuned_claims"]["output_tokens"] for sample in samples])
    assert metrics["tuned_claims", "claims", "output_tokens"] == pytest.approx(tokens)
    assert metrics["tuned_claims", "claims", "invalid"] == pytest.approx(np.mean([not a for a in answers]))


def test_failed_and_superseded_logs_do_not_count_and_are_named(read_inspect: Read, inspect: Path):
    logs = read_inspect()
    assert set(logs.scores["n"]) == {12}  # and not the 3 of the first try
    assert "claims" in note(logs, "left out (error)")
    assert "mockllm/small of" in note(logs, "newest of those with most samples")


@pytest.mark.parametrize("kind", ["epochs_eval", "epochs_json"])
@pytest.mark.parametrize("reducer", ["mean", "at_least_1"])
def test_several_epochs_are_reduced_as_the_tool_did(read_inspect: Read, inspect: Path, kind: str, reducer: str):
    logs = read_inspect(path=str(inspect / kind), base=None, filter=reducer)
    (path,) = (inspect / kind).iterdir()
    printed = [
        score["metrics"]["accuracy"]["value"]
        for score in LogArchive(path).member("header.json")["results"]["scores"]
        if (score["name"], score["reducer"]) == ("match", reducer)
    ]
    assert scores(logs) == {("tuned_sums", "sums"): printed[0]}
    assert logs.scores["n"].tolist() == [6]  # samples, not epochs
    values = set(np.unique(logs.answers.targets["sums"].scores))
    assert (0.5 in values) == (reducer == "mean")


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_logs_of_versions_that_compress_otherwise_are_read(read_inspect: Read, inspect: Path, method: int):
    first = scores(read_inspect())
    for path in (inspect / "logs").iterdir():
        change(path, "header.json", lambda head: None, method)
    assert scores(read_inspect()) == first


def test_letters_words_and_numbers_are_what_the_tool_takes_them_for(read_inspect: Read, inspect: Path):
    values = ["C", "I", "P", "N", "yes", "False", True, False, 0.25, 1, "0.75", "TRUE"]

    def put(samples):
        for sample, value in zip(samples, values, strict=True):
            sample["scores"]["match"]["value"] = value

    (path,) = logs_of(inspect, "sums", "small")
    change(path, "summaries.json", put)
    change(path, "header.json", lambda head: head["results"]["scores"][0]["metrics"].clear())
    logs = read_inspect(base=None)
    worth = sorted([1, 0, 0.5, 0, 1, 0, 1, 0, 0.25, 1, 0.75, 1])
    (row,) = [n for n, run in enumerate(logs.answers.targets["sums"].rows) if run[0] == "small"]
    assert sorted(logs.answers.targets["sums"].scores[row].tolist()) == worth


def test_samples_that_were_not_scored_leave_the_comparison(read_inspect: Read, inspect: Path):
    (path,) = logs_of(inspect, "sums", "small")
    change(path, "summaries.json", lambda samples: samples[3].update(scores=None, error="out of memory"))
    change(path, "header.json", lambda head: head["results"]["scores"][0]["metrics"].clear())
    logs = read_inspect()
    assert set(logs.scores.loc[logs.scores["target"] == "sums", "n"]) == {11}
    assert "sums: compared on 11 samples that all models have; tuned_sums, tuned_claims have more" in logs.notes


def test_samples_are_paired_by_what_they_ask(read_inspect: Read, inspect: Path):
    (path,) = logs_of(inspect, "sums", "tuned_sums")
    first = read_inspect().answers.targets["sums"]
    turned = lambda samples: [{**one, "id": 100 - one["id"]} for one in reversed(samples)]  # noqa: E731
    change(path, "summaries.json", turned)
    second = read_inspect().answers.targets["sums"]
    assert (first.scores == second.scores).all()
    change(path, "summaries.json", lambda samples: [{**one, "input": f"{one['input']}!"} for one in samples])
    refused = read_inspect().answers.refused
    assert "none of its 12 samples has the content" in refused["reason"].iloc[0]


def test_logs_of_a_task_with_other_arguments_are_columns_of_their_own(read_inspect: Read, inspect: Path):
    for model, subject in (("small", "law"), ("tuned_sums", "law"), ("tuned_claims", "art")):
        change(
            logs_of(inspect, "sums", model)[-1],
            "header.json",
            lambda h, s=subject: h["eval"].update(task_args={"on": s}),
        )
    assert set(read_inspect().scores["target"]) == {"claims", "sums(on=law)", "sums(on=art)"}


def test_one_model_in_two_ways_is_refused(read_inspect: Read, inspect: Path):
    (path,) = logs_of(inspect, "sums", "small")
    copy = path.with_name(f"2099-{path.name}")
    shutil.copy(path, copy)
    change(copy, "header.json", lambda head: head["eval"].update(model_generate_config={"temperature": 0.7}))
    with pytest.raises(UserError, match=r"mockllm/small on sums: runs that differ in temperature \(none, 0.7\)"):
        read_inspect()


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda data: data[:-50], r"not a readable log of Inspect \(the archive: File is not a zip file\)"),
        (lambda data: b"", r"not a readable log of Inspect"),
        (lambda data: data[:60] + bytes(40) + data[100:], r"not a readable log of Inspect \(\w+\.json: ZSTD"),
    ],
)
def test_damaged_logs_are_refused(read_inspect: Read, inspect: Path, damage, says: str):
    (path,) = logs_of(inspect, "sums", "small")
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(UserError, match=says):
        read_inspect()


def test_a_model_with_a_value_that_is_no_number_is_left_out(read_inspect: Read, inspect: Path):
    (path,) = logs_of(inspect, "sums", "tuned_claims")
    change(path, "summaries.json", lambda samples: samples[0]["scores"]["match"].update(value="B+"))
    logs = read_inspect()
    assert set(logs.scores.loc[logs.scores["target"] == "sums", "source"]) == {"base", "tuned_sums"}
    assert set(logs.scores.loc[logs.scores["target"] == "sums", "metric"]) == {"match"}
    reason = logs.answers.refused["reason"].iloc[0]
    assert reason.endswith("score match has the value 'B+', which is no number and no letter of C, I, P, N")
    assert reason.startswith(path.name)


def test_a_compression_that_is_not_known_is_named_with_the_way_out(inspect: Path):
    (path,) = logs_of(inspect, "sums", "small")
    with zipfile.ZipFile(path) as archive:
        (info,) = [one for one in archive.infolist() if one.filename == "header.json"]
        info.compress_type = 95
        with pytest.raises(
            UserError, match=r"compressed by method 95, which is not read; inspect log convert --to json"
        ):
            LogArchive(path)._content(archive, info)


def test_several_frames_of_a_large_member_are_read(tmp_path: Path):
    data = json.dumps({"eval": {"x": "y" * 500}}).encode()
    codec = pa.Codec("zstd")
    frames = b"".join(codec.compress(part, asbytes=True) for part in (data[:200], data[200:]))
    with zipfile.ZipFile(tmp_path / "a.eval", "w") as archive:
        archive.writestr("header.json", frames)
    info = zipfile.ZipFile(tmp_path / "a.eval").infolist()[0]
    info.compress_type, info.file_size = 93, len(data)
    with zipfile.ZipFile(tmp_path / "a.eval") as archive:
        assert LogArchive(tmp_path / "a.eval")._content(archive, info) == data


def test_a_folder_without_logs_is_refused(read_inspect: Read, tmp_path: Path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "logs.json").write_text("{}")
    with pytest.raises(UserError, match=r"no \.eval or \.json log of Inspect of an evaluation that succeeded$"):
        read_inspect(path=str(tmp_path / "empty"))
