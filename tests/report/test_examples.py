"""Won and lost examples of a cell: side by side in the terminal, in full as Markdown."""

import io
from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console

from crosstask.analysis.blocks import ExamplesBlock
from crosstask.report.files.examples import examples_markdown
from crosstask.report.files.writing import write_text
from crosstask.report.terminal.examples import print_examples

RUNS = ("seed 0: 3 won and 1 lost of 9", "seed 1: 0 won and 0 lost of 9")


@pytest.fixture
def block() -> ExamplesBlock:
    """Four examples of one run, none of the other."""
    rows = [
        ("test-1", "won", "Two and two?\n", " 4", "5", " 4"),
        ("test-2", "won", "\x1b[2JWho [red]?", " me", "", "it is me"),
        ("test-3", "won", "x" * 500 + "END", " a", "b", " a"),
        ("test-4", "lost", "Code:\n", "```\nx\n```", "````", "none"),
    ]
    frame = pd.DataFrame(rows, columns=["example", "outcome", "prompt", "gold", "base", "answer"])
    return ExamplesBlock(
        title="imdb/x on goat: examples that fine-tuning won and lost",
        source="imdb/x",
        target="goat",
        runs=RUNS,
        examples=frame.assign(run=RUNS[0]),
        most=2,
        characters=60,
    )


def printed(block: ExamplesBlock) -> str:
    console = Console(file=io.StringIO(), width=100, highlight=False)
    print_examples(console, block)
    return console.file.getvalue()


def test_the_terminal_has_the_first_of_each_outcome_side_by_side(block: ExamplesBlock):
    text = printed(block)
    lines = text.splitlines()
    assert lines[0] == block.title
    head = next(line for line in lines if "prompt" in line)
    assert head.split() == ["prompt", "gold", "base", "imdb/x"]
    first = next(line for line in lines if "Two and two?" in line)
    assert first.split() == ["won", "test-1", "Two", "and", "two?", "4", "5", "4"]
    assert "test-3" not in text
    assert "lost test-4" in text
    assert lines[-1] == "3 of 4 examples; all of them in full: changed/imdb_x_on_goat.md"
    assert text.index(RUNS[0]) < text.index("test-1") < text.index(RUNS[1])
    assert max(map(len, lines)) <= 100


def test_no_text_controls_the_terminal_or_counts_as_markup(block: ExamplesBlock):
    text = printed(block)
    assert "\x1b" not in text
    assert "\\x1b[2JWho [red]?" in text


def test_of_a_long_text_both_ends_are_shown(block: ExamplesBlock):
    text = "".join(printed(ExamplesBlock(**{**vars(block), "most": 9})).split())
    assert "x[...]x" in text
    assert "xEND" in text
    assert "x" * 100 not in text


def test_the_file_has_all_in_full(block: ExamplesBlock):
    assert block.file == "changed/imdb_x_on_goat.md"
    text = examples_markdown(block)
    assert [line for line in text.splitlines() if line.startswith("#")] == [
        f"# {block.title}",
        f"## {RUNS[0]}",
        "### won: test-1",
        "### won: test-2",
        "### won: test-3",
        "### lost: test-4",
        f"## {RUNS[1]}",
    ]
    assert "x" * 500 + "END" in text
    assert "base:\n\n```text\n5\n```" in text


def test_a_fence_in_a_text_does_not_end_it(block: ExamplesBlock):
    text = examples_markdown(block)
    assert "gold:\n\n````text\n```\nx\n```\n````\n" in text
    assert "base:\n\n`````text\n````\n`````\n" in text


def test_no_text_in_the_file_controls_a_terminal_or_is_markup(block: ExamplesBlock, tmp_path: Path):
    odd = {"example": "<img src=x>\n# [y](z)", "prompt": "a\x1b]0;t\x07\tb\r\n\x00\u202ec", "answer": "\ud800 <script>"}
    rows = (
        block.examples.iloc[:1]
        .astype(object)
        .assign(**{name: pd.Series([of], dtype=object) for name, of in odd.items()})
    )
    made = ExamplesBlock(**{**vars(block), "examples": rows, "source": "a`b<i>"})
    text = write_text(examples_markdown(made), tmp_path / "x.md").read_bytes().decode()
    assert "prompt:\n\n```text\na\\x1b]0;t\\x07\tb\\r\n\\x00\\u202ec\n```\n" in text
    assert "\n### won: \\<img src=x\\>\\\\n# \\[y\\](z)\n" in text
    assert "\na\\`b\\<i\\>:\n\n```text\n\\ud800 <script>\n```\n" in text  # a fence makes it code
    assert all(letter.isprintable() or letter in "\n\t" for letter in text)


def test_names_of_files_stay_in_their_folder(block: ExamplesBlock):
    odd = ExamplesBlock(**{**vars(block), "source": "../../x", "target": "a b\n"})
    assert odd.file == "changed/.._.._x_on_a_b_.md"
