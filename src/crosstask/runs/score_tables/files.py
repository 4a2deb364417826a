"""A file of any kind that is read -> raw rows."""

from pathlib import Path

from crosstask.errors import UserError
from crosstask.runs.score_tables.raw_rows import RawRows
from crosstask.runs.score_tables.text_files import read_text
from crosstask.runs.score_tables.typed_files import read_excel, read_parquet

_REFUSED = {  # first bytes -> what the file is
    b"\xd0\xcf\x11\xe0": "an Excel file of before 2007; save it as .xlsx",
    b"\x1f\x8b": "compressed (gzip); unpack it",
    b"BZh": "compressed (bzip2); unpack it",
    b"\xfd7zXZ": "compressed (xz); unpack it",
    b"ARROW1": "a Feather file; save it as Parquet or CSV",
    b"%PDF": "a PDF; copy its table into a CSV file",
    b"\x89HDF": "an HDF5 file; save it as Parquet or CSV",
}


def read_file(path: Path, sheet: str | None = None) -> RawRows:
    """Return the rows of a file, whose kind its first bytes say, whatever its name.

    Parameters
    ----------
    path : Path
        Separated text, Parquet or Excel.
    sheet : str or None
        Sheet of an Excel file.

    Raises
    ------
    UserError
        If there is no such file, it is of another kind, or it has no header with rows below.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise UserError(f"{path}: no such file; a table has the columns source,target,score") from None
    except OSError as error:
        raise UserError(f"{path}: not a readable file ({error.strerror or error})") from error
    if data.startswith(b"PAR1"):
        return read_parquet(path)
    if data.startswith(b"PK\x03\x04"):  # a zip archive, as .xlsx files are
        return read_excel(data, path, sheet)
    for begin, what in _REFUSED.items():
        if data.startswith(begin):
            raise UserError(f"{path}: is {what}")
    if sheet is not None:
        raise UserError(f"runs.sheet={sheet}: {path} is no Excel file, and has no sheets")
    return read_text(data, path)
