"""The test rows of columns as they are asked, kept in the store once for all cells of a column."""

import logging
from collections.abc import Iterable, Sequence

import pandas as pd

from crosstask.data.examples import Example, content_hash
from crosstask.errors import UserError
from crosstask.storage.example_files import SYSTEM, read_examples, write_examples
from crosstask.storage.store import Store

log = logging.getLogger(__name__)


def keep_examples(store: Store, columns: Iterable[Sequence[Example]]) -> None:
    """Write the examples of columns to the store, unless they are there; damaged ones are named and made again.

    One process at a time writes those of a column.
    """
    for examples in columns:
        name = content_hash(examples)
        if _fault(store, name) is None:
            continue
        with store.lock("examples", name):
            fault = _fault(store, name)
            if fault is None:  # another process has made them meanwhile
                continue
            if store.examples(name).exists():
                log.warning("%s; made again", fault)
            with store.new_file(store.examples(name)) as path:
                write_examples(path, name, example_table(examples))


def example_table(examples: Sequence[Example]) -> pd.DataFrame:
    """Return examples as they are kept, see `crosstask.storage.example_files.write_examples`.

    The prompt is as the task's template makes it, shots before it included; how a model frames it is not part of it.
    """
    rows = {
        "example": [example.id for example in examples],
        "prompt": [example.prompt for example in examples],
        "answer": [example.answer for example in examples],
    }
    systems = [example.system for example in examples]
    return pd.DataFrame({**rows, **({SYSTEM: systems} if any(systems) else {})}, dtype=object)


def _fault(store: Store, name: str) -> str | None:
    """Return why the store has no whole examples under a name; None if it has."""
    try:
        read_examples(store.examples(name))
    except (FileNotFoundError, UserError) as error:
        return str(error)
    return None
