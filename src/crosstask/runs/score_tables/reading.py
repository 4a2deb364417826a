"""Anybody's table of scores -> the score table, to analyze published results like one's own."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from crosstask.analysis.matrix.columns import SCORES
from crosstask.analysis.matrix.score_unit import OTHER, PERCENT, ScoreUnit, target_units
from crosstask.analysis.schema import column_names
from crosstask.config.analysis import Runs
from crosstask.errors import UserError
from crosstask.runs.score_tables.checks import (
    is_setting,
    repeated,
    require_one_of_each,
    require_possible_errors,
    require_told_seeds,
)
from crosstask.runs.score_tables.columns import columns
from crosstask.runs.score_tables.files import read_file
from crosstask.runs.score_tables.lines import lines
from crosstask.runs.score_tables.raw_rows import RawRows
from crosstask.runs.score_tables.records import Record, records
from crosstask.runs.stated_units import named_targets, stated_units

_TYPES = {"seed": "Int64", "metric": "str", "score": "float64", "stderr": "float64", "n": "Int64"}
_NAMED_PERCENT = re.compile(r"%\s*[)\]]?\s*$")


@dataclass(frozen=True)
class ScoreTable:
    """A table of scores, and what it says of its targets."""

    scores: pd.DataFrame
    """Columns ``SCORES`` and those of the rows; <NA>, None or NaN where nothing is known."""
    units: Mapping[str, ScoreUnit]
    """Unit of those targets of which it is stated, by an option, by percent signs or by a name that ends in one."""
    lower: tuple[str, ...]
    """Targets of which less is better."""
    notes: tuple[str, ...]
    """What the reader must know of how the file was read, one line each."""


def read_score_table(options: Runs, rows: tuple[str, ...] = ("source",)) -> ScoreTable:
    """Scores from a file: long, with one row per source and target (and seed), or wide, with a column per target.

    Scores are kept as they stand, fractions or percentages; rows without one are left out. Columns besides those of
    ``SCORES``, of the rows and of what runs are told apart by are ignored.

    Parameters
    ----------
    options : Runs
        ``path``: separated text, Parquet or Excel; the others of ``kind=table`` say what its columns and numbers are.
    rows : tuple of str
        Columns that make a row of the decomposition, as for `transfer_matrix`; text, such as the name of a model.

    Raises
    ------
    UserError
        If the file or a column is missing, a value is not a number or one that cannot be (giving the line), a source,
        target and seed come twice, a column that runs are told apart by, such as ``model``, has several values and is
        not among the rows, or there is a choice, such as of a metric, and none is made.
    """
    more = [name for name in rows if name not in column_names(SCORES)]
    raw = read_file(Path(options.path or ""), options.sheet)
    found = columns(raw, options, more, is_setting)
    every, of_metrics = lines(raw, found, options)
    scored, notes = records(raw, every, options.decimal)
    _require_distinct(raw, scored, rows)
    require_one_of_each([record.line.all for record in scored], rows, raw.path)
    values = [{**record.values, **{name: record.line.others[name] or None for name in more}} for record in scored]
    table = pd.DataFrame(values, columns=[*column_names(SCORES), *more]).astype(_TYPES)
    lower = tuple(
        dict.fromkeys(target for name in options.lower for target in named_targets("runs.lower", name, table))
    )
    units = _percentages_by_name(table) | _percentages(raw, scored) | stated_units(options.units or {}, table)
    known = target_units(table, dict.fromkeys(lower, OTHER) | units)
    where = [raw.where(record.line.number) for record in scored]
    require_told_seeds(table, rows, where)
    require_possible_errors(table, known, where)
    return ScoreTable(table, units, lower, (*raw.notes, *found.notes, *of_metrics, *notes))


def _require_distinct(raw: RawRows, scored: Iterable[Record], rows: Sequence[str]) -> None:
    """Raise if a source, target and seed come twice."""
    first: dict[tuple[object, ...], Record] = {}
    apart = [name for name in rows if name not in column_names(SCORES)]
    for record in scored:
        key = (*(record.values[name] for name in ("source", "target", "seed")), *(record.line.others[k] for k in apart))
        if key in first:
            before = first[key].line
            seed = "no seed" if key[2] is None else f"seed {key[2]}"
            raise UserError(
                f"{raw.where(record.line.number)}: {key[0]} -> {key[1]}, {seed} is on {raw.unit} {before.number}"
                f" already{repeated(before.all, record.line.all, rows)}"
            )
        first[key] = record


def _percentages(raw: RawRows, scored: Sequence[Record]) -> dict[str, ScoreUnit]:
    """Targets whose scores have percent signs: all of one target have, or none."""
    signs: dict[str, bool] = {}
    for record in scored:
        target = str(record.values["target"])
        if signs.setdefault(target, record.percent) != record.percent:
            score = record.line.fields["score"]
            raise UserError(
                f"{raw.where(record.line.number)}: score {score!r} has {'a' if record.percent else 'no'} percent sign,"
                f" unlike others of target {target!r}"
            )
    return {target: PERCENT for target, sign in signs.items() if sign}


def _percentages_by_name(table: pd.DataFrame) -> dict[str, ScoreUnit]:
    """Targets whose name ends in a percent sign, as in ``GSM8K (%)``, unless their scores can be no percentages."""
    largest = table["score"].abs().groupby(table["target"]).max()
    named = [str(target) for target in largest.index[largest <= PERCENT.ceiling]]
    return {target: PERCENT for target in named if _NAMED_PERCENT.search(target)}
