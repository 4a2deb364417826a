"""Atomic writes of tables and figures, with byte-identical files for the same content."""

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, Any

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from crosstask.atomic import write_atomic
from crosstask.errors import UserError
from crosstask.report.files.latex import LARGEST, latex, numbered
from crosstask.report.options import DEFAULT_FORMATS, require_formats

_LARGE = 15  # inches of a figure that needs fewer dots per inch to be read
_DECIMALS = 10  # beyond it lies only the rounding of sums
_NUMBER = f"%.{_DECIMALS}g"
_LEVELS = {"p", "q"}  # part of the names of columns of p values and false discovery rates
_SMALL = 1e-4  # p values below have significant digits instead of decimals: none is 0 that is not
_SMALL_NUMBER = "%.6g"
_BEGINS_A_FORMULA = re.compile("'*[=+@\t\r\uff0b\uff0d\uff1d\uff20-]")


def write_table(frame: pd.DataFrame, path: Path) -> Path:
    """Write a table as CSV.

    Parameters
    ----------
    frame : DataFrame
        A named index becomes the first column; an unnamed one is not written.
    path : Path
        File to write; its folder is made if need be.

    Returns
    -------
    Path
        The file written: UTF-8, ten decimals, or six digits of p and q below 0.0001, an empty cell for NaN and <NA>.
        Text that a spreadsheet would take for a formula has an apostrophe before it.

    Raises
    ------
    UserError
        If the file cannot be written.
    """
    table, names = numbered(frame)
    columns = [_written(table[place], name) for place, name in enumerate(names)]
    table = pd.concat(columns, axis=1) if columns else table
    header = list(map(_no_formula, names))
    text = table.to_csv(index=False, header=header, float_format=_NUMBER, lineterminator="\n")
    return _write(path, lambda file: file.write(text.encode()))


def write_parquet(frame: pd.DataFrame, path: Path) -> Path:
    """Write a table as Parquet, for programs: numbers as they are, null for NaN and <NA>, a checksum for each page.

    Raises
    ------
    UserError
        If the file cannot be written.
    """
    return _write(path, lambda file: frame.to_parquet(file, index=False, write_page_checksum=True))


def write_text(text: str, path: Path) -> Path:
    """Write a text as UTF-8, whatever halves of characters it has; UserError if the file cannot be written."""
    return _write(path, lambda file: file.write(text.encode(errors="backslashreplace")))


def write_page(content: bytes, path: Path) -> Path:
    """Write a page; UserError if the file cannot be written."""
    return _write(path, lambda file: file.write(content))


def remove(path: Path) -> None:
    """Remove a file that an earlier analysis may have left; UserError if it cannot be removed."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise UserError(f"{path}: cannot be removed ({error.strerror or error})") from error


def without_apostrophe(text: str) -> str:
    """A text of a table that was written, as it was before.

    Examples
    --------
    >>> [without_apostrophe(text) for text in ("'=1", "''=1", "'tis", "imdb")]
    ['=1', "'=1", "'tis", 'imdb']
    """
    return text[1:] if text.startswith("'") and _BEGINS_A_FORMULA.match(text) else text


def _no_formula(value: Any) -> Any:
    """Text that begins as formulas do, and is no number, with the apostrophe that makes a spreadsheet show it.

    One that has the apostrophe already gets another, so that no two texts are written alike.
    """
    return f"'{value}" if isinstance(value, str) and _BEGINS_A_FORMULA.match(value) else value


def _written(column: pd.Series, name: str) -> pd.Series:
    """A column as it is written."""
    if pd.api.types.is_float_dtype(column):
        return _as_text(column, name)
    if pd.api.types.is_numeric_dtype(column):
        return column
    return column.astype(object).map(_no_formula)


def _as_text(numbers: pd.Series, name: str) -> pd.Series:
    """Numbers as they are written; pandas would take ten times as long to format them."""
    rounded = (numbers.round(_DECIMALS) + 0.0).to_numpy(float, na_value=np.nan).tolist()  # + 0.0: no "-0"
    texts = ["" if number != number else _NUMBER % number for number in rounded]
    if _LEVELS & set(name.split("_")):
        exact = numbers.to_numpy(float, na_value=np.nan).tolist()
        texts = [_SMALL_NUMBER % p if 0 < p < _SMALL else text for p, text in zip(exact, texts, strict=True)]
    return pd.Series(texts, numbers.index, dtype=object)


def write_latex(frame: pd.DataFrame, path: Path, below: pd.DataFrame | None = None) -> Path | None:
    """Write a table as LaTeX, as `latex` has it; nothing (None) for one of more than `LARGEST` cells.

    Raises
    ------
    UserError
        If the file cannot be written.
    """
    if frame.size > LARGEST:
        return None
    text = latex(frame, below) + "\n"
    return _write(path, lambda file: file.write(text.encode()))


def write_figure(figure: Figure, stem: Path, formats: Iterable[str] = DEFAULT_FORMATS) -> list[Path]:
    """Write a figure in each of the formats.

    Parameters
    ----------
    figure : Figure
        The figure.
    stem : Path
        File to write, without suffix; its folder is made if need be.
    formats : iterable of str
        Some of ``report.options.FORMATS``.

    Returns
    -------
    list of Path
        The files written, without date or random identifiers.

    Raises
    ------
    UserError
        If a format is unknown or a file cannot be written.
    """
    formats = list(formats)
    require_formats(formats)
    with matplotlib.rc_context({"svg.hashsalt": "crosstask", "pdf.fonttype": 42}):  # journals refuse type 3
        if (layout := figure.get_layout_engine()) is not None:
            layout.execute(figure)
            figure.set_layout_engine("none")  # places are settled, and the same in every format
        return [_save_figure(figure, stem.with_name(f"{stem.name}.{suffix}"), suffix) for suffix in formats]


def _save_figure(figure: Figure, path: Path, suffix: str) -> Path:
    """Write the figure in one format; its layout is settled, and `Figure.savefig` would work it out again."""
    figure.set_dpi(150 if max(figure.get_size_inches()) <= _LARGE else 100)
    if suffix == "png":
        return _write(path, FigureCanvasAgg(figure).print_png)
    if suffix == "pdf":
        undated = {"CreationDate": None}
        return _write(path, lambda file: FigureCanvasPdf(figure).print_pdf(file, metadata=undated))
    return _write(path, lambda file: FigureCanvasSVG(figure).print_svg(file, metadata={"Date": None}))


def _write(path: Path, save: Callable[[IO[bytes]], object]) -> Path:
    """Write a file atomically; an error costs one line."""
    try:
        return write_atomic(path, save)
    except OSError as error:
        raise UserError(f"{path}: cannot be written ({error.strerror or error})") from error
