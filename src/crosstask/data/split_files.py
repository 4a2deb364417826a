"""Where the rows of a split of a local data set are: one file, or one in parts as the Hub has them."""

import re
from collections.abc import Sequence
from pathlib import Path

from crosstask.errors import UserError

TEXT = (".jsonl", ".json", ".csv", ".tsv")
"""Endings of files of text, which may be compressed: ``.csv.gz``."""
ENDINGS = (*TEXT, *(f"{ending}.gz" for ending in TEXT), ".parquet")
_PART = re.compile(r"-(\d+)-of-(\d+)\.")
READS = "data=local reads data.root/<data set>/{train,test}.jsonl, .json, .csv, .tsv (also .gz) or .parquet"


def split_files(dataset: str, root: str | None, split: str) -> tuple[Path, ...]:
    """Return the file of a split, or its parts (``train-00000-of-00002.parquet``, ...) in order.

    Raises
    ------
    UserError
        If there is none, with what there is instead; if there are several, or a part is lacking.
    """
    folder = Path(root or "").expanduser() / dataset
    found = found_files(folder, split)
    if not found:
        there = folder.is_dir()
        lacking = f"no file of the {split} split" if there else "no such folder"
        raise UserError(f"{folder}: {lacking}; {_content(folder if there else folder.parent)}; {READS}")
    if len(found) > 1:
        several = ", ".join(sorted(parts[0].name for parts in found))
        raise UserError(f"{folder}: several files of the {split} split: {several}; leave one")
    _require_all(found[0], split)
    return found[0]


def _content(folder: Path) -> str:
    """Say what a folder holds."""
    if not folder.is_dir():
        return f"{folder} is no folder"
    names = sorted(there.name for there in folder.iterdir())
    return f"{folder} holds {', '.join(names[:10]) or 'nothing'}"


def found_files(folder: Path, split: str) -> list[tuple[Path, ...]]:
    """Return what there is of a split: a tuple for each file, and for each kind of file that comes in parts.

    ``.jsonl`` by itself where it is there: before others could be read, they lay beside what was made of them.
    """
    whole = [(path,) for ending in ENDINGS if (path := folder / f"{split}{ending}").is_file()]
    parts = [tuple(sorted(folder.glob(f"{split}-[0-9]*-of-[0-9]*{ending}"), key=_number)) for ending in ENDINGS]
    found = [*whole, *filter(None, parts)]
    return found[:1] if found and found[0][0].name == f"{split}.jsonl" else found


def _number(path: Path) -> tuple[int, int]:
    """Return the number of a part and that of all, as its name has them."""
    match = _PART.search(path.name)
    return (int(match[1]), int(match[2])) if match else (0, 0)


def _require_all(parts: Sequence[Path], split: str) -> None:
    """Refuse a split of which a part is lacking: its rows would be others without a word."""
    numbers = [_number(path) for path in parts if _PART.search(path.name)]
    if numbers and numbers != [(number, numbers[0][1]) for number in range(numbers[0][1])]:
        names = ", ".join(path.name for path in parts[:10])
        raise UserError(f"{parts[0].parent}: the {split} split has parts that are lacking or of another count: {names}")
