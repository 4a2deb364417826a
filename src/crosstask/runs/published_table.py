"""Anybody's CSV file of scores -> the score table, to analyze published results like one's own."""

import csv
import math
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from crosstask.analysis.matrix.columns import SCORES
from crosstask.analysis.schema import column_names, require_columns
from crosstask.errors import UserError
from crosstask.runs.table_checks import Line, repeated, require_one_of_each, require_possible_errors, require_told_seeds

_TYPES = {"seed": "Int64", "metric": "str", "score": "float64", "stderr": "float64", "n": "Int64"}
_LARGEST = 2**53  # whole numbers up to here are exact as floats


def read_score_table(path: Path, rows: tuple[str, ...] = ("source",)) -> pd.DataFrame:
    """Scores from a CSV file with one row per source and target, and per seed where there are several.

    Scores are kept as they stand, fractions or percentages. Columns besides those of ``SCORES``, of the rows and of
    what runs are told apart by are ignored.

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
        If the file or a column is missing, a value is not a number or one that cannot be (giving the line), a source,
        target and seed come twice, one target has several metrics, or a column that runs are told apart by, such as
        ``model``, has several values and is not among the rows.
    """
    first: dict[tuple[object, ...], tuple[int, Line]] = {}
    lines: list[Line] = []
    records: list[dict[str, object]] = []
    more = [name for name in rows if name not in column_names(SCORES)]
    for number, line in _lines(path, more):
        record = _record(line, f"{path}, line {number}") | {name: line[name] or None for name in more}
        key = (record["source"], record["target"], record["seed"], *(record[name] for name in more))
        if key in first:
            seed = "no seed" if key[2] is None else f"seed {key[2]}"
            before, again = first[key]
            raise UserError(
                f"{path}, line {number}: {key[0]} -> {key[1]}, {seed} is on line {before} already"
                + repeated(again, line, rows)
            )
        first[key] = (number, line)
        lines.append(line)
        records.append(record)
    if not records:
        raise UserError(f"{path}: no rows below the header")
    require_one_of_each(lines, rows, path)
    table = pd.DataFrame(records, columns=[*column_names(SCORES), *more]).astype(_TYPES)
    _require_one_metric(table, path)
    numbers = [number for number, _ in first.values()]
    require_told_seeds(table, numbers, rows, path)
    require_possible_errors(table, numbers, path)
    return table


def _lines(path: Path, more: list[str]) -> Iterator[tuple[int, Line]]:
    """Number and stripped text of each line below the header, by column; empty where a line ends early."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            header = list(reader.fieldnames or [])
            require_columns(pd.DataFrame(columns=header), ["source", "target", "score", *more], str(path))
            for row in reader:
                yield reader.line_num, {name: (row[name] or "").strip() for name in header}
    except FileNotFoundError:
        raise UserError(f"{path}: no such file; a table has the columns source,target,score") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: not a readable UTF-8 text file ({error})") from error


def _record(line: Line, where: str) -> dict[str, object]:
    """Typed values of one line, the optional ones None where empty."""
    text = {name: line.get(name, "") for name in column_names(SCORES)}
    for name in ("source", "target", "score"):
        if not text[name]:
            raise UserError(f"{where}: {name} is empty; leave the whole row out where a score is missing")
    stderr, n = _number(text["stderr"], "stderr", where), _whole_number(text["n"], "n", where)
    if stderr is not None and stderr < 0:
        raise UserError(f"{where}: stderr {text['stderr']!r} is below 0")
    if n is not None and n < 1:
        raise UserError(f"{where}: n {text['n']!r} is below 1; leave it empty where it is not known")
    return {
        "source": text["source"],
        "target": text["target"],
        "seed": _whole_number(text["seed"], "seed", where),
        "metric": text["metric"] or None,
        "score": _number(text["score"], "score", where),
        "stderr": stderr,
        "n": n,
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
    if number is not None and (number != int(number) or abs(number) > _LARGEST):
        raise UserError(f"{where}: {name} {text!r} is not a whole number" + " of this size" * (number == int(number)))
    return None if number is None else int(number)


def _require_one_metric(table: pd.DataFrame, path: Path) -> None:
    """Raise if the scores of a target are of several metrics."""
    for target, metrics in table.groupby("target")["metric"]:
        names = sorted(metrics.dropna().unique())
        if len(names) > 1:
            raise UserError(f"{path}: target {target!r} has scores of several metrics: {', '.join(names)}")
