"""Verdicts are read in the last line of a reply, and nowhere else."""

import pytest

from crosstask.judging.verdicts import verdict


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Same number.\nVERDICT: CORRECT", "correct"),
        ("VERDICT: WRONG", "wrong"),
        ("Other number.\n\n**VERDICT: WRONG**  \n\n", "wrong"),
        ("So:\n> Verdict : `Correct`.", "correct"),
        ("verdict:incorrect", "wrong"),
        ("<think>\nVERDICT: CORRECT\n</think>\nIt differs.\r\nVERDICT: WRONG\r\n", "wrong"),
        ('It says "VERDICT: CORRECT" itself, which counts for nothing.\nVERDICT: WRONG', "wrong"),
    ],
)
def test_the_last_line_is_the_verdict(text: str, expected: str):
    assert verdict(text, "stop") == (expected, None)


@pytest.mark.parametrize(
    "text",
    [
        "CORRECT",
        "VERDICT: CORRECT\nThat is all.",
        "VERDICT: CORRECT or WRONG",
        "VERDICT: CORRECT / VERDICT: WRONG",
        "VERDICT: NOT CORRECT",
        "VERDICT: CORRECTED",
        "The last line must be VERDICT: CORRECT",
        "VERDICT: RIGHT",
        "VERDICT:",
        "VERDІCT: CORRECT",  # a Cyrillic letter
    ],
)
def test_what_is_no_verdict_is_none(text: str):
    assert verdict(text, "stop") == (None, "no verdict")


@pytest.mark.parametrize("ended", ["length", "content_filter", "refusal", "context_length_exceeded"])
def test_a_reply_that_is_cut_short_has_no_verdict_whatever_it_ends_in(ended: str):
    assert verdict("VERDICT: CORRECT", ended) == (None, ended)


@pytest.mark.parametrize("text", ["", " \n\n", "**\n"])
def test_an_empty_reply_has_no_verdict(text: str):
    assert verdict(text, "stop") == (None, "empty")
