"""Label log-probabilities become predictions, scores and metrics."""

import math
from dataclasses import replace

import pandas as pd
import pytest

from crosstask.config.task import Decision, Task
from crosstask.errors import UserError
from crosstask.evaluation.scorers.accuracy import Accuracy

SENTIMENT = Task(prompt="p", answer="a", metric="accuracy", labels=["positive", "negative", "neutral"])
FLIPKART = Accuracy("flipkart", SENTIMENT)


def outputs(references: list[str], predicted: list[int]) -> pd.DataFrame:
    values = [[-0.1 if i == best else -3.0 for i in range(3)] for best in predicted]
    examples = [f"test-{i}" for i in range(len(references))]
    frame = pd.DataFrame({"example": examples, "reference": references, "log_probabilities": values, "prompt_cut": 0})
    return frame.assign(
        label_tokens=[[[5], [6], [7]]] * len(references),
        prior_log_probabilities=[[-1.0, -1.0, -1.0]] * len(references),
    )


def test_the_most_probable_label_is_the_prediction():
    answers = FLIPKART.score(outputs(["positive", "negative", "neutral"], [0, 0, 2]))
    assert answers["prediction"].tolist() == ["positive", "positive", "neutral"]
    assert answers["score"].tolist() == [1, 0, 1]
    assert answers["valid"].all()


def test_metrics_agree_with_numbers_published_for_a_confusion_matrix():
    """IMDB adapter on Flipkart, arXiv 2509.13624: accuracy .8555, macro-F1 .572, kappa .571."""
    matrix = {"negative": [32, 219, 1], "neutral": [48, 65, 4], "positive": [1488, 50, 93]}  # columns: pos, neg, neu
    gold = [label for label, counts in matrix.items() for _ in range(sum(counts))]
    predicted = [i for counts in matrix.values() for i, count in enumerate(counts) for _ in range(count)]
    found = FLIPKART.metrics(FLIPKART.score(outputs(gold, predicted)))
    assert found["score"] == pytest.approx(0.8555)
    assert found["macro_f1"] == pytest.approx(0.572, abs=5e-4)
    assert found["kappa"] == pytest.approx(0.571, abs=5e-4)
    assert found["predicted/negative"] == pytest.approx((219 + 65 + 50) / 2000)
    assert found["stderr"] == pytest.approx(math.sqrt(0.8555 * (1 - 0.8555) / 1999))
    assert (found["n"], found["invalid"]) == (2000, 0)


def test_kappa_of_one_class_throughout_is_nan():
    found = FLIPKART.metrics(FLIPKART.score(outputs(["positive"] * 3, [0, 0, 0])))
    assert math.isnan(found["kappa"])
    assert found["score"] == 1


@pytest.mark.parametrize(
    ("decide", "prediction"),
    [("raw", "no"), ("per_token", "maybe not"), ("per_byte", "maybe not"), ("prior_corrected", "yes")],
)
def test_the_target_says_what_decides(decide: str, prediction: str):
    # raw: -2 is the largest; per token: -3 / 2; per byte: -2 / 2, -3 / 9, -2.5 / 3; less the prior: -1, +1, +1.5
    labels = ["no", "maybe not", "yes"]
    scorer = Accuracy("t", Task(prompt="p", answer="a", metric="accuracy", labels=labels, decide=Decision(decide)))
    stored = pd.DataFrame(
        {
            "example": ["test-0"],
            "reference": ["yes"],
            "log_probabilities": [[-2.0, -3.0, -2.5]],
            "label_tokens": [[[5], [6, 7], [8]]],
            "prior_log_probabilities": [[-1.0, -4.0, -4.0]],
            "prompt_cut": [0],
        }
    )
    answers = scorer.score(stored)
    assert answers["prediction"].tolist() == [prediction]
    assert answers["per_token"].iloc[0].tolist() == [-2.0, -1.5, -2.5]
    assert answers["per_byte"].iloc[0].tolist() == pytest.approx([-1.0, -1 / 3, -2.5 / 3])
    assert answers["prior_corrected"].iloc[0].tolist() == [-1.0, 1.0, 1.5]
    found = scorer.metrics(answers)
    expected = {"raw": 0.0, "per_token": 0.0, "per_byte": 0.0, "prior_corrected": 1.0}
    assert {name: found[f"accuracy/{name}"] for name in expected} == expected
    assert (scorer.labels, scorer.decide) == (tuple(labels), decide)


def test_labels_of_which_one_can_never_win_are_refused_unless_something_else_decides():
    stored = outputs(["positive"], [0]).assign(label_tokens=[[[5], [5, 6], [7]]])
    with pytest.raises(UserError, match="the label 'negative' begins with all tokens of the label 'positive'"):
        FLIPKART.score(stored)
    for decide in set(Decision) - {Decision.raw}:
        Accuracy("t", replace(SENTIMENT, decide=decide)).score(stored)


def test_the_response_to_the_prompt_without_content_is_the_prior_of_every_example():
    responses = pd.DataFrame({"log_probabilities": [[-1.0, -2.0], [-3.0, -4.0], [-5.0, -6.0]], "prompt_cut": [1, 0, 0]})
    found = FLIPKART.outputs(responses)
    assert found["log_probabilities"].tolist() == [[-1.0, -2.0], [-3.0, -4.0]]
    assert found["prior_log_probabilities"].tolist() == [[-5.0, -6.0]] * 2
    assert found["prompt_cut"].tolist() == [1, 0]
