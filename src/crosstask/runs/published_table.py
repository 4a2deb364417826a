"""Anybody's CSV file of scores -> the score table, to analyze published results like one's own."""

import csv
import math
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from crosstask.analysis.matrix.columns import SCORES
from crosstask.analysis.schema import column_names, require_columns
from crosstask.errors import UserError

_TYPES = {"seed": "Int64", "metric": "str", "score": "float64", "stderr": "float64", "n": "Int64"}


def read_score_table(path: Path, rows: tuple[str, ...] = ("source",)) -> pd.DataFrame:
    """Scores from a CSV file with one row per source and target, and per seed where there are several.

    Scores are kept as they stand, fractions or percentages. Columns besides those of ``SCORES`` and of the rows are
    ignored.

    Parameters
    ----------
    path : Path
        Comma-separated text in UTF-8 with a header: ``source``, ``target``, ``score`` and, if known,
        ``seed``, ``metric``, ``stderr``, ``n``. The source ``base`` is the model without fine-tuning.
    rows : tuple of str
        Columns that make a row of the decomposition, as for `transfer_matrix`; text, such as the name of a model.

    Returns
    -------
    DataFrame
        Columns ``SCORES`` and those of the rows; <NA>, None or NaN where an optional column is absent or a
        cell of it empty.

    Raises
    ------
    UserError
        If the file or a column is missing, a value is not a number (giving the line), a source, target
        and seed come twice, or one target has several metrics.
    """
    records: dict[tuple[object, ...], tuple[int, dict[str, object]]] = {}
    more = [name for name in rows if name not in column_names(SCORES)]
    for line, record in _records(path, more):
        key = (record["source"], record["target"], record["seed"], *(record[name] for name in more))
        if key in records:
            seed = "no seed" if key[2] is None else f"seed {key[2]}"
            raise UserError(f"{path}, line {line}: {key[0]} -> {key[1]}, {seed} is on line {records[key][0]} already")
        records[key] = (line, record)
    if not records:
        raise UserError(f"{path}: no rows below the header")
    table = pd.DataFrame([record for _, record in records.values()], columns=[*column_names(SCORES), *more]).astype(
        _TYPES
    )
    _require_one_metric(table, path)
    return table


def _records(path: Path, more: list[str]) -> Iterator[tuple[int, dict[str, object]]]:
    """Line number and typed values of each row."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            require_columns(
                pd.DataFrame(columns=reader.fieldnames or []), ["source", "target", "score", *more], str(path)
            )
            for row in reader:
                further = {name: (row[name] or "").strip() or None for name in more}
                yield reader.line_num, _record(row, f"{path}, line {reader.line_num}") | further
    except FileNotFoundError:
        raise UserError(f"{path}: no such file; a table has the columns source,target,score") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: not a readable UTF-8 text file ({error})") from error


def _record(row: dict[str, str | None], where: str) -> dict[str, object]:
    """Typed values of one row, the optional ones None where empty."""
    text = {name: (row.get(name) or "").strip() for name in column_names(SCORES)}
    for name in ("source", "target", "score"):
        if not text[name]:
            raise UserError(f"{where}: {name} is empty; leave the whole row out where a score is missing")
    return {
        "source": text["source"],
        "target": text["target"],
        "seed": _whole_number(text["seed"], "seed", where),
        "metric": text["metric"] or None,
        "score": _number(text["score"], "score", where),
        "stderr": _number(text["stderr"], "stderr", where),
        "n": _whole_number(text["n"], "n", where),
    }


def _number(text: str, name: str, where: str) -> float | None:
    """The number written, or None for nothing."""
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise UserError(f"{where}: {name} {text!r} is not a number")
    return number


def _whole_number(text: str, name: str, where: str) -> int | None:
    """The whole number written, 3 or 3.0, or None for nothing."""
    number = _number(text, name, where)
    if number is not None and number != int(number):
        raise UserError(f"{where}: {name} {text!r} is not a whole number")
    return None if number is None else int(number)


def _require_one_metric(table: pd.DataFrame, path: Path) -> None:
    """Raise if the scores of a target are of several metrics."""
    for target, metrics in table.groupby("target")["metric"]:
        names = sorted(metrics.dropna().unique())
        if len(names) > 1:
            raise UserError(f"{path}: target {target!r} has scores of several metrics: {', '.join(names)}")
