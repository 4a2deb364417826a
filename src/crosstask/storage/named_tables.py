"""Tables that say in their file what they are of, so that one that was renamed or copied is found out."""

from pathlib import Path
from typing import BinaryIO

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq


def write_named(path: Path | BinaryIO, kind: bytes, name: str, frame: pd.DataFrame) -> None:
    """Write a table.

    Parameters
    ----------
    path
        File to write, or one that is open.
    kind
        Where the file's metadata has the name.
    name
        What the table is of.
    frame
        The table.
    """
    table = pa.Table.from_pandas(frame, preserve_index=False)
    metadata = {**(table.schema.metadata or {}), kind: name.encode()}
    pq.write_table(table.replace_schema_metadata(metadata), path, write_page_checksum=True)


def is_named(table: pa.Table, kind: bytes, name: str) -> bool:
    """Return whether a table is of this, or was written before tables said so."""
    return (table.schema.metadata or {}).get(kind, name.encode()) == name.encode()
