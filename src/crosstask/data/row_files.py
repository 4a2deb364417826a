"""Files of rows: JSON Lines, a JSON array, CSV, TSV or Parquet; those of text also compressed by gzip."""

import codecs
import gzip
import zlib
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate, chain
from pathlib import Path

from crosstask.data.delimited_text import read_delimited
from crosstask.data.json_lines import read_json_array, read_json_lines
from crosstask.data.split import Row, Rows
from crosstask.errors import UserError


def read_row_files(paths: Sequence[Path]) -> Rows:
    """Return the rows of all files, one after the other.

    Raises
    ------
    UserError
        Naming the file, where that helps the line, and what is allowed.
    """
    parts = [_read(path) for path in paths]
    ends = list(accumulate(map(len, parts)))

    def place(number: int) -> str:
        part = bisect_right(ends, number)
        return parts[part].place(number - (ends[part - 1] if part else 0))

    return parts[0] if len(parts) == 1 else Rows(list(chain(*parts)), place)


def _read(path: Path) -> Rows:
    """Return the rows of one file."""
    if path.suffix == ".parquet":
        return Rows(_parquet(path), lambda number: f"{path}, row {number}")
    content = _content(path)
    kind = path.suffixes[-2] if path.suffix == ".gz" else path.suffix
    if kind == ".json" and content.lstrip().startswith(b"["):
        return Rows(read_json_array(path, content), lambda number: f"{path}, element {number}")
    if kind in (".csv", ".tsv"):
        rows, lines = read_delimited(path, content, "," if kind == ".csv" else "\t")
    else:
        rows, lines = read_json_lines(path, content)
    return Rows(rows, lambda number: f"{path}:{lines[number]}")


def _content(path: Path) -> bytes:
    """Return the bytes of a file of text, unpacked and without a byte-order mark."""
    try:
        content = path.read_bytes()
        return (gzip.decompress(content) if path.suffix == ".gz" else content).removeprefix(codecs.BOM_UTF8)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise UserError(f"{path}: no whole gzip file: {error}") from error
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from error


def _parquet(path: Path) -> list[Row]:
    """Return the rows of a Parquet file."""
    from pyarrow.parquet import ParquetFile

    try:
        table = ParquetFile(path).read()
    except (OSError, ValueError) as error:  # pyarrow's errors are some of these
        raise UserError(f"{path}: no Parquet file that can be read: {str(error).splitlines()[0]}") from error
    names = table.column_names
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise UserError(f"{path}: the column {twice!r} comes twice")
    found: list[Row] = table.to_pylist()
    return found
