"""What a panel is made of, as data that the page's script draws: facts, tables, bars, matrices, intervals, examples.

Every text in it is shown as text, whatever it says; numbers are written here, so that the script computes none.
"""

from collections.abc import Iterable, Sequence
from typing import Any

Block = dict[str, Any]
"""A ``kind``, a ``title`` and what the kind has besides."""
TONES = 8
"""Shades of a color between none and the darkest."""


def facts(title: str, pairs: Iterable[tuple[str, str]]) -> Block:
    """Names with their values; those without a value are left out."""
    return {"kind": "facts", "title": title, "pairs": [[name, value] for name, value in pairs if value]}


def table(title: str, head: Sequence[str], rows: Iterable[Sequence[str]], texts: int = 1, note: str = "") -> Block:
    """Rows under a head; the first columns are texts, the others numbers, and columns without any are left out."""
    every = [list(row) for row in rows]
    kept = [place for place in range(len(head)) if place < texts or any(row[place] for row in every)]
    rows = [[row[place] for place in kept] for row in every]
    return {
        "kind": "table",
        "title": title,
        "head": [head[place] for place in kept],
        "rows": rows,
        "texts": texts,
        "note": note,
    }


def bars(
    title: str, series: Sequence[str], groups: Iterable[tuple[str, Sequence[tuple[str, float]]]], note: str = ""
) -> Block:
    """Bars in groups, one for each series: its text, and its length from 0 to 1."""
    return {
        "kind": "bars",
        "title": title,
        "series": list(series),
        "note": note,
        "groups": [[name, [[text, round(length, 4)] for text, length in values]] for name, values in groups],
    }


def confusion(title: str, labels: Sequence[str], answers: Sequence[str], matrices: dict[str, list[list[int]]]) -> Block:
    """Counts of gold (down) and answered labels (across), a matrix for each model, beside each other."""
    shaded = [
        [name, [[[count, _shade(count, row)] for count in row] for row in counts]] for name, counts in matrices.items()
    ]
    return {"kind": "confusion", "title": title, "labels": list(labels), "answers": list(answers), "matrices": shaded}


def intervals(title: str, rows: Iterable[dict[str, Any]], note: str = "") -> Block:
    """Values with their intervals below each other, on one scale.

    Each row has ``name``, ``text``, ``value``, ``low``, ``high`` (numbers or None), ``told``, whether it is
    significant, and may have ``tested``, its q, and ``link``, the source and target of a cell.
    """
    return {"kind": "intervals", "title": title, "rows": list(rows), "note": note}


def examples(title: str, note: str, names: tuple[str, str], shown: Sequence[dict[str, str]]) -> Block:
    """Answers of two models beside each other; each example has ``outcome``, ``example`` and ``answer``."""
    return {"kind": "examples", "title": title, "note": note, "names": list(names), "examples": list(shown)}


def said(text: str) -> Block:
    """A sentence."""
    return {"kind": "said", "title": "", "text": text}


def alarm(text: str) -> Block:
    """A sentence on what makes the numbers worth less than they look."""
    return {"kind": "alarm", "title": "", "text": text}


def is_empty(block: Block) -> bool:
    """Whether a block shows nothing."""
    return not any(block.get(part) for part in ("pairs", "rows", "groups", "matrices", "examples", "text", "note"))


def _shade(count: int, row: Sequence[int]) -> int:
    """Shade of a count by its share of the row."""
    return round(TONES * count / sum(row)) if sum(row) else 0
