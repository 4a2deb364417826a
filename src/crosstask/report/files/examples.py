"""Examples of one cell as Markdown: prompt, gold answer and both answers in full."""

from collections.abc import Hashable, Iterator, Mapping
from itertools import groupby
from typing import Any

from crosstask.analysis.blocks import ExamplesBlock

TICK = "`"


def examples_markdown(block: ExamplesBlock) -> str:
    """All examples of a cell, run by run, those won first."""
    return "\n".join([f"# {block.title}\n", *(line for run in block.runs for line in _run(block, run))])


def _run(block: ExamplesBlock, run: str) -> Iterator[str]:
    """The chapter of one run."""
    yield f"## {run}\n"
    for row in block.examples[block.examples["run"] == run].to_dict("records"):
        yield from _example(row, block.source)


def _example(row: Mapping[Hashable, Any], source: str) -> Iterator[str]:
    """One example."""
    yield f"### {row['outcome']}: {row['example']}\n"
    for name, column in (("prompt", "prompt"), ("gold", "gold"), ("base", "base"), (source, "answer")):
        yield f"{name}:\n\n{_fenced(row[column])}\n"


def _fenced(text: str) -> str:
    """A text as it stands, between fences that are longer than any in it."""
    runs = [len(list(run)) for letter, run in groupby(text) if letter == TICK]
    fence = TICK * max(3, 1 + max(runs, default=0))
    return f"{fence}text\n{text}\n{fence}"
