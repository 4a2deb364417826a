"""What interventions say in a terminal, in at most four lines."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crosstask.analysis.interventions.columns import GROWS, LARGER, WITHIN
from crosstask.analysis.interventions.kinds import APART, FEWER, PLACEBO
from crosstask.analysis.matrix.score_unit import ScoreUnit
from crosstask.analysis.wording import counted

_FIRST = ("wrong_labels", "share_wrong", "shuffled_labels")
"""Kinds whose claim is named first: that labels need not be right."""


@dataclass(frozen=True)
class Wording:
    """How numbers are said."""

    unit: ScoreUnit
    alpha: float
    margin: float

    def points(self, row: pd.Series, value: str, low: str, high: str) -> str:
        """-12.3 (-18.0 to -6.6)."""
        shown, first, last = (self.unit.factor * row[name] for name in (value, low, high))
        return f"{shown:+.1f} ({first:+.1f} to {last:+.1f})"

    @property
    def limit(self) -> str:
        """2 points."""
        return f"{self.unit.factor * self.margin:g} {self.unit.gain_label.rpartition(' ')[2]}"


def lines(tables: dict[str, pd.DataFrame], wording: Wording) -> list[str]:
    """The most important first."""
    found = [
        _of_effects(tables["interventions"], wording),
        _of_gains(tables["intervention_gains"], wording),
        _of_means(tables["intervention_means"], wording),
        _of_random(tables["random_updates"], wording),
    ]
    return [line for line in found if line]


def _of_effects(table: pd.DataFrame, wording: Wording) -> str:
    """In how many cells the score moves, where most, whether the placebo moves as much, and where nothing moves."""
    counted_rows = table[table["q"].notna()]
    away = counted_rows[~counted_rows["home"]]
    tests = away[~away["kind"].isin(APART)]
    if tests.empty:
        return ""
    moved = tests[tests["significant"].eq(True)]
    still = tests[tests["equivalent"].eq(True) & ~tests["significant"].eq(True)]
    line = (
        f"A changed property of the source moves the score in {len(moved)} of {counted(len(tests), 'cell')} off the"
        f" diagonal (q <= {wording.alpha:g}; {counted(len(tests), 'test')})"
    )
    if len(moved):
        most = moved.loc[moved["effect"].abs().idxmax()]
        where = f"{most['source']} {most['variant']} -> {most['target']}"
        line += f", most {where}: {wording.points(most, 'effect', 'ci_low', 'ci_high')}; {_placebo(away, moved)}"
    neither = len(tests) - len(moved) - len(still)
    return f"{line}; in {len(still)} it is shown to be within {wording.limit}, in {neither} neither can be told"


def _placebo(away: pd.DataFrame, moved: pd.DataFrame) -> str:
    """How many effects exceed the placebo, and whether that moves anything by itself."""
    beside, placebo = moved["exceeds_placebo"].dropna(), away[away["kind"] == PLACEBO]
    if beside.empty:
        return "how much other rows of the same data would move is not known (variant=other_rows)"
    alone = f"{int(placebo['significant'].eq(True).sum())} of {len(placebo)}"
    return f"{int(beside.sum())} of {len(beside)} exceed what other rows of the same data do, which move {alone}"


def _of_gains(table: pd.DataFrame, wording: Wording) -> str:
    """What is left of gains over base that stand, of the kind of which that is claimed."""
    if table.empty:
        return ""
    kinds = [kind for kind in (*_FIRST, *table["kind"]) if (table["kind"] == kind).any() and kind != PLACEBO]
    if not kinds:
        return ""
    of_kind = table[table["kind"] == kinds[0]]
    # Of doses the one that changes most; names go up with them.
    variant = of_kind["variant"].iloc[0 if kinds[0] == FEWER else -1]
    here = of_kind[of_kind["variant"] == variant]
    within, larger, grows = (int((here["verdict"] == verdict).sum()) for verdict in (WITHIN, LARGER, GROWS))
    largest = here.loc[here["gain"].idxmax()]
    kept = ""
    if not np.isnan(largest["kept"]):
        share, low, high = (100 * largest[name] for name in ("kept", "kept_low", "kept_high"))
        where = f"{largest['source']} -> {largest['target']}"
        kept = f"; of the largest, {where}, {share:.0f} % is kept ({low:.0f} to {high:.0f})"
    gains, untold = counted(len(here), "gain"), len(here) - within - larger - grows
    home = " (own tasks among them)" if here["home"].any() else ""
    more = f", makes {grows} larger" if grows else ""
    return (
        f"Of {gains} over base that {'stands' if len(here) == 1 else 'stand'}{home}, {variant} takes off no more than"
        f" {wording.limit} in {within}, more in {larger}{more}, and in {untold} it cannot be told{kept}"
    )


def _of_means(table: pd.DataFrame, wording: Wording) -> str:
    """The mean effect over sources and targets that is largest beside its error, and for which sources it holds."""
    rows = table[table["source"].isna() & table["target"].isna() & ~table["home"] & ~table["kind"].isin(APART)]
    if rows.empty:
        return ""
    told = rows[rows["holds_for"] != "not told"]
    if told.empty:
        return (
            f"Over {int(rows['sources'].max())} sources and all targets other than their own, no change is shown to"
            f" move the score on average ({counted(len(rows), 'test')})"
        )
    most = told.loc[told["effect"].abs().idxmax()]
    general = most["holds_for"] == "sources"
    limits = ("ci_low", "ci_high") if general else ("these_low", "these_high")
    which = "for sources in general" if general else "for these sources, not for others"
    return (
        f"Over {int(most['sources'])} sources and all targets other than their own {most['variant']} moves the score by"
        f" {wording.points(most, 'effect', *limits)} on average, {which} (exact sign flips: p = {most['flip_p']:.3g})"
    )


def _of_random(table: pd.DataFrame, wording: Wording) -> str:
    """How much of harms that stand is that of any disturbance of the same size."""
    stands = table[table["significant"].eq(True) & ~table["home"]]
    harms = stands[stands["gain"] < 0]
    rows, what = (harms, "harm") if len(harms) else (stands, "gain")
    if rows.empty:
        return ""
    beyond = int(((rows["beyond_high"] < 0) if what == "harm" else (rows["beyond_low"] > 0)).sum())
    own, random = (wording.unit.factor * rows[name].mean() for name in ("gain", "random"))
    return (
        f"Where {counted(len(rows), what)} off the diagonal {'stands' if len(rows) == 1 else 'stand'}, {own:+.1f} on"
        f" average, random updates of the same size do {random:+.1f}; in {beyond} the adapter does more than these"
    )
