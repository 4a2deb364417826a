"""Two analyses beside each other: what changed from one to the other, and which cells only one of them has."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from crosstask.analysis.matrix.reference_names import MEAN, NAMES, PLAIN
from crosstask.analysis.schema import BASE
from crosstask.analysis.wording import counted, listed
from crosstask.report.names import abbreviated
from crosstask.report.page.conversion import Scored, conversion
from crosstask.report.page.numbers import is_missing, number, with_interval
from crosstask.report.page.other_gains import COLUMNS, NUMBERS, UNITS, OtherGains
from crosstask.report.page.over import in_words
from crosstask.report.page.payload import readable
from crosstask.report.page.tables import KEYS, Row, Tables
from crosstask.report.page.units import Units

SHOWN = 40
"""Cells that are shown, those that changed most."""
LONGEST, LONG = 40, 200
"""Letters of a name, and of a statement of what an analysis is of."""


@dataclass(frozen=True)
class Comparison:
    """Both beside each other."""

    name: str
    of: list[tuple[str, str]]
    """What each of both is of: where, and what was run."""
    lines: list[str]
    """What changed, and which cells only one of them has."""
    caption: str
    """Which cells are shown."""
    rows: list[tuple[str, ...]]
    """Source, target, gain of the other, gain here, difference, and what became of its significance."""


def comparison(other: OtherGains, tables: Tables, units: Units) -> Comparison:
    """Hold the gains of an analysis against those of another.

    Gains there are brought into the unit that they have here; targets of which that cannot be done, or of which less is
    better in one of both only, are left out.

    Parameters
    ----------
    other : OtherGains
        The other.
    tables : Tables
        Of the analysis.
    units : Units
        How its numbers are written.
    """
    own = tables["gains_long"]
    own = own[[*COLUMNS, "home"]] if len(own) else pd.DataFrame(columns=[*COLUMNS, "home"])
    here = _scored(own, tables)
    converted = conversion(other.scored, here)
    gains = other.gains.assign(
        **{name: converted.applied(other.gains[name], other.gains["target"]) for name in NUMBERS}
    )
    both = gains.merge(own, how="outer", on=[*KEYS], suffixes=("_other", ""), indicator="where")
    shared = both[(both["where"] == "both") & ~both["target"].isin(converted.apart)]
    size = shared["target"].map(units.size).astype(float)
    shared = shared.assign(difference=shared["gain"] - shared["gain_other"])
    order = (shared["difference"] * size).abs().sort_values(ascending=False, kind="stable").index
    shared = shared.loc[order]
    changed = shared[np.array([_is_seen(row, units) for row in shared.to_dict("records")], dtype=bool)]
    shown = changed.head(SHOWN)
    names = _short(shown)
    rows = [_row(row, names, units) for row in shown.to_dict("records")]
    caption = f"The {len(rows)} cells that changed most" if len(rows) < len(changed) else "All cells that changed"
    caption += f", of {len(shared)}; significance is at the level of each analysis."
    lines = [
        *_references(other.scored, here),
        *_lines(shared, bool(converted.apart)),
        *(["No gain changed in the decimals that are shown"] if len(shared) and changed.empty else []),
        *converted.lines(),
        *_only(both),
    ]
    of = [("there", _is_of(other.analyzed)), ("here", _is_of(tables["analyzed"]))]
    return Comparison(other.name, of, lines, caption, rows)


def _is_of(analyzed: pd.DataFrame) -> str:
    """What an analysis is of, which folders of older ones do not say."""
    rows = analyzed.to_dict("records")
    said = [f"level {row['value']}" if row["what"] == "level" else row["value"] for row in rows]
    cut = [text if len(text) <= LONG else f"{text[: LONG - 1]}…" for text in map(readable, said)]
    return "; ".join(cut) or "not said in that folder"


def _scored(gains: pd.DataFrame, tables: Tables) -> Scored:
    """What tells the units here."""
    scores, targets = tables["matrix_long"], tables["targets"]
    empty = pd.DataFrame(columns=[*KEYS, "score"]), pd.DataFrame(columns=[*UNITS])
    return Scored(gains, scores if len(scores) else empty[0], targets if len(targets) else empty[1])


def _lines(shared: pd.DataFrame, are_apart: bool) -> Iterator[str]:
    """How many cells both have, and what became of them; others may be in units of their own."""
    if shared.empty:
        yield f"No cell is in both analyses{', in units that can be compared' if are_apart else ''}."
        return
    home = shared["home"].astype(bool)
    for rows, which in ((shared[~home], "off the diagonal"), (shared[home], "of sources on their own tasks")):
        if len(rows):
            yield from _of_cells(rows.to_dict("records"), which)


def _of_cells(rows: list[Row], which: str) -> Iterator[str]:
    """The same of some of them."""
    told = [(_told(row["significant_other"]), _told(row["significant"])) for row in rows]
    untested = sum(None in both for both in told)
    yield (
        f"{counted(len(rows), 'cell')} {which} in both: {told.count((True, True))} distinguishable from 0 in both,"
        f" {told.count((False, True))} only here, {told.count((True, False))} only there"
        f"{f', {untested} not tested in one or both' if untested else ''}"
    )
    known = [row for row in rows if _have_intervals(row)]
    turned = sum(a is b is True and row["gain"] * row["gain_other"] < 0 for row, (a, b) in zip(rows, told, strict=True))
    if known:
        apart, of = sum(map(_apart, known)), "these" if len(known) == len(rows) else f"{len(known)} with both intervals"
        yield (
            f"In {counted(apart, 'cell')} of {of} the intervals of both do not meet; {turned} of those told in both"
            " changed sign"
        )


def _references(there: Scored, here: Scored) -> Iterator[str]:
    """That gains are over different things, or may be."""
    over = _over(there), _over(here)
    differ: dict[tuple[str, str], list[str]] = {}
    for target, name in over[1].items():
        pair = over[0].get(target, name), name
        if pair[0] != pair[1]:
            differ.setdefault(pair, []).append(target)
    for (before, now), targets in differ.items():
        if there.targets.empty and MEAN not in (before, now):  # an older analysis does not say how base was asked
            yield f"On {listed(targets)} gains here are over {in_words(now)}, there perhaps over another score of base"
            continue
        said = f"On {listed(targets)} gains there are over {in_words(before)}, here over {in_words(now)}"
        yield f"{said}: they differ by that, too"


def _over(scored: Scored) -> dict[str, str]:
    """Target -> what tables call what its gains are over; of an older analysis as its scores tell."""
    if len(scored.targets):
        return dict(zip(scored.targets["target"], scored.targets["gains_over"], strict=True))
    over = NAMES[PLAIN] if BASE in set(scored.scores["source"]) else MEAN
    return dict.fromkeys(scored.scores["target"], over)


def _only(both: pd.DataFrame) -> Iterator[str]:
    """Cells that one of them lacks."""
    for where, which in (("right_only", "here"), ("left_only", "there")):
        rows = both[both["where"] == where]
        if len(rows):
            names = _short(rows.head(10))  # as many as are listed
            cells = [f"{names.get(row['source'])} on {names.get(row['target'])}" for row in rows.to_dict("records")]
            yield f"{counted(len(cells), 'cell')} only {which}: {listed(cells)}"


def _short(rows: pd.DataFrame) -> dict[str, str]:
    """Names of sources and targets as they are shown."""
    names = list(dict.fromkeys([*rows["source"], *rows["target"]]))
    return dict(zip(names, abbreviated([readable(name) for name in names], LONGEST), strict=True))


def _row(row: Row, names: dict[str, str], units: Units) -> tuple[str, ...]:
    """A cell of both."""
    scale = units.of(row["target"])
    before = with_interval(row["gain_other"], row["ci_low_other"], row["ci_high_other"], *scale, sign=True)
    now = with_interval(row["gain"], row["ci_low"], row["ci_high"], *scale, sign=True)
    verdict = _verdict(_told(row["significant_other"]), _told(row["significant"]))
    parts = ["own task" if row["home"] else "", verdict, "intervals do not meet" if _apart(row) else ""]
    change = number(row["difference"], *scale, sign=True)
    shown = names[row["source"]], names[row["target"]], before, now, change
    return *shown, "; ".join(part for part in parts if part)


def _is_seen(row: Row, units: Units) -> bool:
    """Whether a difference is one in the decimals that are shown."""
    factor, decimals = units.of(row["target"])
    return bool(abs(factor * row["difference"]) >= 0.5 * 10.0**-decimals)


def _have_intervals(row: Row) -> bool:
    """Whether both intervals are known."""
    return not any(is_missing(row[name]) for name in ("ci_low", "ci_high", "ci_low_other", "ci_high_other"))


def _apart(row: Row) -> bool:
    """Whether both intervals are known and do not meet."""
    return _have_intervals(row) and bool(row["ci_low"] > row["ci_high_other"] or row["ci_high"] < row["ci_low_other"])


def _told(significant: Any) -> bool | None:
    """Whether a gain is significant; None where it was not tested."""
    return None if is_missing(significant) else bool(significant)


def _verdict(there: bool | None, here: bool | None) -> str:
    """What became of the significance of a gain."""
    if there is None or here is None:
        return f"not tested {'in either' if there is here else 'there' if there is None else 'here'}"
    if there and here:
        return "distinguishable in both"
    return "no longer distinguishable" if there else "now distinguishable" if here else ""
