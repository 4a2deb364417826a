"""What cannot be in a table of scores: lines that repeat each other, runs that are mixed, errors that no test gives."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path

import pandas as pd

from crosstask.analysis.matrix.columns import INTERVALS, SCORES
from crosstask.analysis.matrix.score_unit import ScoreUnit
from crosstask.analysis.schema import BASE, column_names
from crosstask.config.job import TrainConfig
from crosstask.errors import UserError
from crosstask.runs.cell_table import NAMES

_MEASURED = {*column_names(SCORES), *column_names(INTERVALS)}
_SAME = {"model": "base", "base": "model", "data": "data_id", "data_id": "data"}
"""Names and hashes: what the one tells apart the other need not."""
_GROUPS = {field.name for field in fields(TrainConfig)}
_ROUNDING = 1.001

Line = Mapping[str, str]
"""What a line of a file says in each column, stripped."""


def repeated(first: Line, second: Line, rows: Sequence[str]) -> str:
    """Return in which columns two lines of one source, target and seed differ, and what keeps them apart.

    Parameters
    ----------
    first, second
        The lines.
    rows
        What a row of the analysis is told apart by.

    Returns
    -------
    str
        To be put behind the error; empty where the lines differ in nothing but scores.
    """
    differ = [name for name in second if name not in _MEASURED and first.get(name) != second[name]]
    if not differ:
        return ""
    apart = _told_apart(differ) or differ
    return f"; the two differ in {', '.join(differ)}: analysis.rows={_bracketed([*rows, *apart])} keeps them apart"


def require_one_of_each(lines: Sequence[Line], rows: Sequence[str], path: Path) -> None:
    """Raise if a table mixes runs that the analysis would tell apart, but is not asked to.

    Parameters
    ----------
    lines
        Every line below the header.
    rows
        What a row of the analysis is told apart by.
    path
        Of the table, for the message.

    Raises
    ------
    UserError
        Naming the columns, their values and the ``analysis.rows`` that keeps these apart.
    """
    values = {name: _values(lines, name) for name in lines[0] if is_setting(name) and not _is_named(name, rows)}
    mixed = {name: found for name, found in values.items() if len(found) > 1}
    if mixed:
        name, found = next(iter(mixed.items()))
        raise UserError(
            f"{path}: column {name!r} has {len(found)} values: {', '.join(found[:5])}{', ...' * (len(found) > 5)}; they"
            f" would be averaged like seeds: analysis.rows={_bracketed([*rows, *_told_apart(list(mixed))])} keeps them"
            " apart, or leave all but one out"
        )


def require_possible_errors(table: pd.DataFrame, units: Mapping[str, ScoreUnit], where: Sequence[str]) -> None:
    """Raise if a standard error is one that no scores of this unit have.

    Whatever varies between 0 and c has a standard deviation of at most c / 2.

    Parameters
    ----------
    table : DataFrame
        Columns ``SCORES``.
    units
        Of each target.
    where
        Place of each row, for the message.

    Raises
    ------
    UserError
        If an error is larger, naming the line; or if all are 0, though not all scores are 0 or perfect.
    """
    best = table["target"].map({target: unit.ceiling for target, unit in units.items()}).astype(float)
    known = table.assign(where=list(where), best=best).dropna(subset="stderr")
    large = known[known["stderr"] > known["best"] / 2 * _ROUNDING]
    if len(large):
        place, score, stderr, ceiling = large.iloc[0][["where", "score", "stderr", "best"]]
        raise UserError(
            f"{place}: stderr {stderr:g} of a score of {score:g}; scores between 0 and {ceiling:g} have standard errors"
            f" of at most {ceiling / 2:g}: both must be fractions, or both percentages"
        )
    graded = known[(known["score"] != 0) & (known["score"] != known["best"])]
    if len(graded) and (known["stderr"] == 0).all():
        place, score = graded.iloc[0][["where", "score"]]
        raise UserError(
            f"{place}: stderr 0 of a score of {score:g}, and 0 on every other line; leave it empty where it is not"
            " known"
        )


def require_told_seeds(table: pd.DataFrame, rows: Sequence[str], where: Sequence[str]) -> None:
    """Raise unless the seeds of each row are numbers from 0 on, or all left empty.

    Parameters
    ----------
    table : DataFrame
        Columns ``SCORES`` and those of the rows.
    rows
        What a row of the analysis is told apart by.
    where
        Place of each row of the table, for the message.

    Raises
    ------
    UserError
        If a seed is below 0, or a source has lines with a seed and lines without one, naming the line.
    """
    known = table.assign(where=list(where))
    below = known[known["seed"].lt(0).fillna(False)]
    if len(below):
        place, seed = below.iloc[0][["where", "seed"]]
        raise UserError(f"{place}: seed {seed} is below 0; number seeds from 0, or leave all of them empty")
    for _, of_row in known.groupby([name for name in rows if name != "seed"] or ["source"], sort=False, dropna=False):
        empty = of_row["seed"].isna()
        if empty.any() and not empty.all():
            source, seed = of_row[~empty].iloc[0][["source", "seed"]]
            raise UserError(
                f"{of_row[empty].iloc[0]['where']}: seed of {source} is empty, and {seed} elsewhere; give every line of"
                " a source a seed, or none"
            )


def is_setting(name: str) -> bool:
    """Tell whether runs are told apart by what a column of this name says."""
    of_runs = name in NAMES and name not in ("source", "seed")
    return of_runs or ("." in name and name.partition(".")[0] in _GROUPS)


def _is_named(name: str, rows: Sequence[str]) -> bool:
    """Tell whether rows distinguish what a column says; all training settings at once are ``settings``."""
    return name in rows or _SAME.get(name) in rows or ("settings" in rows and name not in _SAME)


def _values(lines: Sequence[Line], name: str) -> list[str]:
    """Return what a column says of the runs, in order; a base model was trained with no settings."""
    of_base = name in _SAME
    return list(dict.fromkeys(line[name] for line in lines if line[name] and (of_base or line["source"] != BASE)))


def _told_apart(names: Sequence[str]) -> list[str]:
    """Return those of some columns that the analysis knows; of a name and its hash the first."""
    known = [name for name in names if is_setting(name)]
    return [name for place, name in enumerate(known) if _SAME.get(name) not in known[:place]]


def _bracketed(rows: Sequence[str]) -> str:
    """Return rows as they are given on the command line."""
    return f"[{','.join(rows)}]"
