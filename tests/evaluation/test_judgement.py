import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from torchmetrics.functional.text import chrf_score

from crosstask.config import Decision, Extraction, Metric, Task
from crosstask.errors import UserError
from crosstask.evaluation.extraction import extracted
from crosstask.evaluation.judgement import judged, metrics

NUMBER = r"(?:####|[Tt]he answer is:?)\s*\$?(-?[\d.,]*\d)"
SENTIMENT = Task(prompt="p", answer="a", metric=Metric.accuracy, labels=["positive", "negative", "neutral"])
MATHS = Task(
    prompt="p",
    answer="a",
    metric=Metric.exact_match,
    extraction=Extraction(NUMBER, r"(-?\d[\d,]*(?:\.\d+)?)", number=True),
)
CODE = Task(prompt="p", answer="a", metric=Metric.chrf)


def closed_outputs(gold: list[str], predicted: list[int]) -> pd.DataFrame:
    values = [[-0.1 if i == best else -3.0 for i in range(3)] for best in predicted]
    examples = [f"test-{i}" for i in range(len(gold))]
    frame = pd.DataFrame({"example": examples, "answer": gold, "log_probabilities": values, "prompt_cut": 0})
    return frame.assign(
        label_tokens=[[[5], [6], [7]]] * len(gold), prior_log_probabilities=[[-1.0, -1.0, -1.0]] * len(gold)
    )


def open_outputs(gold: list[str], text: list[str]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "example": [f"test-{i}" for i in range(len(gold))],
            "answer": gold,
            "text": text,
            "output_tokens": [len(t.split()) for t in text],
            "stopped": [True, *[False] * (len(gold) - 1)],
            "prompt_cut": [3, *[0] * (len(gold) - 1)],
        }
    )


def test_the_most_probable_label_is_the_prediction():
    answers = judged(closed_outputs(["positive", "negative", "neutral"], [0, 0, 2]), "flipkart", SENTIMENT)
    assert answers["prediction"].tolist() == ["positive", "positive", "neutral"]
    assert answers["score"].tolist() == [1, 0, 1]
    assert answers["valid"].all()


def test_closed_metrics_agree_with_numbers_published_for_a_confusion_matrix():
    """IMDB adapter on Flipkart, arXiv 2509.13624: accuracy .8555, macro-F1 .572, kappa .571."""
    matrix = {"negative": [32, 219, 1], "neutral": [48, 65, 4], "positive": [1488, 50, 93]}  # columns: pos, neg, neu
    gold = [label for label, counts in matrix.items() for _ in range(sum(counts))]
    predicted = [i for counts in matrix.values() for i, count in enumerate(counts) for _ in range(count)]
    found = metrics(judged(closed_outputs(gold, predicted), "flipkart", SENTIMENT), SENTIMENT)
    assert found["score"] == pytest.approx(0.8555)
    assert found["macro_f1"] == pytest.approx(0.572, abs=5e-4)
    assert found["kappa"] == pytest.approx(0.571, abs=5e-4)
    assert found["predicted/negative"] == pytest.approx((219 + 65 + 50) / 2000)
    assert found["stderr"] == pytest.approx(math.sqrt(0.8555 * (1 - 0.8555) / 1999))
    assert (found["n"], found["invalid"]) == (2000, 0)


def test_kappa_of_one_class_throughout_is_nan():
    found = metrics(judged(closed_outputs(["positive"] * 3, [0, 0, 0]), "flipkart", SENTIMENT), SENTIMENT)
    assert math.isnan(found["kappa"])
    assert found["score"] == 1


@pytest.mark.parametrize(
    ("text", "strict", "lenient"),
    [
        ("3 + 4 = 7\n#### 7", "7", "7"),
        ("#### 1,024", "1024", "1024"),
        ("#### $12.50", "12.5", "12.5"),
        ("The answer is: 7.", "7", "7"),
        ("#### 3\nno, #### 4", "4", "4"),
        ("it is 7", None, "7"),
        ("-5", None, "-5"),
        ("I do not know", None, None),
        ("", None, None),
        ("#### ", None, None),
        ("7.0", None, "7"),
        ("#### 100", "100", "100"),
    ],
)
def test_answers_are_extracted(text: str, strict: str | None, lenient: str | None):
    assert MATHS.extraction is not None
    assert extracted(MATHS.extraction.strict, text, number=True) == strict
    assert extracted(MATHS.extraction.lenient, text, number=True) == lenient


