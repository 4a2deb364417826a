"""Examples of one cell in the terminal: prompt, gold answer and both answers side by side."""

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from crosstask.analysis.blocks import ExamplesBlock
from crosstask.errors import printable
from crosstask.report.terminal.plain_text import plain
from crosstask.report.terminal.tables import print_lines

LEFT_OUT = " [...] "


def print_examples(console: Console, block: ExamplesBlock) -> None:
    """Print the first examples of each run and outcome, and where all of them are."""
    console.print(plain(block.title, style="bold"), soft_wrap=True)
    for run in block.runs:
        print_lines(console, [run])
        of_run = block.examples[block.examples["run"] == run]
        first = of_run.groupby("outcome", sort=False).head(block.most)
        if len(first):
            table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), show_lines=True)
            for name, ratio in (("", 2), ("prompt", 6), ("gold", 2), ("base", 4), (block.source, 4)):
                table.add_column(plain(name), ratio=ratio, overflow="fold")
            for row in first.to_dict("records"):
                texts = (_lines(row[name], block.characters) for name in ("prompt", "gold", "base", "answer"))
                table.add_row(plain(f"{row['outcome']} {row['example']}"), *texts)
            console.print(table)
    shown = block.examples.groupby(["run", "outcome"], sort=False).head(block.most)
    some = f"{len(shown)} of {len(block.examples)} examples; " if len(shown) < len(block.examples) else ""
    print_lines(console, [f"{some}all of them in full: {block.file}"])


def _lines(text: str, most: int) -> Text:
    """A text with its line breaks, and nothing else that controls a terminal; of a long one both ends."""
    text = text.strip()
    if len(text) > most:
        half = (most - len(LEFT_OUT)) // 2
        text = f"{text[:half].rstrip()}{LEFT_OUT}{text[-half:].lstrip()}"
    return Text("\n".join(map(printable, text.splitlines())))
