"""Short answers are compared as SQuAD's evaluation compares them."""

import random
from dataclasses import replace
from itertools import pairwise

import pandas as pd
import pytest
from torchmetrics.functional.text import squad

from crosstask.config.task import AnswerExtraction, Task
from crosstask.data.examples import Example
from crosstask.errors import UserError
from crosstask.evaluation.scorers.normalized_text import exact_match, normalized, token_f1
from crosstask.evaluation.scorers.registry import scorer

TASK = Task(prompt="{{ q }}", answer="{{ a }}", accepted="more", metric="token_f1")
GOLDEN = [  # output, answer, what is compared of the output, exact, F1: by hand from the published rules
    ("The Beatles.", "beatles", "beatles", 1, 1),
    ("10\n\n", "10", "10", 1, 1),
    ("1,000", "1000", "1000", 1, 1),
    ("1,000", "1 000", "1000", 0, 0),
    ("-3", "3", "3", 1, 1),
    ("$5.50", "550", "550", 1, 1),
    ("١٠", "10", "١٠", 0, 0),
    ("１０", "10", "１０", 0, 0),
    ("an apple a day", "apple day", "apple day", 1, 1),
    ("in the north of Italy", "northern Italy", "in north of italy", 0, 2 * 1 / (4 + 2)),
    ("red red car", "red car car", "red red car", 0, 2 * 2 / 6),
    ("“quoted”", "quoted", "“quoted”", 0, 0),
    ("U.S.A.", "usa", "usa", 1, 1),
    ("state-of-the-art", "state of art", "stateoftheart", 0, 0),
    ("theatre", "atre", "theatre", 0, 0),
    ("", "ten", "", 0, 0),
    ("the", "ten", "", 0, 0),
    ("A", "ten", "", 0, 0),
]


@pytest.mark.parametrize(("output", "answer", "compared", "exact", "f1"), GOLDEN)
def test_golden_answers(output: str, answer: str, compared: str, exact: float, f1: float):
    assert normalized(output) == compared
    assert exact_match(output, answer) == exact
    assert token_f1(output, answer) == pytest.approx(f1)


def test_the_metric_of_torchmetrics_agrees_on_random_answers():
    words = ["the", "A", "an", "red", "car,", "Car", "10", "1,000", "of", "north-east", "...", "it's", "été"]
    chance = random.Random(7)
    texts = [" ".join(chance.choices(words, k=chance.randint(1, 6))) for _ in range(300)]
    pairs = [(text, other) for text, other in pairwise(texts) if normalized(text) and normalized(other)]
    assert len(pairs) > 200
    for output, answer in pairs:
        theirs = squad(
            [{"prediction_text": output, "id": "0"}], [{"answers": {"answer_start": [0], "text": [answer]}, "id": "0"}]
        )
        assert 100 * exact_match(output, answer) == pytest.approx(float(theirs["exact_match"]))
        assert 100 * token_f1(output, answer) == pytest.approx(float(theirs["f1"]), abs=1e-4)


def outputs(texts: list[str], references: list[str], accepted: list[list[str]] | None = None) -> pd.DataFrame:
    frame = pd.DataFrame({"text": texts, "reference": references, "output_tokens": 1, "stopped": True, "prompt_cut": 0})
    frame.insert(0, "example", [f"test-{place}" for place in range(len(frame))])
    return frame if accepted is None else frame.assign(accepted=accepted)


def test_the_best_accepted_answer_counts():
    rows = outputs([" the red car", " nothing", "  "], ["a bus", "a tram", "a ship"], [["red cars", "red car"], [], []])
    quiz = scorer("quiz", TASK)
    answers = quiz.score(rows)
    assert answers["score"].tolist() == answers["f1"].tolist() == answers["exact"].tolist() == [1, 0, 0]
    assert answers["prediction"].fillna("-").tolist() == ["the red car", "nothing", "-"]
    assert answers["valid"].tolist() == [True, True, False]
    found = quiz.metrics(answers)
    assert (found["score"], found["f1"], found["exact"], found["invalid"]) == pytest.approx(
        (1 / 3, 1 / 3, 1 / 3, 1 / 3)
    )


def test_the_metric_says_which_of_both_is_the_score():
    rows = outputs(["red car"], ["red bus"])
    assert scorer("quiz", TASK).score(rows)["score"].tolist() == [0.5]
    assert scorer("quiz", replace(TASK, metric="normalized_match")).score(rows)["score"].tolist() == [0]


def test_an_answer_is_extracted_from_outputs_and_from_the_reference():
    task = replace(TASK, extraction=AnswerExtraction(r"answer is (.*)\.", "(.*)"))
    rows = outputs(["I think the answer is Rome.", "Rome"], ["So the answer is rome.", "So the answer is Rome."])
    answers = scorer("quiz", task).score(rows)
    assert answers["prediction"].fillna("-").tolist() == ["Rome", "-"]
    assert (answers["score"].tolist(), answers["gold"].tolist()) == ([1, 0], ["rome", "Rome"])


@pytest.mark.parametrize(("answer", "accepted"), [("A", ()), ("the", ()), ("...", ()), ("ten", ("10", "a"))])
def test_an_accepted_answer_of_which_nothing_is_left_is_refused(answer: str, accepted: tuple[str, ...]):
    row = Example("test-3", "q", answer, place="quiz/test.jsonl:4", accepted=accepted)
    with pytest.raises(UserError, match=r"^task 'quiz': quiz/test\.jsonl:4: of the accepted answer .* nothing is left"):
        scorer("quiz", TASK).check_examples([row])


def test_numbers_are_not_compared_here():
    with pytest.raises(UserError, match=r"extraction\.number=true: metric token_f1 compares words"):
        scorer("quiz", replace(TASK, extraction=AnswerExtraction("(.*)", "(.*)", number=True)))
