"""Folders of lm-eval's logs with something odd in them; each file is one that the tool wrote, and then changed."""

import shutil
from pathlib import Path

import pytest

from crosstask.errors import UserError
from tests.runs.evaluation_logs.conftest import Read, change_head, lines, newest, note, scores, write_lines

OLDER = "2020-01-01T00-00-00.000000"


def again(folder: Path, model: str, date: str = OLDER) -> Path:
    """A copy of a model's last run under another date."""
    results = newest(folder, model, "results_*")
    code = results.name.removeprefix("results_").removesuffix(".json")
    for path in list(results.parent.glob(f"*_{code}.json*")):
        shutil.copy(path, path.with_name(path.name.replace(code, date)))
    return results.with_name(f"results_{date}.json")


def test_of_two_whole_runs_the_newest_counts(read_lm_eval: Read, lm_eval: Path):
    first = scores(read_lm_eval())
    copy = again(lm_eval, "imdb")
    path = copy.with_name(f"samples_imdb_{OLDER}.jsonl")
    write_lines(path, [{**line, "acc": 0.0} for line in lines(path)])
    change_head(copy, lambda head: head["results"]["imdb"].update({"acc,none": 0.0}))
    logs = read_lm_eval()
    assert scores(logs) == first
    assert f"models/imdb of {OLDER} (6 tasks)" in note(logs, "newest")


def test_a_damaged_newest_run_gives_way_to_an_older_whole_one(read_lm_eval: Read, lm_eval: Path):
    first = scores(read_lm_eval())
    again(lm_eval, "imdb")
    path = newest(lm_eval, "imdb", "samples_imdb_2*")
    path.write_bytes(path.read_bytes()[:-300])
    logs = read_lm_eval()
    assert scores(logs) == first
    assert f"{path.name}, line 12: cut short" in note(logs, "left out for an older run")


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda data: data[:-300], r"samples_imdb_.*, line 12: cut short; copy it again"),
        (lambda data: data.replace(b'"doc_id": 1,', b'"doc_id": 1', 1), r"line 2: no JSON"),
        (lambda data: data.replace(b'"doc_hash"', b'"hash"', 1), r"line 1: no doc_hash, which lm-eval writes from"),
        (lambda data: data[: data.index(b"\n") + 1], r"1 samples of the 12 in its results; copy it again"),
        (lambda data: b"[]\n", r"line 1: not a sample of lm-evaluation-harness"),
        (lambda data: b"", r"samples_imdb_.*: no samples"),
    ],
)
def test_damaged_samples_are_refused_by_their_line(read_lm_eval: Read, lm_eval: Path, damage, says: str):
    path = newest(lm_eval, "imdb", "samples_imdb_*")
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(UserError, match=says):
        read_lm_eval()


def test_samples_without_results_are_refused_since_nothing_names_their_model(read_lm_eval: Read, lm_eval: Path):
    newest(lm_eval, "imdb", "results_*").unlink()
    with pytest.raises(UserError, match=r"samples_claims_mnli_.*: no results_2.*\.json beside it, which has the model"):
        read_lm_eval()


def test_results_without_samples_are_left_out_with_a_note(read_lm_eval: Read, lm_eval: Path):
    for path in (lm_eval / "logs" / "models__imdb").glob("samples_*"):
        path.unlink()
    logs = read_lm_eval()
    assert "imdb" not in set(logs.scores["source"])
    assert "models__imdb" in note(logs, "no samples beside it", "--log_samples")


def test_runs_with_other_shots_of_one_model_are_refused(read_lm_eval: Read, lm_eval: Path):
    shutil.copytree(lm_eval / "shown" / "models__imdb", lm_eval / "logs" / "models__imdb", dirs_exist_ok=True)
    with pytest.raises(
        UserError, match=r"models/imdb on goat: runs that differ in num_fewshot \(0, 2\).*leave all but"
    ):
        read_lm_eval()


def test_models_with_other_shots_are_compared_with_a_note(read_lm_eval: Read, lm_eval: Path):
    newest(lm_eval, "imdb", "samples_goat_*").unlink()
    shutil.copytree(lm_eval / "shown" / "models__imdb", lm_eval / "logs" / "models__imdb", dirs_exist_ok=True)
    logs = read_lm_eval()
    assert ("imdb", "goat") in scores(logs)  # the rows are the same, whatever stands before them
    assert "0: goat, miniature, mnli, sst2; 2: imdb" in note(
        logs, "goat: models were asked or scored in different ways"
    )


def test_samples_are_paired_by_content_whatever_their_numbers(read_lm_eval: Read, lm_eval: Path):
    first = read_lm_eval()
    path = newest(lm_eval, "imdb", "samples_imdb_*")
    turned = [{**line, "doc_id": number} for number, line in enumerate(reversed(lines(path)))]
    write_lines(path, turned)
    logs = read_lm_eval()
    for found in (first, logs):
        rows = [row[0] for row in found.answers.targets["imdb"].rows]
        assert rows[1:] == ["goat", "imdb", "mnli", "sst2"]
    assert (first.answers.targets["imdb"].scores == logs.answers.targets["imdb"].scores).all()


def test_a_model_that_was_asked_other_rows_under_the_same_numbers_is_left_out(read_lm_eval: Read, lm_eval: Path):
    path = newest(lm_eval, "imdb", "samples_imdb_*")
    write_lines(path, [{**line, "doc_hash": line["doc_hash"][::-1]} for line in lines(path)])
    logs = read_lm_eval()
    assert ("imdb", "imdb") not in scores(logs)
    (refused,) = logs.answers.refused.to_dict("records")
    assert (refused["source"], refused["target"]) == ("imdb", "imdb")
    assert refused["reason"].startswith("none of its 12 samples has the content of one of the 12 of the others")


