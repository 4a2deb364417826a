"""Examples of one cell as Markdown: prompt, gold answer and both answers in full."""

import re
from collections.abc import Hashable, Iterator, Mapping
from typing import Any

from crosstask.analysis.blocks import ExamplesBlock

FOLDER = "changed"
_NO_FILE_NAME = re.compile(r"[^\w.+-]")
_FENCE = re.compile(r"^`{3,}", re.MULTILINE)


def examples_file(block: ExamplesBlock) -> str:
    """Name of the file of examples, below the folder of the results."""
    return f"{FOLDER}/{_NO_FILE_NAME.sub('_', f'{block.source}_on_{block.target}')}.md"


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
    longest = max((len(found) for found in _FENCE.findall(text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}text\n{text}\n{fence}"
