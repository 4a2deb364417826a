"""Two analyses beside each other: what changed from one to the other, and which cells only one of them has."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from crosstask.analysis.wording import counted, listed
from crosstask.errors import UserError
from crosstask.report.page.numbers import is_missing, number, with_interval
from crosstask.report.page.tables import Row, Tables

FILE = "gains_long.csv"
COLUMNS = ("source", "target", "gain", "ci_low", "ci_high", "significant")
SHOWN = 40
"""Cells that are shown, those that changed most."""


@dataclass(frozen=True)
class Other:
    """The gains of another analysis."""

    name: str
    """Its folder."""
    gains: pd.DataFrame
    """Columns ``COLUMNS``."""


@dataclass(frozen=True)
class Comparison:
    """Both beside each other."""

    name: str
    lines: list[str]
    """What changed, and which cells only one of them has."""
    rows: list[tuple[str, ...]]
    """Source, target, gain of the other, gain here, difference, and what became of its significance."""


def read_other(folder: Path) -> Other:
    """Return the gains in the results folder of another analysis.

    Raises
    ------
    UserError
        If there are none, or the file is none of an analysis.
    """
    path = folder / FILE
    try:
        gains = pd.read_csv(path, dtype={"source": str, "target": str}, keep_default_na=False, na_values=[""])
    except FileNotFoundError:
        raise UserError(f"report.compare={folder}: no {FILE} there; give the results folder of an analysis") from None
    except (OSError, ValueError) as error:
        raise UserError(f"report.compare={folder}: {FILE} cannot be read ({error})") from error
    if absent := [name for name in COLUMNS if name not in gains]:
        raise UserError(f"report.compare={folder}: {FILE} has no column {', '.join(absent)}")
    return Other(str(folder), gains[[*COLUMNS]])


def comparison(other: Other, tables: Tables, factor: float) -> Comparison:
    """Hold the gains of an analysis against those of another.

    Parameters
    ----------
    other : Other
        The other.
    tables : Tables
        Of the analysis.
    factor : float
        From its gains to those shown.
    """
    own = tables["gains_long"]
    own = own[[*COLUMNS]] if len(own) else pd.DataFrame(columns=[*COLUMNS])
    both = other.gains.merge(own, how="outer", on=["source", "target"], suffixes=("_other", ""), indicator="where")
    shared = both[both["where"] == "both"].assign(difference=lambda frame: frame["gain"] - frame["gain_other"])
    shared = shared.sort_values("difference", key=abs, ascending=False, kind="stable")
    rows = [_row(row, factor) for row in shared.head(SHOWN).to_dict("records")]
    return Comparison(other.name, [*_lines(shared.to_dict("records")), *_only(both)], rows)


def _lines(shared: list[Row]) -> Iterator[str]:
    """How many cells both have, and what became of them."""
    if not shared:
        yield "No cell is in both analyses."
        return
    told = [(_told(row["significant_other"]), _told(row["significant"])) for row in shared]
    apart = sum(_apart(row) for row in shared)
    yield (
        f"{counted(len(shared), 'cell')} in both: {told.count((True, True))} distinguishable from 0 in both,"
        f" {told.count((False, True))} only here, {told.count((True, False))} only there"
    )
    turned = sum(a and b and row["gain"] * row["gain_other"] < 0 for row, (a, b) in zip(shared, told, strict=True))
    yield f"In {counted(apart, 'cell')} the intervals of both do not meet; {turned} of those told in both changed sign"


def _only(both: pd.DataFrame) -> Iterator[str]:
    """Cells that one of them lacks."""
    for where, which in (("right_only", "here"), ("left_only", "there")):
        rows = both[both["where"] == where]
        if len(rows):
            cells = [f"{row['source']} on {row['target']}" for row in rows.to_dict("records")]
            yield f"{counted(len(cells), 'cell')} only {which}: {listed(cells)}"


def _row(row: Row, factor: float) -> tuple[str, ...]:
    """A cell of both."""
    before = with_interval(row["gain_other"], row["ci_low_other"], row["ci_high_other"], factor, sign=True)
    now = with_interval(row["gain"], row["ci_low"], row["ci_high"], factor, sign=True)
    names = {
        (True, True): "distinguishable in both",
        (True, False): "no longer distinguishable",
        (False, True): "now distinguishable",
        (False, False): "",
    }
    verdict = names[_told(row["significant_other"]), _told(row["significant"])]
    apart = "intervals do not meet" if _apart(row) else ""
    change = number(row["difference"], factor, sign=True)
    return row["source"], row["target"], before, now, change, "; ".join(part for part in (verdict, apart) if part)


def _apart(row: Row) -> bool:
    """Whether both intervals are known and do not meet."""
    limits = [row[name] for name in ("ci_low", "ci_high", "ci_low_other", "ci_high_other")]
    return not any(map(is_missing, limits)) and bool(limits[0] > limits[3] or limits[1] < limits[2])


def _told(significant: Any) -> bool:
    """Whether a gain is significant, also as a file has it."""
    return not is_missing(significant) and str(significant) == "True"
