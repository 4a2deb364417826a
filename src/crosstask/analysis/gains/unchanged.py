"""Sources without effect and targets that no source changes; and alarms as a terminal has them, few lines for many."""

import pandas as pd

from crosstask.analysis.matrix.score_unit import ScoreUnit
from crosstask.analysis.wording import listed

_SHOWN = 3
"""Alarms of one kind that are printed."""
"""Sources or targets that a line names."""
_KINDS = {"no_effect": ("source", "sources", "target"), "nothing_moves": ("target", "targets", "source")}
"""Kind of alarm -> what it is about, several of it, and what each has several cells for."""


def unchanged(gains: pd.DataFrame, kind: str, other: str, unit: ScoreUnit) -> list[tuple[str, str, str]]:
    """Rows, or columns, without a single significant cell, and how large a gain the intervals still allow.

    Parameters
    ----------
    gains : DataFrame
        Columns ``GAINS_LONG``; cells that were not tested do not count.
    kind : {"no_effect", "nothing_moves"}
        Sources, or targets.
    other : str
        What gains are over.
    unit : ScoreUnit
        In which messages give gains.

    Returns
    -------
    list of (str, str, str)
        As columns ``ALARMS``.
    """
    found = []
    for name, cells in _without_effect(gains, kind).items():
        if kind == "no_effect":
            where = "its only target" if len(cells) == 1 else f"any of {len(cells)} targets"
            what = f"{name} is not distinguishable from {other} on {where}"
        else:
            which = "its only source is not" if len(cells) == 1 else f"none of {len(cells)} sources is"
            what = f"{which} distinguishable from {other} on {name}"
        found.append((kind, name, f"{what}; {_reach(cells, unit)}"))
    return found


def alarm_lines(alarms: pd.DataFrame, gains: pd.DataFrame, other: str, unit: ScoreUnit) -> list[str]:
    """Alarms as lines, of each kind one or few; alarms.csv has all.

    Parameters
    ----------
    alarms : DataFrame
        Columns ``ALARMS``.
    gains, other, unit
        As for `unchanged`.
    """
    lines = []
    for kind, rows in alarms.groupby("alarm", sort=False):
        messages = list(rows["message"])
        if kind in _KINDS and len(messages) > 1:
            lines += _together(gains, str(kind), other, unit)
            continue
        more = len(messages) - _SHOWN
        lines += messages[: _SHOWN + (more == 1)]  # a line that says that there is one more could be that one
        lines += [f"and {more} more of this kind ({kind}) in alarms.csv"] if more > 1 else []
    return lines


def _together(gains: pd.DataFrame, kind: str, other: str, unit: ScoreUnit) -> list[str]:
    """One line on all sources, or targets; none on targets where sources say it already."""
    one, several, across = _KINDS[kind]
    tested = gains[gains["p"].notna()]
    if kind == "nothing_moves" and not tested["significant"].any():
        return []
    found = _without_effect(gains, kind)
    total, names = tested[one].nunique(), list(found)
    reach = _reach(pd.concat(found.values()), unit)
    if len(found) == total:
        return [f"none of {total} {several} is distinguishable from {other} on any {across}; {reach}"]
    which = "on any target" if kind == "no_effect" else "with any source"
    return [f"{len(found)} of {total} {several} are not distinguishable from {other} {which}: {listed(names)}; {reach}"]


def _without_effect(gains: pd.DataFrame, kind: str) -> dict[str, pd.DataFrame]:
    """The tested cells of each source, or target, none of which is significant."""
    tested = gains[gains["p"].notna()]
    groups = tested.groupby(_KINDS[kind][0], sort=False)
    return {str(name): cells for name, cells in groups if not cells["significant"].any()}


def _reach(cells: pd.DataFrame, unit: ScoreUnit) -> str:
    """How far the intervals reach: no significant cell is no proof of no effect."""
    low, high = unit.difference(cells["ci_low"].min()), unit.difference(cells["ci_high"].max())
    return f"the intervals, which unlike the tests are not corrected, reach from {low} to {high} ({unit.gain_label})"
