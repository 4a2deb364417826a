"""Options of each row become predictions, scores and metrics."""

import math
from dataclasses import replace

import pandas as pd
import pytest

from crosstask.config.task import Decision, Form, Task
from crosstask.data.examples import Example
from crosstask.errors import UserError
from crosstask.evaluation.label_likelihoods import LabelLikelihoodRequests
from crosstask.evaluation.scorers.choice_accuracy import ChoiceAccuracy
from crosstask.evaluation.scorers.registry import scorer
from crosstask.models.language_model import BaseModel
from tests.support.targets import responses, target

TASK = Task(prompt="{{ q }}", answer="{{ n }}", options="choices", metric="choice_accuracy", form=Form.cloze)
ROWS = pd.DataFrame(
    {
        "example": ["test-0", "test-1"],
        "reference": [" to the sea", " yes"],
        "options": [[" home", " to the sea", " été"], [" yes", " no"]],
        "log_probabilities": [[-2.0, -3.0, -2.5], [-1.0, -1.5]],
        "option_tokens": [[1, 3, 2], [1, 1]],
        "prior_log_probabilities": [[-1.0, -3.0, -2.0], [-0.25, -1.0]],
        "prompt_cut": [0, 0],
    }
)


@pytest.mark.parametrize(
    ("decide", "predictions"),
    [
        ("raw", ["A", "A"]),
        ("per_token", ["B", "A"]),  # -2, -1, -1.25; -1, -1.5
        ("per_byte", ["B", "A"]),  # -2 / 4, -3 / 10, -2.5 / 5: the space before an option is no part of it
        ("prior_corrected", ["B", "B"]),  # -1, 0, -0.5; -0.75, -0.5
    ],
)
def test_each_way_of_deciding_by_hand(decide: str, predictions: list[str]):
    answers = ChoiceAccuracy("quiz", replace(TASK, decide=Decision(decide))).score(ROWS)
    assert answers["prediction"].tolist() == predictions
    assert answers["gold"].tolist() == ["B", "A"]
    assert answers["score"].tolist() == [float(a == b) for a, b in zip(predictions, "BA", strict=True)]
    assert answers["valid"].all()
    assert answers["per_byte"][0] == pytest.approx([-2 / 4, -3 / 10, -2.5 / 5])


def test_metrics_hold_every_way_of_deciding_and_what_guessing_gives():
    quiz = ChoiceAccuracy("quiz", TASK)
    found = quiz.metrics(quiz.score(ROWS))
    assert found["score"] == found["accuracy/raw"] == 0.5
    assert (found["accuracy/per_token"], found["accuracy/per_byte"], found["accuracy/prior_corrected"]) == (1, 1, 0.5)
    assert found["chance"] == pytest.approx((1 / 3 + 1 / 2) / 2)
    assert (found["predicted/A"], found["predicted/B"], found["predicted/C"]) == (1, 0, 0)
    assert (found["n"], found["invalid"]) == (2, 0)
    assert math.isclose(found["stderr"], 0.5)


def test_each_option_has_the_probability_that_it_has_after_its_own_prompt(base: BaseModel):
    """Options differ in number from row to row; each is compared with the model's answer to it alone."""
    rows = [
        Example("test-0", "the film was", " good", options=(" good", " not good at all"), content_free="N/A was"),
        Example("test-1", "which one:", " b", options=(" a", " b", " c"), content_free="N/A one:"),
    ]
    quiz = target(scorer("quiz", TASK), rows)
    outputs = quiz.scorer.outputs(responses(base, quiz))
    assert list(outputs.columns) == ["log_probabilities", "prompt_cut", "control_tokens", "option_tokens",
                                     "prior_log_probabilities"]  # fmt: skip
    for row, asked in enumerate(rows):
        for place, option in enumerate(asked.options):
            for column, prompt in (
                ("log_probabilities", asked.prompt),
                ("prior_log_probabilities", asked.content_free),
            ):
                (alone,) = LabelLikelihoodRequests(base, [prompt], [[option]]).run(base.model, [0])
                assert outputs[column][row][place] == pytest.approx(alone.log_probabilities[0], abs=1e-4)
                assert outputs["option_tokens"][row][place] == len(alone.tokens[0])


@pytest.mark.parametrize(
    ("task", "message"),
    [
        (replace(TASK, options=None), "the field 'options' has no value; metric choice_accuracy needs it"),
        (replace(TASK, labels=["a", "b"]), "the field 'labels' has a value, and metric choice_accuracy reads the"),
        (
            replace(TASK, accepted="more"),
            "the field 'accepted' has a value, which metric choice_accuracy does not read",
        ),
        (replace(TASK, range=[0, 1]), "the field 'range' has a value, which metric choice_accuracy does not read"),
        (replace(TASK, metric="accuracy", labels=["a", "b"]), "the field 'options' has a value, which metric accuracy"),
        (replace(TASK, prompt=""), "the field 'prompt' is empty; metric choice_accuracy needs a question"),
    ],
)
def test_a_task_that_it_cannot_score_is_named(task: Task, message: str):
    with pytest.raises(UserError) as caught:
        scorer("quiz", task)
    assert str(caught.value).startswith(f"conf/task/quiz.yaml: {message}")
