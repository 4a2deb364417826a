"""Examples of one cell as Markdown: prompt, gold answer and both answers in full."""

from collections.abc import Hashable, Iterator, Mapping
from itertools import groupby
from typing import Any

from crosstask.analysis.blocks import ExamplesBlock
from crosstask.errors import printable

TICK = "`"
_ESCAPED = str.maketrans({letter: f"\\{letter}" for letter in "\\`*<>&[]|"})
"""What would be Markdown or HTML in a name."""


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
    return printable(text).translate(_ESCAPED)


def _fenced(text: str) -> str:
    """A text between fences that are longer than any in it: as it stands, but for characters that control a terminal.

    Those are written as Python would write them; tabs and ends of lines stay.
    """
    lines = (map(printable, line.split("\t")) for line in text.split("\n"))
    text = "\n".join(map("\t".join, lines))
    runs = [len(list(run)) for letter, run in groupby(text) if letter == TICK]
    fence = TICK * max(3, 1 + max(runs, default=0))
    return f"{fence}text\n{text}\n{fence}"
