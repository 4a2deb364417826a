"""Logs of lm-evaluation-harness, as the tool wrote them."""

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.runs.evaluation_logs.conftest import Read, lines, newest, note, scores

MODELS = ["goat", "imdb", "miniature", "mnli", "sst2"]
TASKS = ["claims_mnli", "claims_rte", "goat", "imdb", "quiz", "texts"]
KEYS = {"goat": "exact_match,strict-match", "quiz": "acc_norm,none"}


def test_scores_and_errors_are_those_that_the_tool_prints(read_lm_eval: Read, lm_eval: Path):
    logs = read_lm_eval(base=None)
    found = logs.scores.set_index(["source", "target"])
    assert found.index.tolist() == [(model, task) for task in TASKS for model in MODELS]
    for model in MODELS:
        printed = json.loads(newest(lm_eval, model, "results_*").read_text())["results"]
        for task in TASKS[:-1]:
            key = KEYS.get(task, "acc,none")
            assert found.loc[(model, task), "score"] == pytest.approx(printed[task][key], abs=1e-12)
            assert found.loc[(model, task), "stderr"] == pytest.approx(printed[task][key.replace(",", "_stderr,")])
            assert found.loc[(model, task), "n"] == printed[task]["sample_len"]


def test_texts_are_scored_one_by_one_and_their_bits_are_those_printed(read_lm_eval: Read, lm_eval: Path):
    logs = read_lm_eval(base=None)
    pairs = [line["bits_per_byte"] for line in lines(newest(lm_eval, "imdb", "samples_texts_*"))]
    bits = [-likelihood / size / math.log(2) for likelihood, size in pairs]
    assert scores(logs)["imdb", "texts"] == pytest.approx(np.mean([2**-b for b in bits]))
    assert set(logs.scores.loc[logs.scores["target"] == "texts", "metric"]) == {"bits_per_byte"}
    metrics = logs.metrics.set_index(["source", "target", "metric"])["value"]
    together = -sum(p for p, _ in pairs) / sum(n for _, n in pairs) / math.log(2)
    assert metrics["imdb", "texts", "printed/bits_per_byte"] == pytest.approx(together)
    assert not logs.lower  # more of the probability is better, though less bits are


def test_paired_tests_are_those_of_the_lines_by_themselves(read_lm_eval: Read, lm_eval: Path):
    answers = read_lm_eval().answers.targets["goat"]
    ours = dict(zip((row[0] for row in answers.rows), answers.scores, strict=True))
    frames = {}
    for model in ("miniature", "goat"):
        rows = pd.DataFrame(lines(newest(lm_eval, model, "samples_goat_*")))
        frames[model] = rows[rows["filter"] == "strict-match"].set_index("doc_id")["exact_match"]
    better = int((frames["goat"] > frames["miniature"]).sum())
    worse = int((frames["goat"] < frames["miniature"]).sum())
    assert better > 3  # or the comparison would say nothing
    assert (ours["goat"] > ours["base"]).sum() == better
    assert (ours["goat"] < ours["base"]).sum() == worse
    assert stats.binomtest(better, better + worse).pvalue < 0.05


def test_filters_that_list_a_sample_twice_are_one_measure_each(read_lm_eval: Read, lm_eval: Path):
    listed = lines(newest(lm_eval, "imdb", "samples_goat_*"))
    strict, flexible = (
        np.mean([line["exact_match"] for line in listed if line["filter"] == name])
        for name in ("strict-match", "flexible-extract")
    )
    assert strict != flexible
    assert len(listed) == 2 * 12
    first, other = read_lm_eval(), read_lm_eval(filter="flexible-extract")
    assert scores(first)["imdb", "goat"] == pytest.approx(strict)
    assert scores(other)["imdb", "goat"] == pytest.approx(flexible)
    assert "exact_match/strict-match of goat (also there: exact_match/flexible-extract)" in note(first, "scored by")
    assert read_lm_eval(filter={"goat": "flexible-extract"}).scores.equals(other.scores)


