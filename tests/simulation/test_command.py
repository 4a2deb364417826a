"""The command that prints the tables of the manual refuses what it cannot do, in one line."""

import sys

import pytest

from tests.simulation import __main__ as command


@pytest.mark.parametrize("draws", ["0", "-3", "many", "1.5"])
def test_fewer_draws_than_one_are_refused(draws, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["simulation", "rules", "--draws", draws])
    with pytest.raises(SystemExit):
        command.main()
    assert f"{draws}: must be a whole number, at least 1" in capsys.readouterr().err


def test_as_many_matrices_are_drawn_as_asked_for(monkeypatch, capsys):
    asked = []
    monkeypatch.setitem(command.PARTS, "rules", asked.append)
    monkeypatch.setattr(sys, "argv", ["simulation", "rules", "--draws", "7"])
    command.main()
    assert asked == [7]
    assert capsys.readouterr().out == "\nrules, 7 draws\n\n"
