"""Logs of lm-eval in which something of one model is wrong, or odd: it is told of this model, and leaves the others."""

import gzip
import shutil
from pathlib import Path

import pytest

from crosstask.errors import UserError
from tests.runs.evaluation_logs.conftest import Read, change_head, lines, newest, note, scores, write_lines

OTHERS = ["goat", "base", "mnli", "sst2"]


def copied(folder: Path, model: str, to: str) -> Path:
    """A copy of a model's logs in a folder of its own; return the copy of the newest results."""
    copy = folder / "logs" / to
    shutil.copytree(folder / "logs" / f"models__{model}", copy)
    return max(copy.glob("results_*"))


def test_one_adapter_on_two_base_models_is_two_models(read_lm_eval: Read, lm_eval: Path):
    first = scores(read_lm_eval())
    results = copied(lm_eval, "goat", "other")
    change_head(results, lambda head: head["config"]["model_args"].update(pretrained="models/larger"))
    change_head(results, lambda head: head["results"]["imdb"].update({"acc,none": 0.0}))
    samples = max(results.parent.glob("samples_imdb_*"))
    write_lines(samples, [{**line, "acc": 0.0} for line in lines(samples)])
    found = scores(read_lm_eval())
    assert found["goat(pretrained=models/miniature)", "imdb"] == first["goat", "imdb"] > 0
    assert found["goat(pretrained=models/larger)", "imdb"] == 0
    assert not any(source == "goat" for source, _ in found)
    assert found["imdb", "imdb"] == first["imdb", "imdb"]  # of others the base model is not told


def test_a_slash_at_the_end_of_a_path_is_no_part_of_a_name(read_lm_eval: Read, lm_eval: Path):
    first = scores(read_lm_eval())
    change_head(copied(lm_eval, "goat", "again"), lambda head: head.update(model_name="models/goat/"))
    assert scores(read_lm_eval()) == first


@pytest.mark.parametrize("printed", [float("nan"), 0.123456, None, "N/A"])
def test_a_number_that_is_wrong_of_one_model_costs_this_model_alone(read_lm_eval: Read, lm_eval: Path, printed):
    change_head(newest(lm_eval, "imdb", "results_*"), lambda h: h["results"]["imdb"].update({"acc,none": printed}))
    logs = read_lm_eval()
    assert sorted(logs.scores.loc[logs.scores["target"] == "imdb", "source"]) == sorted(OTHERS)
    (refused,) = logs.answers.refused.to_dict("records")
    assert (refused["source"], refused["target"]) == ("imdb", "imdb")
    told = printed if isinstance(printed, float) and printed == printed else "nan"
    assert f": acc is printed as {told}, and is 0." in refused["reason"]
    assert refused["reason"].startswith("samples_imdb_")


@pytest.mark.parametrize("value", [float("nan"), None])
def test_a_sample_without_a_number_costs_this_model_and_not_the_metric(read_lm_eval: Read, lm_eval: Path, value):
    path = newest(lm_eval, "goat", "samples_quiz_*")
    first, *rest = lines(path)
    write_lines(path, [first | {"acc_norm": value}, *rest])
    logs = read_lm_eval()
    of_quiz = logs.scores[logs.scores["target"] == "quiz"]
    assert set(of_quiz["metric"]) == {"acc_norm"}
    assert "goat" not in set(of_quiz["source"])
    assert logs.answers.refused["reason"].iloc[0].endswith("1 of its 12 samples have no number acc_norm")
    assert ("goat", "quiz") in scores(read_lm_eval(metric="acc"))


def test_a_number_that_is_none_of_samples_by_most_models_is_left_out_of_all(read_lm_eval: Read, lm_eval: Path):
    for model in ("goat", "imdb", "mnli"):
        change_head(newest(lm_eval, model, "results_*"), lambda h: h["results"]["imdb"].update({"acc,none": 0.9876}))
    logs = read_lm_eval()
    assert "imdb" not in set(logs.scores["target"])
    assert note(logs, "imdb is left out", "no mean over samples: samples_imdb_", "acc is printed as 0.9876, and is")


def test_samples_that_are_all_worth_the_same_do_not_speak_for_a_measure(read_lm_eval: Read, lm_eval: Path):
    """As of a median, which is the mean of answers that are all right."""
    for model in ("goat", "imdb", "miniature", "mnli", "sst2"):
        path = newest(lm_eval, model, "samples_imdb_*")
        right = model != "goat"
        write_lines(path, [line | {"acc": float(right or place > 2)} for place, line in enumerate(lines(path))])
        change_head(newest(lm_eval, model, "results_*"), lambda h: h["results"]["imdb"].update({"acc,none": 1.0}))
    assert "imdb" not in set(read_lm_eval().scores["target"])


def test_a_group_is_left_out_of_a_model_whose_samples_do_not_give_its_number(read_lm_eval: Read, lm_eval: Path):
    path = newest(lm_eval, "goat", "samples_claims_rte_*")
    first, *rest = lines(path)
    write_lines(path, [first | {"acc": None}, *rest])
    logs = read_lm_eval(targets=["claims"])
    assert sorted(logs.scores["source"]) == ["base", "imdb", "mnli", "sst2"]
    assert logs.answers.refused["reason"].iloc[0].endswith("of claims_rte, 1 of its 8 samples have no number acc")


def test_a_sample_that_stands_for_another_is_damage(read_lm_eval: Read, lm_eval: Path):
    path = newest(lm_eval, "goat", "samples_imdb_*")
    write_lines(path, [*lines(path)[:-1], lines(path)[0]])
    with pytest.raises(UserError, match=r"samples_imdb_.*, line 12: .*doc_id 0 comes again.*; copy it again"):
        read_lm_eval()


def test_samples_that_were_compressed_are_read(read_lm_eval: Read, lm_eval: Path):
    first = scores(read_lm_eval())
    for path in (lm_eval / "logs" / "models__goat").glob("samples_*"):
        path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()
    assert scores(read_lm_eval()) == first
    path = newest(lm_eval, "goat", "samples_imdb_*.gz")
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(UserError, match=r"samples_imdb_.*\.jsonl\.gz: cannot be read \(Compressed file ended"):
        read_lm_eval()


def test_a_task_of_which_nothing_says_what_is_better_is_read(read_lm_eval: Read, lm_eval: Path):
    first = scores(read_lm_eval())
    change_head(newest(lm_eval, "goat", "results_*"), lambda head: head["higher_is_better"].update(imdb=None))
    assert scores(read_lm_eval()) == first


def test_results_that_are_something_else_are_not_called_missing(read_lm_eval: Read, lm_eval: Path):
    newest(lm_eval, "goat", "results_*").write_text("{}")
    with pytest.raises(
        UserError, match=r"samples_claims_mnli_.*: results_2.*\.json beside it is none of lm-eval's, which has"
    ):
        read_lm_eval()
