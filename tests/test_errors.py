"""What comes from outside reaches the terminal as characters that control nothing."""

import logging

import pytest

from crosstask.errors import UserError, distinguished, printable, quoted
from crosstask.sweeps.progress_bar import ConsoleHandler

OUTSIDE = "a\x1b[2J\x07\r\n\x9b31m\u202eb\ud83d\u2028c"


def test_a_user_error_is_one_line_without_control_characters():
    message = str(UserError(f"  {OUTSIDE}\n and more  "))
    assert message == r"a\x1b[2J\x07 \x9b31m\u202eb\ud83d\u2028c and more"
    assert message.isprintable()


def test_what_the_log_prints_in_the_terminal_controls_nothing(capsys: pytest.CaptureFixture[str]):
    ConsoleHandler().emit(logging.LogRecord("crosstask", logging.INFO, "", 0, "%s\ntwo", (OUTSIDE,), None))
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert all(line.isprintable() for line in lines)


@pytest.mark.parametrize("text", ["plain", "Größe 東京", "tab-free \u00a0 line"])
def test_other_characters_stay(text: str):
    assert printable(text) == text


def test_long_values_are_shortened_in_the_middle():
    found = quoted("x" * 500 + "end")
    assert len(found) <= 60
    assert found.startswith("'xxx")
    assert found.endswith("end'")


@pytest.mark.parametrize(
    ("one", "other"), [("caf\u00e9", "cafe\u0301"), ("p\u043es", "pos"), ("a\u00a0", "a "), ("a\u200b", "a")]
)
def test_labels_that_look_alike_are_told_apart(one: str, other: str):
    assert distinguished(one) != distinguished(other)
    assert ascii(one) in distinguished(one)
