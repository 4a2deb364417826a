"""Several labels of a row are scored by F1."""

import random
from dataclasses import replace

import pandas as pd
import pytest
from sklearn.metrics import f1_score
from sklearn.preprocessing import MultiLabelBinarizer

from crosstask.config.task import Task
from crosstask.data.examples import Example
from crosstask.errors import UserError
from crosstask.evaluation.scorers.registry import check_references, scorer

LABELS = ["anger", "joy", "sadness", "fear"]
TASK = Task(prompt="{{ q }}", answer="{{ a }}", metric="multilabel_f1", labels=LABELS)


def generated(texts: list[str], gold: list[str]) -> pd.DataFrame:
    frame = pd.DataFrame({"text": texts, "reference": gold, "output_tokens": 1, "stopped": True, "prompt_cut": 0})
    return frame.assign(example=frame.index.astype(str))


@pytest.mark.parametrize(
    ("text", "gold", "prediction", "score"),
    [
        (" joy, anger", "anger, joy", "anger, joy", 1),
        ("Joy; ANGER.", "anger, joy", "anger, joy", 1),
        ("joy\nfear", "joy", "fear, joy", 2 / 3),
        ("joy, bliss", "joy", "bliss, joy", 2 / 3),
        ("joy joy", "joy", None, 0),
        ("none", "none", "none", 1),
        ("None.", "joy", "none", 0),
        ("joy", "none", "joy", 0),
        ("", "none", None, 0),
        ("bliss", "joy", None, 0),
    ],
)
def test_rows_by_hand(text: str, gold: str, prediction: str | None, score: float):
    row = scorer("emotions", TASK).score(generated([text], [gold])).iloc[0]
    assert (row["prediction"], row["valid"]) == (prediction, prediction is not None)
    assert row["score"] == pytest.approx(score)


def test_sklearn_agrees_on_random_rows():
    chance = random.Random(3)

    def some(least: int) -> list[str]:
        return chance.sample(LABELS, chance.randint(least, 4))

    gold, found = [some(0) for _ in range(200)], [some(0) for _ in range(200)]
    emotions = scorer("emotions", TASK)
    answers = emotions.score(
        generated([", ".join(one) or "none" for one in found], [", ".join(one) or "none" for one in gold])
    )
    metrics = emotions.metrics(answers)
    table = MultiLabelBinarizer(classes=LABELS).fit(gold)
    right, guessed = table.transform(gold), table.transform(found)
    assert metrics["score"] == pytest.approx(f1_score(right, guessed, average="samples", zero_division=1))
    assert metrics["micro_f1"] == pytest.approx(f1_score(right, guessed, average="micro"))
    assert metrics["exact"] == pytest.approx((right == guessed).all(axis=1).mean())


def test_a_reference_that_lists_something_else_is_named():
    row = Example("test-3", "q", "joy, bliss", place="emotions/test.jsonl:4")
    with pytest.raises(UserError, match=r"^task 'emotions': emotions/test\.jsonl:4: 'bliss' is not one of anger, joy"):
        check_references("emotions", TASK, [row])
    check_references("emotions", TASK, [replace(row, answer="Fear, joy"), replace(row, answer="none")])


@pytest.mark.parametrize("labels", [[], ["a, b", "c"], ["None", "c"]])
def test_labels_that_cannot_be_told_apart_in_a_text_are_refused(labels: list[str]):
    with pytest.raises(UserError, match=r"^conf/task/emotions\.yaml: (the field 'labels' has no value|labels: )"):
        scorer("emotions", replace(TASK, labels=labels))


def test_a_label_may_end_in_a_full_stop():
    task = replace(TASK, labels=["U.S.", "U.K."])
    check_references("places", task, [Example("test-0", "q", "U.S., U.K.")])
    answers = scorer("places", task).score(generated(["u.s., U.K", "U.S. .", "U.K."], ["U.S., U.K.", "U.S.", "U.S."]))
    assert answers["valid"].tolist() == [True, True, True]
    assert answers["score"].tolist() == [1, 1, 0]


def test_a_label_of_nothing_but_full_stops_is_refused():
    with pytest.raises(UserError, match="neither empty nor 'none'"):
        scorer("places", replace(TASK, labels=["..", "joy"]))