def test_answers_that_are_no_numbers_are_compared_as_text():
    assert extracted(r"\((.)\)", "so (B), no (C)", number=False) == "C"


def test_unparsable_answers_are_wrong_and_stay_in_the_denominator():
    outputs = open_outputs(["#### 7", "#### 8", "#### 9"], ["so #### 7", "8", "no idea"])
    answers = judged(outputs, "gsm8k", MATHS)
    assert answers["score"].tolist() == [1, 0, 0]
    assert answers["lenient_score"].tolist() == [1, 1, 0]
    found = metrics(answers, MATHS)
    assert found["n"] == 3
    assert found["score"] == pytest.approx(1 / 3)
    assert found["invalid"] == pytest.approx(2 / 3)
    assert found["lenient"] == pytest.approx(2 / 3)
    assert found["output_tokens"] == pytest.approx((3 + 1 + 2) / 3)
    assert found["stopped"] == pytest.approx(1 / 3)
    assert found["prompts_cut"] == pytest.approx(1 / 3)


def test_data_whose_own_answer_cannot_be_extracted_is_an_error():
    with pytest.raises(UserError, match=r"task 'gsm8k', row test-1: extraction.strict finds nothing"):
        judged(open_outputs(["#### 7", "seven"], ["#### 7", "#### 7"]), "gsm8k", MATHS)


def test_chrf_agrees_with_another_library():
    gold = ["def add(a, b):\n    return a + b", "print(x)", "for i in y:\n  z()"]
    text = ["def add(x, y):\n    return x - y", "print( x )", ""]
    answers = judged(open_outputs(gold, text), "magicoder", CODE)
    # torchmetrics passes over blanks but not over line ends, which do not count either.
    flat = [(" ".join(t.split()), " ".join(g.split())) for t, g in zip(text, gold, strict=True)]
    expected = [float(chrf_score([t], [[g]], n_word_order=0)) if t else 0.0 for t, g in flat]
    np.testing.assert_allclose(answers["score"], expected, atol=1e-6)
    assert answers["valid"].tolist() == [True, True, False]


@pytest.mark.parametrize(
    ("decide", "prediction"),
    [("raw", "no"), ("per_token", "maybe not"), ("per_byte", "maybe not"), ("prior_corrected", "yes")],
)
def test_the_target_says_what_decides(decide: str, prediction: str):
    # raw: -2 is the largest; per token: -3 / 2; per byte: -2 / 2, -3 / 9, -2.5 / 3; less the prior: -1, +1, +1.5
    task = Task(prompt="p", answer="a", metric=Metric.accuracy, labels=["no", "maybe not", "yes"], decide=decide)
    outputs = pd.DataFrame(
        {
            "example": ["test-0"],
            "answer": ["yes"],
            "log_probabilities": [[-2.0, -3.0, -2.5]],
            "label_tokens": [[[5], [6, 7], [8]]],
            "prior_log_probabilities": [[-1.0, -4.0, -4.0]],
            "prompt_cut": [0],
        }
    )
    answers = judged(outputs, "t", task)
    assert answers["prediction"].tolist() == [prediction]
    assert answers["per_token"].iloc[0].tolist() == [-2.0, -1.5, -2.5]
    assert answers["per_byte"].iloc[0].tolist() == pytest.approx([-1.0, -1 / 3, -2.5 / 3])
    assert answers["prior_corrected"].iloc[0].tolist() == [-1.0, 1.0, 1.5]
    found = metrics(answers, task)
    expected = {"raw": 0.0, "per_token": 0.0, "per_byte": 0.0, "prior_corrected": 1.0}
    assert {name: found[f"accuracy/{name}"] for name in expected} == expected


def test_labels_of_which_one_can_never_win_are_refused_unless_something_else_decides():
    outputs = closed_outputs(["positive"], [0]).assign(label_tokens=[[[5], [5, 6], [7]]])
    with pytest.raises(UserError, match="the label 'negative' begins with all tokens of the label 'positive'"):
        judged(outputs, "t", SENTIMENT)
    for decide in set(Decision) - {Decision.raw}:
        judged(outputs, "t", replace(SENTIMENT, decide=decide))


def test_an_empty_generation_is_invalid_and_wrong():
    found = metrics(judged(open_outputs(["#### 7", "#### 8"], ["", "#### 8"]), "gsm8k", MATHS), MATHS)
    assert (found["score"], found["invalid"], found["lenient"]) == (0.5, 0.5, 0.5)
