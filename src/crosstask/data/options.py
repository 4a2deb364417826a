"""Options of multiple choice: how a prompt lists them, and what the model says to choose one."""

import re
from collections.abc import Sequence
from string import ascii_uppercase

from crosstask.config.task import Form
from crosstask.data.row_values import IncompleteRow, WrongValue


def lettered(options: Sequence[str], form: Form) -> str:
    r"""Return the options as a prompt lists them, each in a line; nothing where they are asked for by their text.

    Examples
    --------
    >>> lettered(["yes", "no"], Form.letters)
    'A. yes\nB. no\n'
    >>> lettered(["yes", "no"], Form.cloze)
    ''
    """
    if form is Form.cloze:
        return ""
    return "".join(f"{letter}. {option}\n" for letter, option in zip(ascii_uppercase, options, strict=False))


def continuations(prompt: str, options: Sequence[str], form: Form) -> tuple[str, ...]:
    r"""Return what the model says after a prompt to choose each option: its letter or its text, after a space.

    Examples
    --------
    >>> continuations("Answer:", ["yes", "no"], Form.letters), continuations("Answer:\n", ["yes", "no"], Form.cloze)
    ((' A', ' B'), ('yes', 'no'))
    """
    space = "" if prompt[-1:].isspace() else " "
    said = options if form is Form.cloze else ascii_uppercase[: len(options)]
    return tuple(space + text for text in said)


def check_options(options: Sequence[str]) -> None:
    """Refuse options among which there is nothing to choose, or for which there are no letters.

    Raises
    ------
    WrongValue
        If there are fewer than two, or more than 26.
    """
    if not 2 <= len(options) <= len(ascii_uppercase):
        raise WrongValue(f"the row has {len(options)}, allowed are 2 to {len(ascii_uppercase)}")


def right_option(answer: str, count: int) -> int:
    """Return which of so many options an answer names: by its number, counted from 0, or by its letter.

    Raises
    ------
    IncompleteRow
        For a negative number, which data sets write where labels are withheld.
    WrongValue
        If it names none.

    Examples
    --------
    >>> right_option("1", 4), right_option(" b ", 4)
    (1, 1)
    """
    named = answer.strip()
    if re.fullmatch(r"-[0-9]+", named):
        raise IncompleteRow(f"option {named}; a row without a label often has -1")
    letters = ascii_uppercase[:count]
    if re.fullmatch(r"[0-9]{1,3}", named) and int(named) < count:
        return int(named)
    if len(named) == 1 and named.upper() in letters:
        return letters.index(named.upper())
    raise WrongValue(
        f"{named!r:.60} is no option of this row, which has {count}; it prints a number from 0 to {count - 1} or a"
        f" letter from A to {letters[-1]}"
    )
