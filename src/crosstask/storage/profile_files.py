"""The files with what data sets look like, each of which says which data set, and by which model, it is of."""

from pathlib import Path
from typing import BinaryIO

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from crosstask.errors import UserError
from crosstask.storage.named_tables import is_named, write_named

COLUMNS = ["kind", "feature", "value"]
NAME = b"crosstask.profile"
"""Where a file's metadata has the name that it was written under; what was written before has none."""


def write_profile(path: Path | BinaryIO, name: str, profile: pd.DataFrame) -> None:
    """Write a profile.

    Parameters
    ----------
    path
        File to write, or one that is open.
    name
        What the file will be called.
    profile : DataFrame
        Columns ``kind``, ``feature`` (text) and ``value`` (finite numbers).
    """
    write_named(path, NAME, name, profile)


def read_profile(path: Path) -> pa.Table:
    """Return the profile in a file, with the columns of `write_profile`.

    Raises
    ------
    UserError
        If the file is damaged, something else, or the profile of another data set.
    """
    try:
        table = pq.ParquetFile(path, page_checksum_verification=True).read(use_threads=False).select(COLUMNS)
        values = table["value"].to_numpy()
        if values.dtype.kind not in "if" or not np.isfinite(values).all():
            raise ValueError("a value is no number")
    except (OSError, ValueError, KeyError) as error:
        raise UserError(f"{path}: no whole profile of a data set: {error}") from error
    if not is_named(table, NAME, path.name):
        raise UserError(f"{path}: the profile of another data set than its name says: it was renamed or copied")
    return table
