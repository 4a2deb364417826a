"""Verdicts become scores, and exact match stands beside them; nothing leaves the denominator."""

import math
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from crosstask.config.task import AnswerExtraction, Task
from crosstask.data.examples import Example
from crosstask.errors import UserError
from crosstask.evaluation.scorers.registry import scorer, target_mistakes
from tests.support.judge_server import RIGHT, WRONG
from tests.support.outputs import generated_outputs

CAPITALS = Task(prompt="{{ q }}", answer="{{ a }}", metric="judge")
REPLIES = [(RIGHT, "stop"), (RIGHT, "stop"), (WRONG, "stop"), (WRONG, "stop"), ("Hm.", "stop"), ("", "content_filter")]
TEXTS = ["paris", "It is Paris.", "Paris", "Rome", "Paris", "Rome"]


def judged(texts: list[str] = TEXTS, reference: str = "Paris", **columns: Any) -> pd.DataFrame:
    """Outputs with the columns of the replies."""
    outputs = generated_outputs([reference] * len(texts), texts)
    outputs["judge_text"], outputs["judge_ended"] = zip(*REPLIES, strict=True)
    tokens = {"judge_input_tokens": 100, "judge_output_tokens": pd.array([10, 20, None, 10, 20, 30], "Int64")}
    return outputs.assign(**tokens, **columns)


def plain(column: pd.Series) -> list[Any]:
    """Values with None for those that are not there."""
    return [None if pd.isna(value) else value for value in column]


def test_verdict_and_exact_match_stand_side_by_side():
    answers = scorer("capitals", CAPITALS).score(judged())
    assert answers["score"].tolist() == [1, 1, 0, 0, 0, 0]
    assert plain(answers["verdict"]) == ["correct", "correct", "wrong", "wrong", None, None]
    assert answers["valid"].tolist() == [True] * 4 + [False] * 2
    assert plain(answers["unparsable"]) == [None] * 4 + ["no verdict", "content_filter"]
    assert answers["exact_match"].tolist() == [1, 0, 1, 0, 1, 0]
    assert answers["prediction"].tolist() == TEXTS
    assert answers["judge_text"].tolist() == [text for text, _ in REPLIES]


def test_the_shares_add_up_and_count_every_answer():
    found = scorer("capitals", CAPITALS)
    metrics = found.metrics(found.score(judged()))
    assert metrics["n"] == 6
    assert metrics["score"] == pytest.approx(2 / 6)
    assert metrics["exact_match"] == pytest.approx(3 / 6)
    parts = {name: metrics[name] for name in ("agreement", "judge_only", "exact_match_only", "unparsable")}
    expected = {"agreement": 2 / 6, "judge_only": 1 / 6, "exact_match_only": 1 / 6, "unparsable": 2 / 6}
    assert parts == pytest.approx(expected)
    assert metrics["invalid"] == metrics["unparsable"]
    assert (metrics["judge_input_tokens"], metrics["judge_output_tokens"]) == (100, 18)
    uncounted = judged()
    uncounted["judge_input_tokens"] = pd.array([None] * 6, "Int64")
    assert math.isnan(found.metrics(found.score(uncounted))["judge_input_tokens"])


def test_what_has_no_verdict_is_said_with_its_reasons(caplog: pytest.LogCaptureFixture):
    scorer("capitals", CAPITALS).score(judged())
    line = "target capitals: the judge gave no verdict on some of 6 answers: no verdict 1, content_filter 1"
    assert line in caplog.messages


def test_any_accepted_answer_is_a_match():
    answers = scorer("capitals", CAPITALS).score(judged(accepted=[["Rome"], [], [], ["rome!"], [], ["Oslo"]]))
    assert answers["exact_match"].tolist() == [1, 0, 1, 1, 1, 0]


def test_answers_of_which_no_word_is_left_are_compared_as_they_stand():
    answers = scorer("letters", CAPITALS).score(judged(["A", "a", "", "the", " A ", "?"], "A"))
    assert answers["exact_match"].tolist() == [1, 0, 0, 0, 1, 0]
    assert plain(answers["prediction"]) == ["A", "a", None, "the", "A", "?"]


def test_with_an_extraction_exact_match_is_that_of_its_strict_pattern():
    number = AnswerExtraction(r"#### (-?[\d.,]+)", r"(\d+)", number=True)
    texts = ["#### 1,024", "1024", "#### 7 #### 1024.0", "#### 7", "####", "1024 ####"]
    found = scorer("sums", replace(CAPITALS, extraction=number))
    outputs = judged(texts, "so\n#### 1024")
    assert found.score(outputs)["exact_match"].tolist() == [1, 0, 1, 0, 0, 0]
    exact = scorer("sums", replace(CAPITALS, metric="exact_match", extraction=number))
    assert found.score(outputs)["exact_match"].tolist() == exact.score(outputs)["score"].tolist()
    with pytest.raises(UserError, match="task 'sums': row test-0: extraction.strict finds nothing in the data's own"):
        found.check_examples([Example("test-0", "q", "1024")])
    scorer("sums", CAPITALS).check_examples([Example("test-0", "q", "1024")])


@pytest.mark.parametrize(
    ("fields", "mistake"),
    [
        ({"rubric": " \n"}, "rubric: says nothing; without the field the usual rubric counts"),
        ({"labels": ["a", "b"]}, "metric judge is for open tasks, which have no labels"),
        ({"options": "choices"}, "the field 'options' has a value, which metric judge does not read"),
        ({"prompt": ""}, "the field 'prompt' is empty; metric judge needs a question"),
        (
            {"metric": "chrf", "rubric": "Be kind."},
            "the field 'rubric' has a value, which metric chrf does not read",
        ),
    ],
)
def test_a_task_that_does_not_fit_is_named(fields: dict[str, Any], mistake: str):
    assert mistake in list(target_mistakes(replace(CAPITALS, **fields)))
    assert not list(target_mistakes(replace(CAPITALS, rubric="Any city.", accepted="others")))
