"""Answers are extracted from generated text and compared with those of the references."""

import pytest

from crosstask.config import patterns
from crosstask.config.task import AnswerExtraction, Task
from crosstask.data.examples import Example
from crosstask.errors import UserError
from crosstask.evaluation.scorers.exact_match import ExactMatch
from crosstask.evaluation.scorers.extraction import extract
from crosstask.evaluation.scorers.numbers import canonical_number
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


BARE = r"^\s*(-?[\d.,eE+]*\d)\s*$"


@pytest.mark.parametrize(
    ("text", "strict", "bare", "lenient"),
    [
        ("−5", None, "-5", "-5"),
        ("#### −5", "-5", None, "-5"),
        ("–5", None, "-5", "-5"),
        ("5–7", None, None, "7"),
        ("10-5", None, None, "5"),
        ("10−5", None, None, "5"),
        ("x-5", None, None, "5"),
        ("(3)-5", None, None, "5"),
        ("50%-5", None, None, "5"),
        ("10 - 5", None, None, "5"),
        ("= -5", None, None, "-5"),
        ("(-5)", None, None, "-5"),
        ("**5**", None, "5", "5"),
        ("***5***", None, "5", "5"),
        ("__5__", None, "5", "5"),
        ("**-5**", None, "-5", "-5"),
        ("The answer is **5**.", "5", None, "5"),
        ("**The answer is: 5**", "5", None, "5"),
        ("#### **1,024.50**", "1024.5", None, "1024.50"),
        ("$5", None, "5", "5"),
        ("-$5", None, "-5", "-5"),
        ("$-5$", None, "-5", "-5"),
        ("5$", None, "5", "5"),
        (r"\$1,000", None, "1000", "1000"),
        ("#### $1,000.00", "1000", None, "1000"),
        (r"\boxed{5}", None, "5", "5"),
        (r"$\boxed{-5}$", None, "-5", "-5"),
        (r"\(\boxed{\text{5}}\)", None, "5", "5"),
        (r"#### \boxed{5}", "5", None, "5"),
        (r"The answer is $\boxed{\$1,250}$.", "1250", None, "1250"),
        ("2**3", None, None, "3"),
        ("2**3 = 8, 2**4", None, None, "4"),
        ("-0", None, "0", "0"),
        ("#### -0.00", "0", None, "0"),
        ("5.", None, None, "5"),
        ("+5", None, "5", "5"),
        ("0.50", None, "0.5", "0.5"),
        ("1e3", None, "1000", "3"),
        ("1e9999999", None, "1E+9999999", "9999999"),
        ("1e99999999999999999999", None, "1e99999999999999999999", "99999999999999999999"),
        ("nan", None, None, None),
        ("-inf", None, None, None),
        ("#### 12345678901234567890123456789012345", "12345678901234567890123456789012345", None, None),
        ("#### 0.1234567890123456789012345678901", "0.1234567890123456789012345678901", None, None),
    ],
)
def test_numbers_are_read_as_a_person_reads_them(text: str, strict: str | None, bare: str | None, lenient: str | None):
    assert extract(RULES.strict, text, number=True) == strict
    assert extract(BARE, text, number=True) == bare
    if len(text) < 30 and lenient is not None:
        assert extract(RULES.lenient, text, number=True) == canonical_number(lenient)


@pytest.mark.parametrize(
    "text", ["nan", "-Infinity", "sNaN", "1e9999999", "-1e-9999999", "9" * 10_000, "", "-", "1.2.3"]
)
def test_nothing_that_a_pattern_lets_through_stops_a_cell(text: str):
    rules = AnswerExtraction(r"= (\S*)", r"(\S*)$", number=True)
    scorer = ExactMatch("sums", Task(prompt="p", answer="a", metric="exact_match", extraction=rules))
    answers = scorer.score(generated_outputs(["= 7", "= 7"], [f"= {text}", "= 7"]))
    assert answers["score"].tolist() == [0, 1]


def test_neighbors_of_any_length_are_different_numbers():
    one, other = "1" * 40, "1" * 39 + "2"
    assert canonical_number(one) != canonical_number(other)
    assert canonical_number(f"0.{one}") != canonical_number(f"0.{other}")
    assert canonical_number(f"{one}.0") == canonical_number(f"{one},") == one


def test_markup_of_text_that_is_no_number_stays():
    assert extract(r"\((.+)\)", "so (**B**)", number=False) == "**B**"


def test_a_pattern_that_asks_for_markup_still_finds_it():
    assert extract(r"\$(\d+)", "it costs $5", number=True) == "5"


def test_a_pattern_that_takes_too_long_finds_nothing_and_is_counted(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(patterns, "SECONDS", 0.05)
    rules = AnswerExtraction(r"(?:a|aa)+(\d)$", r"(\d)", number=True)
    scorer = ExactMatch("sums", Task(prompt="p", answer="a", metric="exact_match", extraction=rules))
    answers = scorer.score(generated_outputs(["a7", "a7"], ["a" * 80 + "7!", "aaa7"]))
    assert answers["timed_out"].tolist() == [True, False]
    assert answers["prediction"].fillna("none").tolist() == ["none", "7"]
    found = scorer.metrics(answers)
    assert (found["timed_out"], found["invalid"], found["score"], found["lenient"]) == (0.5, 0.5, 0.5, 1)
    with pytest.raises(
        UserError, match=r"row test-0: extraction\.strict takes more than .* the data's own answer 'aaa"
    ):
        scorer.score(generated_outputs(["a" * 80 + "7!"], ["a7"]))


def test_a_reference_without_an_answer_is_refused_before_any_model_is_asked():
    with pytest.raises(UserError, match=r"^task 'gsm8k': sums/test\.jsonl:2: extraction\.strict finds nothing in"):
        GSM8K.check_examples([Example("test-0", "p", "#### 7"), Example("test-1", "p", "seven", "sums/test.jsonl:2")])


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
