"""The files with features of single examples, each of which says which data set it is of, and what measured it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from crosstask.errors import UserError

DESCRIPTION = b"crosstask.features"
"""Where a file's metadata has what it is of, as JSON."""
EXAMPLE, DOCUMENT, ROW = "example", "document", "row"
"""Columns that are no features: identifier of the example; number of the first example of the data set with the same
longest line in its prompt, which is its document; first 64 bits of a hash of the text that was measured."""
LEADING = (EXAMPLE, DOCUMENT, ROW)


@dataclass(frozen=True)
class Measured:
    """What measured the features of a file."""

    kind: str
    """``text`` or ``parse``."""
    by: str
    """Name and version of what measured, for people."""
    of: Mapping[str, str] = field(default_factory=dict)
    """By feature that is a count: the feature with the number that it is a part of."""
    f1: Mapping[str, float] = field(default_factory=dict)
    """By feature: F1 of the parser on its authors' test data, 0 to 1, where it is known."""


@dataclass(frozen=True)
class FeatureTable:
    """Features of the examples of a data set."""

    measured: Measured
    frame: pd.DataFrame
    """A row per example: `LEADING` and the features, float32; NaN where a feature is not defined. ``row`` may be
    missing."""


def write_features(path: Path, name: str, table: FeatureTable) -> None:
    """Write features of examples.

    Parameters
    ----------
    path
        File to write.
    name
        What the file will be called.
    table
        What it holds.
    """
    made = pa.Table.from_pandas(table.frame, preserve_index=False)
    description = json.dumps({"name": name, **asdict(table.measured)}, sort_keys=True)
    made = made.replace_schema_metadata({DESCRIPTION: description.encode()})
    pq.write_table(made, path, compression="zstd", write_page_checksum=True)


def read_features(path: Path) -> FeatureTable:
    """Return the features in a file.

    Raises
    ------
    UserError
        If the file is damaged, something else, or of another data set than its name says.
    """
    try:
        with pa.OSFile(str(path)) as file:
            opened = pq.ParquetFile(file, pre_buffer=False, page_checksum_verification=True)
            description = json.loads((opened.schema_arrow.metadata or {}).get(DESCRIPTION, "{}"))
            frame = opened.read(use_threads=False).to_pandas(ignore_metadata=True)
        name, measured = description.pop("name"), Measured(**description)
        features = frame[feature_names(frame)]
        if not {EXAMPLE, DOCUMENT} <= {*frame} or np.isinf(features.to_numpy(np.float64)).any():
            raise ValueError("a column is missing, or a value is no number")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"{path}: no whole features of a data set: {error}") from error
    if name != path.name:
        raise UserError(f"{path}: the features of another data set than its name says: it was renamed or copied")
    return FeatureTable(measured, frame)


def feature_names(frame: pd.DataFrame) -> list[str]:
    """Return the columns that are features."""
    return [name for name in frame if name not in LEADING]
