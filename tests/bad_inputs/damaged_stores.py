"""A good store of which one thing is damaged, foreign or of a newer version: ways to damage it, and to write a case."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from safetensors.numpy import load_file, save_file

from tests.bad_inputs.case import Accepted, Command, Expected, MadeAgain, Refused
from tests.bad_inputs.workplace import Workplace
from tests.bad_inputs.writing_cases import WORD, Kind

Damage = Callable[[Path], object]
"""Done to the first file or folder of a pattern, see `_first`."""


def _setup(pattern: str, damage: Damage, command: str) -> Callable[[Workplace], Command]:
    """A damaged copy of the store, and a command that uses it."""

    def setup(work: Workplace) -> Command:
        store = work.copy_store()
        damage(_first(store, pattern))
        script, *more = command.split()
        if script == "status.py":
            return work.command(script)
        return getattr(work, script.removesuffix(".py"))(*more)

    return setup


def _first(store: Path, pattern: str) -> Path:
    """The first file or folder of a pattern, of cells the one of goat on imdb.

    Cells are named by the weights of their adapter, which kinds of processors train to other last digits, so which of
    them comes first is no one's to say.
    """
    found = sorted(store.glob(pattern))
    assert found, f"the store has no {pattern}"
    records = [json.loads(path.read_text()) for path in store.glob("records/*.json")]
    outputs, _ = next(record["cells"]["imdb"] for record in records if record["source"] == "goat")
    return next((path for path in found if outputs in path.parts), found[0])


class Stores(Kind):
    """Cases of damaged stores."""

    def __init__(self) -> None:
        super().__init__("stores")

    def damaged(self, name: str, about: str, pattern: str, damage: Damage, command: str, expected: Expected) -> None:
        """Add a case: a command on a store in which the first of what has a pattern is damaged."""
        self.add(name, f"{about}; `{command}`", _setup(pattern, damage, command), expected)

    def bad(
        self, name: str, about: str, pattern: str, damage: Damage, command: str, *words: WORD, lines: int = 1
    ) -> None:
        """A damage that the command must refuse."""
        self.damaged(name, about, pattern, damage, command, Refused(words, lines=lines))

    def again(self, name: str, about: str, pattern: str, damage: Damage, command: str, *words: WORD) -> None:
        """A damage that the command must name and repair."""
        self.damaged(name, about, pattern, damage, command, MadeAgain((*words, ("done", "made again"))))

    def left_out(
        self, name: str, about: str, pattern: str, damage: Damage, *words: WORD, scores: str = "imdb,goat,"
    ) -> None:
        """A damage with which the analysis must do without the part, and say so."""
        expected = Accepted(words, {"results/scores.csv": scores})
        self.damaged(name, about, pattern, damage, "analyze.py", expected)


def cut(path: Path) -> None:
    """Keep half of a file."""
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def content(text: str | bytes) -> Damage:
    """Another content."""
    return lambda path: path.write_bytes(text if isinstance(text, bytes) else text.encode())


def fields(**values: Any) -> Damage:
    """Other values of a file of JSON."""
    return lambda path: path.write_text(json.dumps(json.loads(path.read_text()) | values))


def inner(name: str, **values: Any) -> Damage:
    """Other values of a mapping in a file of JSON."""

    def damage(path: Path) -> None:
        found = json.loads(path.read_text())
        found[name] |= values
        path.write_text(json.dumps(found))

    return damage


def table(change: Callable[[pd.DataFrame], pd.DataFrame]) -> Damage:
    """Another table."""
    return lambda path: change(pd.read_parquet(path)).to_parquet(path)


def weights(change: Callable[[np.ndarray], np.ndarray]) -> Damage:
    """Other weights of an adapter."""

    def damage(path: Path) -> None:
        save_file({name: change(value) for name, value in load_file(path).items()}, path, metadata={"format": "pt"})

    return damage


def file_there(path: Path) -> None:
    """A file in place of a folder."""
    shutil.rmtree(path)
    path.write_text("")


def folder_there(path: Path) -> None:
    """A folder in place of a file."""
    path.unlink()
    path.mkdir()


def removed(path: Path) -> None:
    """Nothing any more."""
    shutil.rmtree(path) if path.is_dir() else path.unlink()


FOREIGN = table(lambda frame: pd.DataFrame({"a": [1, 2]}))
FEWER = table(lambda frame: frame.head(2))
