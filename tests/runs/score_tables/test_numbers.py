"""Numbers as people write them, and those that can be read in two ways."""

import re

import pytest

from crosstask.config.analysis import DecimalMark
from crosstask.errors import UserError
from crosstask.runs.score_tables.numbers import Notation, Score, is_missing, notation

POINT, COMMA = DecimalMark.point, DecimalMark.comma


@pytest.mark.parametrize(
    ("text", "mark", "expected"),
    [
        ("71.2", POINT, Score(71.2, None, False)),
        ("-.5e-2", POINT, Score(-0.005, None, False)),
        ("\u22120.05", POINT, Score(-0.05, None, False)),
        ("71.2 ± 0.3", POINT, Score(71.2, 0.3, False)),
        ("71.2+/-0.3", POINT, Score(71.2, 0.3, False)),
        (r"71.2 $\pm$ 0.3", POINT, Score(71.2, 0.3, False)),
        ("$71.2$", POINT, Score(71.2, None, False)),
        (r"$\mathbf{71.2} \pm 0.3$", POINT, Score(71.2, 0.3, False)),
        (r"$\boldsymbol{71.2}$", POINT, Score(71.2, None, False)),
        ("25\u00a0%", POINT, Score(25.0, None, True)),
        ("25% ± 1%", POINT, Score(25.0, 1.0, True)),
        ("0,25", COMMA, Score(0.25, None, False)),
        ("1.250,5 ± 0,5", COMMA, Score(1250.5, 0.5, False)),
        ("12,345,678", POINT, Score(12345678.0, None, False)),
    ],
)
def test_a_score_is_read(text, mark, expected):
    assert Notation(mark).score(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "0,25",
        "1,25",
        "0,125",
        "1,2500",
        "1 250",
        "inf",
        "1e400",
        "1_0",
        "71.2 (0.3)",
        "1 ± 2 ± 3",
        "± 1",
        "$71.2",
        "$71.2_{0.3}$",
    ],
)
def test_what_is_no_number_with_a_decimal_point_is_none(text):
    assert Notation().score(text) is None


@pytest.mark.parametrize("text", ["", "NA", "n/a", "N/A", "NaN", "null", "None", "-", "\u2014", "?", "#N/A"])
def test_words_for_nothing_are_missing(text):
    assert is_missing(text)
    assert not is_missing(text + "0")


def decided(*texts: str, decimal: DecimalMark | None = None) -> tuple[DecimalMark, list[str]]:
    """How numbers are taken to be written, and the notes on it."""
    found, notes = notation([(f"a.csv, line {place}", text) for place, text in enumerate(texts, start=2)], decimal)
    return found.decimal, notes


def test_other_numbers_decide_what_a_comma_is():
    assert decided("0.25", "1.5") == (POINT, [])
    assert decided("12", "1.250") == (POINT, [])  # nothing but a point: what most people mean
    assert decided("0,25", "12") == (COMMA, ["numbers have decimal commas"])
    thousands = "'1,250' is taken to have a thousands separator: other numbers have a decimal point"
    assert decided("0.5", "1,250") == (POINT, [thousands])
    assert decided("0,5", "1.250")[1][1].startswith("'1.250' is taken to have a thousands separator")
    assert decided("1,250", decimal=COMMA)[0] == COMMA
    assert decided("1,250", decimal=POINT)[0] == POINT


def test_what_nothing_decides_is_refused():
    message = "a.csv, line 2: '1,250' has a decimal comma or a thousands separator; runs.decimal=comma or"
    with pytest.raises(UserError, match=re.escape(message)):
        decided("1,250", "12")
    with pytest.raises(
        UserError, match=re.escape("line 3: '0,5' has a decimal comma, but '0.25' (line 2) a decimal point")
    ):
        decided("0.25", "0,5")