def test_rows_are_compared_on_the_samples_that_all_have_if_they_have_nearly_all(read_lm_eval: Read, lm_eval: Path):
    path = newest(lm_eval, "imdb", "samples_imdb_*")
    kept = lines(path)[:-1]

    def one_less(head):
        head["n-samples"]["imdb"]["effective"] = 11
        head["results"]["imdb"]["acc,none"] = sum(line["acc"] for line in kept) / 11

    write_lines(path, kept)
    change_head(newest(lm_eval, "imdb", "results_*"), one_less)
    logs = read_lm_eval()
    assert set(logs.scores.loc[logs.scores["target"] == "imdb", "n"]) == {11}
    assert note(logs, "imdb: compared on 11 samples that all models have; imdb lack some")
    strict = read_lm_eval(coverage=1.0)
    assert ("imdb", "imdb") not in scores(strict)
    assert set(strict.scores.loc[strict.scores["target"] == "imdb", "n"]) == {12}
    assert "its 11 samples have 11 of the 12" in strict.answers.refused["reason"].iloc[0]


def test_a_model_on_more_samples_is_cut_to_those_of_the_base_model(read_lm_eval: Read, lm_eval: Path):
    base = newest(lm_eval, "miniature", "samples_imdb_*")
    base.unlink()  # what is left of it on this task is the run on five rows
    logs = read_lm_eval()
    assert set(logs.scores.loc[logs.scores["target"] == "imdb", "n"]) == {5}
    assert "imdb: compared on 5 samples that all models have; goat, imdb, mnli, sst2 have more" in logs.notes
    whole = read_lm_eval(base=None)  # without a base model those count that most have
    assert set(whole.scores.loc[whole.scores["target"] == "imdb", "n"]) == {12}


def test_models_of_one_name_are_told_apart_by_what_they_were_loaded_with(read_lm_eval: Read, lm_eval: Path):
    copy = again(lm_eval, "miniature", "2020-01-01T00-00-00")
    change_head(copy, lambda head: head["config"]["model_args"].update(revision="step1000", device="cuda"))
    logs = read_lm_eval(base=None)
    assert "miniature(revision=step1000)" in set(logs.scores["source"])
    assert "miniature" in set(logs.scores["source"])


def test_a_task_whose_number_is_no_mean_over_samples_is_left_out(read_lm_eval: Read, lm_eval: Path):
    for path in (lm_eval / "logs").rglob("results_*"):
        change_head(path, lambda head: head["results"]["imdb"].update({"acc,none": 0.123456}))
    logs = read_lm_eval()
    assert "imdb" not in set(logs.scores["target"])
    assert note(logs, "imdb is left out: what is printed of it (acc) is no mean over samples")
    with pytest.raises(UserError, match=r"^runs\.metric=acc: of imdb it is no mean over samples.*there is no other"):
        read_lm_eval(metric="acc")


def test_less_is_better_where_the_logs_say_so(read_lm_eval: Read, lm_eval: Path):
    for path in (lm_eval / "logs").rglob("results_*"):
        change_head(path, lambda head: head["higher_is_better"]["imdb"].update(acc=False))
    assert read_lm_eval().lower == ("imdb",)


def test_an_output_path_of_a_file_has_its_results_under_another_name(read_lm_eval: Read, lm_eval: Path):
    first = scores(read_lm_eval())
    for path in list((lm_eval / "logs").rglob("results_*")):
        path.rename(path.with_name(path.name.replace("results_", "mine_")))
    assert scores(read_lm_eval()) == first


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"base": "minature"}, r"^runs\.base: no model minature \(did you mean 'miniature'\?\); there are goat, imdb"),
        ({"metric": "f1"}, r"^runs\.metric=f1: no task has it; there are acc, exact_match"),
        ({"metric": {"imbd": "acc"}}, r"^runs\.metric: no task imbd \(did you mean 'imdb'\?\)"),
        ({"metric": {"imdb": "acc_norm"}}, r"^runs\.metric=\{imdb: acc_norm\}: not of imdb.*; there are acc"),
        ({"metric": "word_perplexity"}, r"^runs\.metric=word_perplexity: of texts it is no mean over samples"),
        ({"filter": "strict"}, r"^runs\.filter=strict: no task has it \(did you mean 'strict-match'\?\)"),
        ({"targets": ["clams"]}, r"^runs\.targets: no task or group clams \(did you mean 'claims'\?\)"),
        ({"sources": {"imbd": "reviews"}}, r"^runs\.sources: no model imbd \(did you mean 'imdb'\?\)"),
        ({"sources": {"imdb": "sst2"}}, r"^runs\.sources: sst2 is a model of its own"),
        ({"sources": {"imdb": "base"}}, r"^runs\.sources: only one model can be base"),
        ({"lower": ["perplexity"]}, r"^runs\.lower: no target or metric perplexity"),
        ({"units": {"imdb": "furlong"}}, r"^runs\.units=\{imdb: furlong\}: not one of fraction, percent, number"),
    ],
)
def test_options_that_name_what_is_not_there_are_refused(read_lm_eval: Read, options, says: str):
    with pytest.raises(UserError, match=says):
        read_lm_eval(**options)


def test_a_folder_without_logs_is_refused(read_lm_eval: Read, tmp_path: Path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / f"results_{OLDER}.json").write_text("[1]")
    with pytest.raises(
        UserError, match=r"no samples_<task>_<date>\.jsonl of lm-evaluation-harness, which --log_samples"
    ):
        read_lm_eval(path=str(tmp_path / "empty"))