def test_acc_norm_counts_beside_acc_unless_another_is_asked_for(read_lm_eval: Read, lm_eval: Path):
    listed = lines(newest(lm_eval, "imdb", "samples_quiz_*"))
    plain, norm = (np.mean([line[name] for line in listed]) for name in ("acc", "acc_norm"))
    assert plain != norm
    assert scores(read_lm_eval())["imdb", "quiz"] == pytest.approx(norm)
    assert scores(read_lm_eval(metric="acc"))["imdb", "quiz"] == pytest.approx(plain)
    assert scores(read_lm_eval(metric={"quiz": "acc"}))["imdb", "quiz"] == pytest.approx(plain)
    assert "acc_norm of quiz (also there: acc)" in note(read_lm_eval(), "scored by", "runs.metric")


def test_the_model_is_named_by_the_results_and_an_adapter_by_its_own_name(read_lm_eval: Read):
    logs = read_lm_eval()  # of all the base model is models/miniature, and four have an adapter besides
    assert logs.scores["source"].drop_duplicates().tolist() == ["goat", "imdb", "base", "mnli", "sst2"]


def test_the_run_on_a_few_samples_does_not_count_beside_the_whole_one(read_lm_eval: Read, lm_eval: Path):
    assert len(list((lm_eval / "logs" / "models__miniature").glob("results_*"))) == 2
    logs = read_lm_eval()
    assert set(logs.scores.loc[logs.scores["target"] == "imdb", "n"]) == {12}
    assert "models/miniature of 20" in note(logs, "left out", "(6 tasks)")


def test_a_group_is_one_column_on_request_with_the_score_that_is_printed(read_lm_eval: Read, lm_eval: Path):
    assert "claims (2 tasks)" in note(read_lm_eval(), "columns of their own", "runs.targets")
    logs = read_lm_eval(targets=["claims", "imdb"])
    assert logs.scores["target"].unique().tolist() == ["claims", "imdb"]
    printed = json.loads(newest(lm_eval, "sst2", "results_*").read_text())["groups"]["claims"]
    assert scores(logs)["sst2", "claims"] == pytest.approx(printed["acc,none"])
    assert len(logs.answers.targets["claims"].examples) == printed["sample_len"] == 20


def test_labels_options_and_texts_are_told_by_metrics(read_lm_eval: Read, lm_eval: Path):
    logs = read_lm_eval()
    metrics = logs.metrics.set_index(["source", "target", "metric"])["value"]
    listed = lines(newest(lm_eval, "imdb", "samples_imdb_*"))
    chosen = [int(np.argmax([float(pair[0]) for pair in line["filtered_resps"]])) for line in listed]
    gold = [int(line["target"]) for line in listed]
    assert metrics["imdb", "imdb", "predicted/1"] == pytest.approx(np.mean(chosen))
    recall = [np.mean([c == g for c, g in zip(chosen, gold, strict=True) if g == label]) for label in (0, 1)]
    precision = [np.mean([c == g for c, g in zip(chosen, gold, strict=True) if c == label]) for label in (0, 1)]
    f1 = [2 * p * r / (p + r) for p, r in zip(precision, recall, strict=True)]
    assert metrics["imdb", "imdb", "macro_f1"] == pytest.approx(np.mean(f1))
    assert dict(logs.answers.targets["imdb"].gold) == {"0": gold.count(0), "1": gold.count(1)}
    options = [len(line["doc"]["options"]) for line in lines(newest(lm_eval, "imdb", "samples_quiz_*"))]
    assert len(set(options)) > 1
    assert metrics["imdb", "quiz", "chance"] == pytest.approx(np.mean([1 / count for count in options]))
    assert not logs.answers.targets["quiz"].gold  # the place of an option is no class
    strict = [line for line in lines(newest(lm_eval, "imdb", "samples_goat_*")) if line["filter"] == "strict-match"]
    invalid = np.mean([line["filtered_resps"] == ["[invalid]"] for line in strict])
    assert 0 < invalid < 1
    assert metrics["imdb", "goat", "invalid"] == pytest.approx(invalid)
    written = np.mean([len(line["resps"][0][0]) for line in strict])
    assert metrics["imdb", "goat", "output_characters"] == pytest.approx(written)
    assert ("imdb", "texts", "output_characters") not in metrics


def test_models_may_be_seeds_of_one_source(read_lm_eval: Read):
    logs = read_lm_eval(sources={"imdb": "reviews", "sst2": "reviews"})
    seeds = logs.scores.loc[logs.scores["source"] == "reviews", ["seed", "target"]]
    assert sorted(seeds["seed"].unique()) == [0, 1]
    assert "reviews: imdb, sst2" in note(logs, "seeds, numbered from 0")
