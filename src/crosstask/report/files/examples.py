"""Examples of one cell as Markdown: prompt, gold answer and both answers in full."""

import re
from collections.abc import Hashable, Iterator, Mapping
from itertools import groupby
from typing import Any

from crosstask.analysis.blocks import ExamplesBlock
from crosstask.errors import printable

TICK = "`"
_MARKUP = re.compile(r"[\\`*<>&\[\]|]")
_KEPT = re.compile(r"[^\n\t]+")
"""What of a text is looked through for characters that control a terminal."""


def examples_markdown(block: ExamplesBlock) -> str:
    """All examples of a cell, run by run, those won first."""
    return "\n".join([f"# {_inert(block.title)}\n", *(line for run in block.runs for line in _run(block, run))])


def _run(block: ExamplesBlock, run: str) -> Iterator[str]:
    """The chapter of one run."""
    yield f"## {_inert(run)}\n"
    for row in block.examples[block.examples["run"] == run].to_dict("records"):
        yield from _example(row, block.source)


def _example(row: Mapping[Hashable, Any], source: str) -> Iterator[str]:
    """One example."""
    yield f"### {row['outcome']}: {_inert(str(row['example']))}\n"
    for name, column in (("prompt", "prompt"), ("gold", "gold"), ("base", "base"), (source, "answer")):
        yield f"{_inert(name)}:\n\n{_fenced(row[column])}\n"


def _inert(text: str) -> str:
    """A name such that nothing in it is Markdown or HTML, breaks the line, or controls a terminal."""
    return _MARKUP.sub(r"\\\g<0>", printable(text))


def _fenced(text: str) -> str:
    """A text between fences that are longer than any in it: as it stands, but for characters that control a terminal.

    Those are written as Python would write them; tabs and ends of lines stay.
    """
    text = _KEPT.sub(lambda found: printable(found[0]), text)
    runs = [len(list(run)) for letter, run in groupby(text) if letter == TICK]
    fence = TICK * max(3, 1 + max(runs, default=0))
    return f"{fence}text\n{text}\n{fence}"
