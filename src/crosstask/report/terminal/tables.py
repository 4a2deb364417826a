"""The matrix and the gains in the terminal, readable without color and 100 columns wide."""

from collections.abc import Hashable, Iterable
from itertools import zip_longest
from typing import Any

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from crosstask.analysis.blocks import EffectsBlock, MatrixBlock
from crosstask.analysis.matrix.score_unit import ScoreUnit
from crosstask.errors import printable
from crosstask.report.names import abbreviated
from crosstask.report.terminal.plain_text import plain

WIDTH = 100
"""Columns of the terminal that tables may fill."""

_SHORTEST = 6  # letters of a task name; a number such as *+12.3 needs as many
_IN_BLOCKS = 9  # letters of a task name where the targets need several blocks anyway
_GAP = 1  # blanks between columns
_EFFECT_NAME = 18  # letters of a task name beside an effect
_SHOWN = 10  # effects from each end
_LARGEST = 60  # rows or columns of a matrix that is printed


def print_matrix(console: Console, block: MatrixBlock) -> None:
    """Print scores or gains, sources down and targets across, with the key to their marks."""
    shown = block.values * block.unit.factor
    if max(shown.shape) > _LARGEST:
        print_lines(console, [f"{block.title}: {shown.shape[0]} x {shown.shape[1]} numbers are in the files only"])
        return
    form = block.unit.form if block.signed else block.unit.form.replace("+", "")
    forms = np.full(shown.shape, form, dtype=object)
    if block.significant is not None:
        forms[~block.significant.to_numpy(bool)] = f"({form})"
    cells = [
        [_cell(*of_cell, block.signed) for of_cell in zip(values, owns, of_row, strict=True)]
        for values, owns, of_row in zip(shown.to_numpy(), block.home.to_numpy(), forms, strict=True)
    ]
    console.print(plain(block.title, style="bold"), soft_wrap=True)
    _print_blocks(console, shown, cells)
    key = ["* the source's own task"] if block.home.any(axis=None) else []
    key += ["() not distinguishable from 0"] if block.significant is not None else []
    key += ["- no score"] if shown.isna().any(axis=None) else []
    if key:
        print_lines(console, [", ".join(key)])


def print_effects(console: Console, block: EffectsBlock) -> None:
    """Print donors and recipients side by side, the largest first, with what to expect of them and their intervals."""
    console.print(plain(block.title, style="bold"), soft_wrap=True)
    table = Table(box=None, padding=(0, _GAP, 0, 0))
    columns = []
    known = bool(block.donors["ci_low"].notna().any())
    for role, rows in block.donors.groupby("role"):
        table.add_column(role, no_wrap=True)
        table.add_column("", justify="right", no_wrap=True)
        table.add_column("shrunk" if known else "", justify="right", no_wrap=True)
        table.add_column("interval" if known else "", no_wrap=True)
        by_size = rows.sort_values("effect", ascending=False)
        columns.append([_effect(row, block.unit) for row in _ends(by_size)])
    for lines in zip_longest(*columns, fillvalue=("", "", "", "")):
        table.add_row(*(plain(text) for line in lines for text in line))
    console.print(table)
    if known:
        print_lines(
            console,
            [
                "shrunk: less what is probably noise, what to expect of those that look best;",
                "* distinguishable from the mean; the intervals take the tasks as given",
            ],
        )


def _ends(rows: pd.DataFrame) -> list[dict[Hashable, Any]]:
    """The first and the last rows."""
    return (rows if len(rows) <= 2 * _SHOWN else pd.concat([rows.head(_SHOWN), rows.tail(_SHOWN)])).to_dict("records")


def _effect(row: dict[Hashable, Any], unit: ScoreUnit) -> tuple[str, str, str, str]:
    """Name, effect, the same shrunken, and interval; the last two are empty where they are not known."""
    star = "*" if row["significant"] is True else ""
    name, effect = abbreviated([printable(row["name"])], _EFFECT_NAME)[0], unit.difference(row["effect"])
    shrunken = "" if pd.isna(row["shrunken"]) else unit.difference(row["shrunken"])
    if pd.isna(row["ci_low"]):
        return name, effect, shrunken, ""
    return name, effect, shrunken, f"{unit.difference(row['ci_low'])} to {unit.difference(row['ci_high'])}{star}"


def print_lines(console: Console, lines: Iterable[str]) -> None:
    """Print lines as they are, however long."""
    for line in lines:
        console.print(plain(line), soft_wrap=True)


def _print_blocks(console: Console, shown: pd.DataFrame, cells: list[list[Text]]) -> None:
    """Print the cells of a matrix with its names, in as many blocks of columns as the width asks for."""
    sources = abbreviated([printable(str(name)) for name in shown.index], 20)
    widest = max((len(cell) for row in cells for cell in row), default=0)
    room = min(console.width, WIDTH) - max(map(len, sources), default=0) - _GAP
    names, per_block = _headers([printable(str(name)) for name in shown.columns], widest, room)
    for start in range(0, len(names), per_block):
        block = slice(start, start + per_block)
        table = Table(box=None, padding=(0, _GAP, 0, 0))
        table.add_column("", no_wrap=True)
        for name in names[block]:
            table.add_column(plain(name), justify="right", no_wrap=True)
        for source, row in zip(sources, cells, strict=True):
            table.add_row(plain(source), *row[block])
        console.print(table)


def _headers(names: list[str], widest: int, room: int) -> tuple[list[str], int]:
    """Names as long as one block has room for, else short ones and the number of columns in a block."""
    longest = max(map(len, names), default=0)
    for width in range(max(longest, _SHORTEST), _SHORTEST - 1, -1):
        short = abbreviated(names, width)
        if sum(max(len(name), widest) + _GAP for name in short) <= room:
            return short, max(1, len(names))
    return abbreviated(names, _IN_BLOCKS), max(1, room // (max(_IN_BLOCKS, widest) + _GAP))


def _cell(value: float, own: bool, form: str, colored: bool) -> Text:
    """One number, with a star for home; a dash for none."""
    if pd.isna(value):
        return plain("-")
    style = ("blue" if value > 0 else "red" if value < 0 else "") if colored else ""
    return plain(("*" if own else "") + form.format(value), style=style)
