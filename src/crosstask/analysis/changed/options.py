"""Parameters of changed examples: the schema of ``analysis.changed`` in the config."""

from dataclasses import dataclass
from typing import Any

from crosstask.limits import at_least, checked_by, refuse

ON = " on "
"""Between the names of a source and a target."""


def check_form(key: str, value: Any) -> None:
    """Refuse what names no cell; UserError says how one is named."""
    if not isinstance(value, str) or not all(part.strip() for part in f" {value} ".partition(ON)):
        refuse(f"{key}={value!r:.60}: must be 'SOURCE on TARGET', such as 'imdb on gsm8k'")


@dataclass
class Options:
    """What of the changed examples is shown with its texts."""

    show: str | None = checked_by(check_form, None)
    """A cell, such as 'imdb on gsm8k': its won and lost examples are printed with prompt, gold answer and both answers,
    and written in full to changed/SOURCE_on_TARGET.md."""
    examples: int = at_least(1, 5)
    """Most examples that the terminal shows of those won, and of those lost, by one run; the file has all."""
    characters: int = at_least(20, 400)
    """Most characters of a prompt or an answer on the terminal, the middle of a longer one left out; the file has
    all."""
