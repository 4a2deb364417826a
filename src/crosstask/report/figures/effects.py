"""Figures of estimates with their intervals, one line each.

Kinds of estimates differ in shape and in filling, so that they can be told apart in gray.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from crosstask.analysis.figures import EffectPlot, InterventionPlot, RatePlot, ReferencePlot
from crosstask.report.figures.labels import entitle, entitle_panel, key_below, name_ticks
from crosstask.report.figures.selection import MOST, ends, shown_of

_LINE = 0.27  # inches


@dataclass(frozen=True)
class _Mark:
    """How one kind of estimate is drawn."""

    label: str
    style: str
    color: str
    filled: bool = True
    shift: float = 0.0
    """Part of a line that it is drawn below its name."""


_WIN = _Mark("gains (> 0)", "o", "#2166ac", True, -0.14)
_HARM = _Mark("losses (beyond 1 point)", "s", "#b2182b", False, 0.14)
_TESTED = (
    _Mark("significant", "o", "#2166ac"),
    _Mark("not significant", "o", "#2166ac", False),
    _Mark("not tested: error not known", "x", "0.35"),
)
_PLACEBO = _Mark("other rows of the same data", "s", "0.6", False, 0.22)
_MOST_SOURCES = 4
_REFERENCES = {
    "chance": _Mark("chance", "x", "0.35"),
    "majority": _Mark("majority class", "|", "0.35"),
    "base": _Mark("base", "D", "black", False),
    "home": _Mark("own adapter", "o", "#2166ac"),
}


def donor_plot(request: EffectPlot) -> Figure:
    """Draw donors and recipients with their intervals, the largest first."""
    donors, unit = request.donors, request.unit
    scaled = donors.assign(**{name: donors[name] * unit.factor for name in ("effect", "ci_low", "ci_high")})
    roles = [(role, ends(rows.sort_values("effect", ascending=False))) for role, rows in scaled.groupby("role")]
    lines = max(len(rows) for _, rows in roles)
    figure, panels = _panels(len(roles), lines)
    for axes, (role, rows) in zip(panels, roles, strict=True):
        axes.axvline(0, color="0.8", linewidth=1, zorder=0)
        sure, tested = rows["significant"].fillna(False).astype(bool), rows["ci_low"].notna()
        for mark, marked in zip(_TESTED, (sure, tested & ~sure, ~tested), strict=True):
            _draw(axes, np.flatnonzero(marked), rows[marked], ("effect", "ci_low", "ci_high"), mark)
        _name_lines(axes, rows["name"], unit.gain_label, lines)
        entitle_panel(axes, f"{role}s")
    key_below(figure, panels)
    some = _some(roles, donors["role"], "the highest and the lowest")
    entitle(figure, request.title, request.subtitle, some)
    return figure


def rate_plot(request: RatePlot) -> Figure:
    """Draw win and harm rates of sources and of targets with their intervals."""
    rates = request.rates
    sides = [(side, ends(rates[rates["side"] == side])) for side in ("source", "target")]
    lines = max(len(rows) for _, rows in sides)
    figure, panels = _panels(len(sides), lines)
    for axes, (side, rows) in zip(panels, sides, strict=True):
        for mark, name in ((_WIN, "win"), (_HARM, "harm")):
            shown = rows.assign(**{column: 100 * rows[column] for column in rows if column.startswith(name)})
            _draw(axes, np.arange(len(rows)), shown, (f"{name}_rate", f"{name}_low", f"{name}_high"), mark)
        _name_lines(axes, rows["name"], "% of tasks", lines)
        axes.set_xlim(-3, 103)
        entitle_panel(axes, f"{side}s")
    key_below(figure, panels)
    some = _some(sides, rates["side"], "the first and the last")
    entitle(figure, request.title, request.subtitle, some)
    return figure


def _some(shown: list[tuple[str, pd.DataFrame]], all_of: pd.Series, which: str) -> str:
    """How many of how many each panel shows, where these are not all."""
    counts = all_of.value_counts()
    lines = (shown_of(len(rows), int(counts[name]), f"{name}s", which) for name, rows in shown)
    return "; ".join(filter(None, lines))


def reference_plot(request: ReferencePlot) -> Figure:
    """Draw for each target base, majority class, chance and its own adapter, with their intervals."""
    references, unit = request.references, request.unit
    limits = ("score", "ci_low", "ci_high")
    shown = references.assign(**{name: references[name] * unit.factor for name in limits})
    of_targets = shown.drop_duplicates("target")
    targets = list(ends(of_targets)["target"])
    figure, (axes,) = _panels(1, len(targets), width=7.5)
    for kind, mark in _REFERENCES.items():
        rows = shown[(shown["reference"] == kind) & shown["target"].isin(targets)]
        _draw(axes, rows["target"].map(targets.index).to_numpy(int), rows, limits, mark)
    _name_lines(axes, pd.Series(targets), f"score ({unit.score_label})", len(targets))
    axes.legend(frameon=False, fontsize=8, loc="upper left", bbox_to_anchor=(1, 1))
    some = shown_of(len(targets), len(of_targets), "targets", "the first and the last")
    entitle(figure, request.title, request.subtitle, some)
    return figure


def intervention_plot(request: InterventionPlot) -> Figure:
    """Draw what changes of each source do on every target, the largest first, each with the placebo below it."""
    limits, placebo = ("effect", "ci_low", "ci_high"), ("placebo", "placebo_low", "placebo_high")
    scaled = request.effects.assign(**{name: request.effects[name] * request.unit.factor for name in limits + placebo})
    sources = list(dict.fromkeys(scaled["source"]))[:_MOST_SOURCES]
    by_source = {
        source: scaled[scaled["source"] == source].sort_values("effect", ascending=False) for source in sources
    }
    shown = [(source, ends(rows, MOST // 2)) for source, rows in by_source.items()]
    lines = max(len(rows) for _, rows in shown)
    figure, panels = _panels(len(shown), lines, width=max(7.5, 4.8 * len(shown)))
    for axes, (source, rows) in zip(panels, shown, strict=True):
        axes.axvline(0, color="0.8", linewidth=1, zorder=0)
        sure, tested = rows["significant"].fillna(False).astype(bool), rows["ci_low"].notna()
        beside = rows["placebo"].notna()
        _draw(axes, np.flatnonzero(beside), rows[beside], placebo, _PLACEBO)
        for mark, marked in zip(_TESTED, (sure, tested & ~sure, ~tested), strict=True):
            _draw(axes, np.flatnonzero(marked), rows[marked], limits, mark)
        _name_lines(axes, rows["variant"] + " \u2192 " + rows["target"], request.unit.gain_label, lines)
        entitle_panel(axes, source)
    key_below(figure, panels)
    most, count = "the largest gains and losses", max(len(rows) for rows in by_source.values())
    some = [shown_of(len(sources), request.effects["source"].nunique(), "sources", "the first")]
    some.append(shown_of(lines, count, "effects of a source", most))
    entitle(figure, request.title, request.subtitle, "; ".join(filter(None, some)))
    return figure


def _panels(count: int, lines: int, width: float = 9.6) -> tuple[Figure, list[Axes]]:
    """Panels side by side, high enough for the lines."""
    figure = Figure(figsize=(width, 1.7 + _LINE * max(lines, 3)), layout="constrained")
    return figure, [figure.add_subplot(1, count, place + 1) for place in range(count)]


def _draw(axes: Axes, lines: np.ndarray, rows: pd.DataFrame, columns: tuple[str, str, str], mark: _Mark) -> None:
    """Estimates as marks, intervals as bars; the columns with the values, the lower and the upper limits."""
    if rows.empty:
        return
    values, *limits = rows[list(columns)].to_numpy(float).T
    bars = np.nan_to_num(np.abs(limits - values))  # a percentile interval need not hold the estimate in its middle
    axes.errorbar(
        values,
        lines + mark.shift,
        xerr=bars,
        fmt=mark.style,
        color=mark.color,
        markerfacecolor=mark.color if mark.filled else "white",
        markersize=9 if mark.style == "|" else 5,
        elinewidth=1,
        label=mark.label,
    )


def _name_lines(axes: Axes, names: pd.Series, label: str, lines: int) -> None:
    """Names on the left, the first on top, with room for so many, and what is measured below."""
    name_ticks(axes.yaxis, names, fontsize=9)
    axes.set_ylim(lines - 0.4, -0.6)
    axes.set_xlabel(label)
    axes.grid(axis="y", color="0.93")
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
