"""An analysis in the terminal: what was found, section by section what shows it, then alarms and notes."""

from collections.abc import Callable, Sequence
from typing import Any

from rich.console import Console

from crosstask.analysis.blocks import Block, ComponentsBlock, EffectsBlock, ExamplesBlock, MatrixBlock
from crosstask.analysis.pipeline import Analysis
from crosstask.report.terminal.examples import print_examples
from crosstask.report.terminal.plain_text import plain
from crosstask.report.terminal.tables import WIDTH, print_effects, print_lines, print_matrix
from crosstask.report.terminal.traits import print_components

PRINTED_BY: dict[type[Block], Callable[[Console, Any], None]] = {
    MatrixBlock: print_matrix,
    EffectsBlock: print_effects,
    ComponentsBlock: print_components,
    ExamplesBlock: print_examples,
}


def terminal() -> Console:
    """A console on standard output, 100 columns wide where there is no terminal to ask."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(width=WIDTH, highlight=False)


def print_analysis(console: Console, analysis: Analysis, last: Sequence[str] = ()) -> None:
    """Print the findings of every section, then what it shows, alarms, notes and last lines."""
    for line in (line for found in analysis.findings.values() for line in found.lines):
        console.print(plain(line, style="bold"), soft_wrap=True)
    console.print()
    for block in (block for found in analysis.findings.values() for block in found.blocks):
        PRINTED_BY[type(block)](console, block)
        console.print()
    print_lines(console, [f"ALARM  {line}" for found in analysis.findings.values() for line in found.alarms])
    print_lines(console, [*analysis.notes, *last])
