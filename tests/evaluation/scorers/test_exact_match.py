"""Answers are extracted from generated text and compared with those of the references."""

import pytest

from crosstask.config.task import AnswerExtraction, Task
from crosstask.errors import UserError
from crosstask.evaluation.scorers.exact_match import ExactMatch, extract
from tests.support.outputs import generated_outputs

NUMBER = r"(?:####|[Tt]he answer is:?)\s*\$?(-?[\d.,]*\d)"
RULES = AnswerExtraction(NUMBER, r"(-?\d[\d,]*(?:\.\d+)?)", number=True)
GSM8K = ExactMatch("gsm8k", Task(prompt="p", answer="a", metric="exact_match", extraction=RULES))


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
    assert extract(RULES.strict, text, number=True) == strict
    assert extract(RULES.lenient, text, number=True) == lenient


def test_answers_that_are_no_numbers_are_compared_as_text():
    assert extract(r"\((.)\)", "so (B), no (C)", number=False) == "C"


def test_unparsable_answers_are_wrong_and_stay_in_the_denominator():
    answers = GSM8K.score(generated_outputs(["#### 7", "#### 8", "#### 9"], ["so #### 7", "8", "no idea"]))
    assert answers["score"].tolist() == [1, 0, 0]
    assert answers["lenient_score"].tolist() == [1, 1, 0]
    found = GSM8K.metrics(answers)
    assert found["n"] == 3
    assert found["score"] == pytest.approx(1 / 3)
    assert found["invalid"] == pytest.approx(2 / 3)
    assert found["lenient"] == pytest.approx(2 / 3)
    assert found["output_tokens"] == pytest.approx((3 + 1 + 2) / 3)
    assert found["stopped"] == pytest.approx(1 / 3)
    assert found["prompts_cut"] == pytest.approx(1 / 3)


def test_an_empty_generation_is_invalid_and_wrong():
    found = GSM8K.metrics(GSM8K.score(generated_outputs(["#### 7", "#### 8"], ["", "#### 8"])))
    assert (found["score"], found["invalid"], found["lenient"]) == (0.5, 0.5, 0.5)


def test_data_whose_own_answer_cannot_be_extracted_is_an_error():
    with pytest.raises(
        UserError, match=r"task 'gsm8k': row test-1: extraction.strict finds nothing in the data's own answer 'seven'$"
    ):
        GSM8K.score(generated_outputs(["#### 7", "seven"], ["#### 7", "#### 7"]))


def test_generated_text_has_no_labels_and_nothing_that_decides():
    assert (GSM8K.labels, GSM8K.decide) == ((), None)
