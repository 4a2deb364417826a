"""What options say of the targets of a table of scores: their unit."""

from collections.abc import Mapping

import pandas as pd

from crosstask.analysis.matrix.score_unit import FRACTION, OTHER, PERCENT, ScoreUnit
from crosstask.errors import UserError, hint

_UNITS = {"fraction": FRACTION, "percent": PERCENT, "number": OTHER}


def stated_units(given: Mapping[str, str], table: pd.DataFrame) -> dict[str, ScoreUnit]:
    """Return the units that ``runs.units`` states.

    Parameters
    ----------
    given : mapping of str to str
        Target or metric -> fraction, percent or number.
    table : DataFrame
        Columns ``SCORES``.

    Raises
    ------
    UserError
        If a name or a unit is not known, or scores cannot be of the unit.
    """
    found: dict[str, ScoreUnit] = {}
    for name, unit in given.items():
        if unit not in _UNITS:
            raise UserError(f"runs.units={{{name}: {unit}}}: not one of {', '.join(_UNITS)}{hint(unit, _UNITS)}")
        found |= dict.fromkeys(named_targets("runs.units", name, table), _UNITS[unit])
    for target, stated in found.items():
        scores = table.loc[table["target"] == target, "score"]
        if stated is not OTHER and (scores.min() < -stated.ceiling or scores.max() > stated.ceiling):
            raise UserError(
                f"runs.units: target {target} has scores from {scores.min():g} to {scores.max():g}, which are no"
                f" {stated.name}"
            )
    return found


def named_targets(option: str, name: str, table: pd.DataFrame) -> list[str]:
    """Return the targets that a name means: one, or those with scores of a metric.

    Parameters
    ----------
    option : str
        That has the name, for the error.
    name : str
        Of a target or a metric.
    table : DataFrame
        Columns ``SCORES``.

    Raises
    ------
    UserError
        If it is neither.
    """
    targets, metrics = list(table["target"].unique()), sorted(table["metric"].dropna().unique())
    if name in targets:
        return [name]
    if name in metrics:
        return list(table.loc[table["metric"] == name, "target"].unique())
    known = [*targets, *metrics]
    raise UserError(f"{option}: no target or metric {name}{hint(name, known)}; there are {', '.join(known)}")
