"""The matrix and the gains in the terminal, readable without colour and 100 columns wide."""

from collections.abc import Iterable

import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from crosstask.report.score_unit import ScoreUnit

WIDTH = 100
"""Columns of the terminal that tables may fill."""

_SHORTEST = 6  # letters of a task name; a number such as *+12.3 needs as many
_IN_BLOCKS = 9  # letters of a task name where the targets need several blocks anyway
_GAP = 1  # blanks between columns


def terminal() -> Console:
    """A console on standard output, 100 columns wide where there is no terminal to ask."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(width=WIDTH, highlight=False)


def print_matrix(console: Console, matrix: pd.DataFrame, home: pd.DataFrame, unit: ScoreUnit, title: str) -> None:
    """Print scores, sources down and targets across.

    Parameters
    ----------
    console : Console
        Where to print.
    matrix : DataFrame, shape (n_sources, n_targets)
        In the unit of the scores; NaN is printed as a dash.
    home : DataFrame of bool, same shape
        Cells to mark with a star: a source on its own task.
    unit : ScoreUnit
        How the numbers are shown.
    title : str
        What is shown.
    """
    _print_cells(console, matrix * unit.factor, home, title, "{:z.1f}", coloured=False)


def print_gains(console: Console, gains: pd.DataFrame, home: pd.DataFrame, unit: ScoreUnit, title: str) -> None:
    """Print gains as `print_matrix` does scores, with their sign, in blue above and red below zero."""
    _print_cells(console, gains * unit.factor, home, title, "{:+z.1f}", coloured=True)


def print_lines(console: Console, lines: Iterable[str]) -> None:
    """Print lines as they are, however long."""
    for line in lines:
        console.print(Text(line), soft_wrap=True)


def abbreviated(names: list[str], width: int) -> list[str]:
    """Names cut to a width, and to be told apart still.

    Parameters
    ----------
    names : list of str
        Distinct names.
    width : int
        Letters allowed, at least 6.

    Returns
    -------
    list of str
        Each name where it fits, else its two ends; where two would come out alike, its beginning and its
        place among the names.

    Examples
    --------
    >>> abbreviated(["mnli", "mnli_words", "flipkart_2023", "flipkart_1923"], 6)
    ['mnli', 'mnl…ds', 'fli…3', 'fli…4']
    """
    short = [name if len(name) <= width else f"{name[: width - 3]}…{name[-2:]}" for name in names]
    return [
        text if short.count(text) == 1 else f"{name[: width - 3]}…{place}"
        for place, (name, text) in enumerate(zip(names, short, strict=True), start=1)
    ]


def _print_cells(
    console: Console, shown: pd.DataFrame, home: pd.DataFrame, title: str, form: str, *, coloured: bool
) -> None:
    """Print a matrix of numbers, in as many blocks of columns as the width asks for."""
    cells = [
        [_cell(value, own, form, coloured) for value, own in zip(values, owns, strict=True)]
        for values, owns in zip(shown.to_numpy(), home.to_numpy(), strict=True)
    ]
    sources = abbreviated([str(name) for name in shown.index], 20)
    widest = max((len(cell) for row in cells for cell in row), default=0)
    room = min(console.width, WIDTH) - max(map(len, sources), default=0) - _GAP
    names, per_block = _headers([str(name) for name in shown.columns], widest, room)
    console.print(Text(title, style="bold"), soft_wrap=True)
    for start in range(0, len(names), per_block):
        block = slice(start, start + per_block)
        table = Table(box=None, padding=(0, _GAP, 0, 0))
        table.add_column("", no_wrap=True)
        for name in names[block]:
            table.add_column(Text(name), justify="right", no_wrap=True)
        for source, row in zip(sources, cells, strict=True):
            table.add_row(Text(source), *row[block])
        console.print(table)
    key = ["* the source's own task"] if home.any(axis=None) else []
    key += ["- no score"] if shown.isna().any(axis=None) else []
    if key:
        print_lines(console, [", ".join(key)])


def _headers(names: list[str], widest: int, room: int) -> tuple[list[str], int]:
    """Names as long as one block has room for, else short ones and the number of columns in a block."""
    longest = max(map(len, names), default=0)
    for width in range(max(longest, _SHORTEST), _SHORTEST - 1, -1):
        short = abbreviated(names, width)
        if sum(max(len(name), widest) + _GAP for name in short) <= room:
            return short, max(1, len(names))
    return abbreviated(names, _IN_BLOCKS), max(1, room // (max(_IN_BLOCKS, widest) + _GAP))


def _cell(value: float, own: bool, form: str, coloured: bool) -> Text:
    """One number, with a star for home; a dash for none."""
    if pd.isna(value):
        return Text("-")
    style = ("blue" if value > 0 else "red" if value < 0 else "") if coloured else ""
    return Text(("*" if own else "") + form.format(value), style=style)
