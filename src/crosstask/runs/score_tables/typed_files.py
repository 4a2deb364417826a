"""Excel and Parquet files -> raw rows: numbers become the shortest text that gives them back."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd

from crosstask.errors import UserError, hint
from crosstask.runs.score_tables.raw_rows import RawRows, raw_rows

_DIGITS = 12  # of a share that is shown as a percentage, which times 100 is hardly ever exact


def read_parquet(path: Path) -> RawRows:
    """Return the rows of a Parquet file, numbered from 1; an index with a name is a column.

    Raises
    ------
    UserError
        If it cannot be read, or has no rows.
    """
    try:
        frame = pd.read_parquet(path)
    except (OSError, ValueError, NotImplementedError) as error:  # pyarrow's errors are of these
        raise UserError(f"{path}: not a readable Parquet file ({_first_line(error)})") from error
    if frame.columns.nlevels > 1:
        raise UserError(f"{path}: columns have {frame.columns.nlevels} levels; a table has one header")
    if not isinstance(frame.index, pd.RangeIndex):
        frame = frame.reset_index()
    fields = zip(*(_texts(frame[name]) for name in frame.columns), strict=True)
    lines = list(enumerate(fields, start=1))
    return raw_rows(path, [(0, list(map(str, frame.columns))), *lines], "row")


def read_excel(data: bytes, path: Path, sheet: str | None) -> RawRows:
    """Return the rows of a sheet of an Excel file, by Excel's numbers; formulas count as what they last came to.

    Parameters
    ----------
    data : bytes
        The file.
    path : Path
        Its name, for messages.
    sheet : str or None
        Name of the sheet; None for the only one that is not empty.

    Raises
    ------
    UserError
        If it cannot be read, several sheets are not empty and none is named, or the sheet has no rows.
    """
    import openpyxl

    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheets = {name: _lines(book[name]) for name in book.sheetnames if hasattr(book[name], "iter_rows")}
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise UserError(f"{path}: not a readable Excel file, .xlsx ({_first_line(error)})") from error
    filled = [name for name, lines in sheets.items() if any(any(fields) for _, fields in lines)]
    if sheet is not None and sheet not in sheets:
        raise UserError(f"runs.sheet={sheet}: no such sheet{hint(sheet, sheets)}; there are {', '.join(sheets)}")
    if sheet is None and len(filled) > 1:
        raise UserError(f"{path}: has several sheets, of which runs.sheet=NAME chooses one: {', '.join(filled)}")
    chosen = sheet or (filled or list(sheets))[0]
    return raw_rows(path, sheets[chosen], "row", [f"sheet {chosen!r}"] if len(sheets) > 1 else [])


def _texts(column: pd.Series) -> list[str]:
    """Texts of a column; of single precision as well, of which 0.1 would be another number as one of double."""
    return [_text(value) if known else "" for value, known in zip(column.array, column.notna(), strict=True)]


def _lines(sheet: Any) -> list[tuple[int, list[str]]]:
    """Number and fields of each row of a sheet."""
    rows = enumerate(sheet.iter_rows(), start=1)
    return [(number, [_text(cell.value, "%" in (cell.number_format or "")) for cell in row]) for number, row in rows]


def _text(value: object, as_percentage: bool = False) -> str:
    """Text of a value; of a share that Excel shows as a percentage, that."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{round(100 * value, _DIGITS)!r}%" if as_percentage else str(value)


def _first_line(error: Exception) -> str:
    """What an error of a library says, without what follows."""
    return next(iter(str(error).splitlines()), type(error).__name__)
