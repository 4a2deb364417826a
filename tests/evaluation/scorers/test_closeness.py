"""Ordered labels and numbers are scored by how far they are from the right one."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import rankdata
from sklearn.metrics import mean_absolute_error

from crosstask.config.task import AnswerExtraction, Task
from crosstask.data.examples import Example
from crosstask.errors import UserError
from crosstask.evaluation.scorers.registry import scorer

STARS = Task(prompt="{{ q }}", answer="{{ a }}", metric="ordinal_closeness", labels=["1", "2", "3", "4", "5"])
RELATED = Task(prompt="{{ q }}", answer="{{ a }}", metric="numeric_closeness", range=[1, 5])


def labeled(gold: list[str], chosen: list[str]) -> pd.DataFrame:
    values = [[0.0 if label == best else -5.0 for label in STARS.labels] for best in chosen]
    frame = pd.DataFrame({"reference": gold, "log_probabilities": values, "prompt_cut": 0})
    tokens, prior = [[[place] for place in range(5)]] * len(gold), [[-1.0] * 5] * len(gold)
    return frame.assign(example=frame.index.astype(str), label_tokens=tokens, prior_log_probabilities=prior)


def generated(texts: list[str], gold: list[str]) -> pd.DataFrame:
    frame = pd.DataFrame({"text": texts, "reference": gold, "output_tokens": 1, "stopped": True, "prompt_cut": 0})
    return frame.assign(example=frame.index.astype(str))


def pearson(one: list[float], other: list[float]) -> float:
    return float(np.corrcoef(one, other)[0, 1])


def test_ordered_labels_by_hand_and_by_sklearn():
    gold, chosen = ["1", "5", "3", "4", "2"], ["1", "1", "4", "4", "5"]
    stars = scorer("stars", STARS)
    answers = stars.score(labeled(gold, chosen))
    assert answers["score"].tolist() == [1, 0, 0.75, 1, 0.25]
    found = stars.metrics(answers)
    right, guessed = list(map(int, gold)), list(map(int, chosen))
    assert found["score"] == pytest.approx(1 - mean_absolute_error(right, guessed) / 4)
    assert found["accuracy"] == found["accuracy/raw"] == 0.4
    assert found["pearson"] == pytest.approx(pearson(right, guessed))
    assert found["spearman"] == pytest.approx(pearson(rankdata(right), rankdata(guessed)))
    assert stars.labels == tuple(STARS.labels)


def test_one_label_throughout_has_no_correlation():
    stars = scorer("stars", STARS)
    found = stars.metrics(stars.score(labeled(["1", "2", "5"], ["2", "2", "2"])))
    assert math.isnan(found["pearson"])
    assert math.isnan(found["spearman"])


@pytest.mark.parametrize(
    ("text", "prediction", "score"),
    [
        (" 4", "4", 0.75),
        ("4.5 out of 5", "4.5", 0.875),
        ("**5**", "5", 1),
        ("about 3,0", "3", 0.5),
        ("4,3,5", "4", 0.75),
        ("1,024", "1024", 0),
        ("4,0245", "4", 0.75),
        ("99", "99", 0),
        ("\u22123", "-3", 0),
        ("10-5", "10", 0),
        ("nothing", None, 0),
        ("", None, 0),
    ],
)
def test_numbers_by_hand(text: str, prediction: str | None, score: float):
    row = scorer("related", RELATED).score(generated([text], ["5"])).iloc[0]
    assert (row["prediction"], row["score"], row["valid"]) == (prediction, score, prediction is not None)


@pytest.mark.parametrize(
    ("text", "right", "score"),
    [
        (".5", "0.5", 1),
        ("-.5", "-0.5", 1),
        ("about .75.", "0.5", 0.875),
        ("No.1", "1", 1),
        ("0.5", ".5", 1),
        ("0.00001", "1e-05", 1),
        ("1e-05", "0", 0.999995),
        ("1E0", "1", 1),
    ],
)
def test_small_numbers_are_read_as_they_are_printed(text: str, right: str, score: float):
    related = scorer("related", replace(RELATED, range=[-1, 1]))
    assert related.score(generated([text], [right]))["score"].tolist() == pytest.approx([score])


@pytest.mark.parametrize("text", ["9" * 400, "1e999", "-1e999"])
def test_a_number_larger_than_any_float_is_none(text: str):
    related = scorer("related", RELATED)
    answers = related.score(generated([text, "3", "4"], ["3", "4", "4"]))
    assert answers["valid"].tolist() == [False, True, True]
    assert answers["score"].tolist() == [0, 0.75, 1]
    assert related.metrics(answers)["mean_absolute_error"] == 0.5


def test_metrics_of_numbers_are_over_valid_answers_and_their_score_over_all():
    texts, gold = ["1", "2", "x", "5", "4"], ["1", "3", "2", "4", "5"]
    related = scorer("related", RELATED)
    found = related.metrics(related.score(generated(texts, gold)))
    assert found["score"] == pytest.approx((1 + 0.75 + 0 + 0.75 + 0.75) / 5)
    assert found["invalid"] == 0.2
    assert found["mean_absolute_error"] == pytest.approx(mean_absolute_error([1, 3, 4, 5], [1, 2, 5, 4]))
    assert found["pearson"] == pytest.approx(pearson([1, 2, 5, 4], [1, 3, 4, 5]))
    assert found["spearman"] == pytest.approx(pearson(rankdata([1, 2, 5, 4]), rankdata([1, 3, 4, 5])))


def test_without_a_valid_answer_there_is_no_error_to_speak_of():
    related = scorer("related", RELATED)
    found = related.metrics(related.score(generated(["x", "y"], ["1", "2"])))
    assert found["score"] == 0
    assert all(math.isnan(found[name]) for name in ("mean_absolute_error", "pearson", "spearman"))


def test_a_number_is_extracted_where_the_task_says_how():
    task = replace(RELATED, extraction=AnswerExtraction(r"score: (-?[\d.]+)", r"(\d+)"))
    answers = scorer("related", task).score(generated(["2 of 3, score: 4", "5"], ["score: 5", "score: 5"]))
    assert answers["prediction"].fillna("-").tolist() == ["4", "-"]
    assert answers["gold"].tolist() == ["5", "5"]


@pytest.mark.parametrize("answer", ["six", "6", "0.9", ""])
def test_a_reference_out_of_range_is_refused(answer: str):
    row = Example("test-3", "q", answer, place="related/test.jsonl:4")
    with pytest.raises(UserError, match=r"^task 'related': related/test\.jsonl:4: .*; the field range says 1 to 5"):
        scorer("related", RELATED).check_examples([row])


@pytest.mark.parametrize("limits", [[], [1], [5, 1], [1, 1], [1, 2, 3], [0, math.inf], [math.nan, 5]])
def test_a_range_has_two_ends(limits: list[float]):
    with pytest.raises(UserError, match="metric numeric_closeness needs the lowest and the highest, such as"):
        scorer("related", replace(RELATED, range=limits))


def test_the_range_is_part_of_the_scoring_and_of_no_other_task():
    assert scorer("related", RELATED).scoring_identity()["range"] == [1.0, 5.0]
    assert "range" not in scorer("stars", STARS).scoring_identity()
