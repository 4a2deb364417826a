"""The files with the test rows of a column as they are asked, each of which says which rows it is of."""

from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from crosstask.errors import UserError
from crosstask.storage.named_tables import is_named, write_named

COLUMNS = ("example", "prompt", "answer")
SYSTEM = "system"
"""A further column, where something stands before the prompts."""
NAME = b"crosstask.examples"
"""Where a file's metadata has the fingerprint of the examples."""


def write_examples(path: Path, name: str, examples: pd.DataFrame) -> None:
    """Write the examples of a column.

    Parameters
    ----------
    path
        File to write.
    name
        Fingerprint of the examples.
    examples : DataFrame
        ``example`` (as in the column's answers), ``prompt``, ``answer`` (the gold answer) and, where there is any,
        ``system``; all text.
    """
    write_named(path, NAME, name, examples)


def read_examples(path: Path) -> pd.DataFrame:
    """Return the examples in a file, with the columns of `write_examples`.

    Raises
    ------
    FileNotFoundError
        If there is none.
    UserError
        If the file is damaged, something else, or has the examples of another column.
    """
    try:
        table = pq.ParquetFile(path, page_checksum_verification=True).read(use_threads=False)
        table = table.select([*COLUMNS, *({SYSTEM} & {*table.column_names})])
    except FileNotFoundError:
        raise
    except (OSError, ValueError, KeyError) as error:
        raise UserError(f"{path}: no whole examples of a target: {error}") from error
    if not is_named(table, NAME, path.stem):
        raise UserError(f"{path}: the examples of another target than its name says: it was renamed or copied")
    return table.to_pandas(ignore_metadata=True)
