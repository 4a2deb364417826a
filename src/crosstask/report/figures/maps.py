"""Heat maps of a transfer matrix and of what is worked out from it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from crosstask.analysis.figures import AsymmetryMap, GainMap, ResidualMap, ShareMap, Significance
from crosstask.analysis.matrix.score_unit import ScoreUnit
from crosstask.report.figures.heat_map import color_limit, draw_cells, marks_key, matrix_axes, outline_cells
from crosstask.report.figures.labels import entitle
from crosstask.report.figures.selection import highest_and_lowest, shown_of

_Gains = TypeVar("_Gains", bound=GainMap)
Places = NDArray[np.intp]
_ON_AVERAGE = "the highest and the lowest on average"


def gain_map(request: GainMap) -> Figure:
    """Draw gains, sources down and targets across."""
    request, some = _readable(request)
    shown, home = request.gains * request.unit.factor, request.home
    limit = color_limit(shown.where(~home), shown)
    beyond = bool((shown.abs() > limit).any(axis=None))
    figure, axes = matrix_axes(shown)
    image = draw_cells(axes, shown, limit, request.unit.form, _in_unit(request.significance, request.unit))
    outline_cells(axes, home)
    axes.set(xlabel="target (scored on)", ylabel="source (fine-tuned on)")
    label = request.unit.gain_label
    figure.colorbar(image, ax=axes, label=label, extend="both" if beyond else "neither", shrink=0.9)
    key = []
    if home.any(axis=None):
        key.append("outlined: the source's own task" + (", may exceed the color scale" if beyond else ""))
    if shown.isna().any(axis=None):
        key.append("hatched: no score")
    if request.significance:
        key.append(marks_key(shown))
    entitle(figure, request.title, request.subtitle, some, "; ".join(key))
    return figure


def residual_map(request: ResidualMap) -> Figure:
    """Draw what donors and recipients leave; cells on a source's own task outlined."""
    request, some = _readable(request)
    shown, home = request.gains * request.unit.factor, request.home
    figure, axes = matrix_axes(shown)
    marks = _in_unit(request.significance, request.unit)
    image = draw_cells(axes, shown, color_limit(shown.where(~home), shown), request.unit.form, marks)
    outline_cells(axes, home)
    axes.set(xlabel="target (scored on)", ylabel="source (fine-tuned on)")
    figure.colorbar(image, ax=axes, label=request.unit.gain_label, extend="both", shrink=0.9)
    outlined = "outlined: the source's own task, not fitted; may exceed the color scale"
    entitle(figure, request.title, request.subtitle, some, outlined, *([marks_key(shown)] if marks else []))
    return figure


def _readable(request: _Gains) -> tuple[_Gains, str]:
    """The gains of as many sources and targets as can be read, and which these are."""
    at, some = _shown(request.gains)
    marks = request.significance
    if marks is not None:
        marks = Significance(marks.half_widths.iloc[at], marks.significant.iloc[at])
    shown = replace(request, gains=request.gains.iloc[at], home=request.home.iloc[at], significance=marks)
    return shown, some


def _shown(table: pd.DataFrame, what: tuple[str, str] = ("sources", "targets")) -> tuple[tuple[Places, Places], str]:
    """Places of the rows and of the columns that can be read, and which these are."""
    places = [np.flatnonzero(highest_and_lowest(table.mean(axis=axis))) for axis in (1, 0)]
    lines = [shown_of(*sizes, _ON_AVERAGE) for sizes in zip(map(len, places), table.shape, what, strict=True)]
    return (places[0], places[1]), "; ".join(filter(None, lines))


def _in_unit(marks: Significance | None, unit: ScoreUnit) -> Significance | None:
    """Intervals in the unit shown."""
    return marks and Significance(marks.half_widths * unit.factor, marks.significant)


def asymmetry_map(request: AsymmetryMap) -> Figure:
    """Draw the asymmetry of each pair: what the task of the row gives to that of the column beyond what it gets."""
    pairs, tasks, factor = request.pairs, request.tasks, request.unit.factor
    marked = pairs.assign(half=(pairs["ci_high"] - pairs["ci_low"]) / 2, marked=pairs["significant"].fillna(False))
    shown = _both_ways(marked, "asymmetry", tasks, -1) * factor
    marks = Significance(_both_ways(marked, "half", tasks, 1) * factor, _both_ways(marked, "marked", tasks, 1) == 1)
    at, some = _shown(shown.abs(), ("tasks", "tasks"))
    shown, marks = shown.iloc[at], Significance(marks.half_widths.iloc[at], marks.significant.iloc[at])
    figure, axes = matrix_axes(shown)
    image = draw_cells(axes, shown, color_limit(shown, shown), request.unit.form, marks)
    axes.set(xlabel="to", ylabel="from")
    figure.colorbar(image, ax=axes, label=request.unit.gain_label, shrink=0.9)
    entitle(figure, request.title, request.subtitle, some, f"(forward - backward) / 2; {marks_key(shown)}")
    return figure


def _both_ways(table: pd.DataFrame, column: str, tasks: Sequence[str], sign: int) -> pd.DataFrame:
    """Values of pairs as a square, the other direction with the sign given; NaN where there is no pair."""
    there = table.pivot(index="first", columns="second", values=column).astype(float)
    there = there.reindex(index=list(tasks), columns=list(tasks))
    return there.where(there.notna(), sign * there.T)


def share_map(request: ShareMap) -> Figure:
    """Draw shares in percent."""
    at, some = _shown(request.shares)
    shown, marks = 100 * request.shares.iloc[at], None
    if request.half_widths is not None:
        marks = Significance(100 * request.half_widths.iloc[at], shown.isna() & False)
    figure, axes = matrix_axes(shown)
    image = draw_cells(axes, shown, color_limit(shown, shown), "{:.1f}", marks, low=0.0)
    axes.set(xlabel="target", ylabel="source")
    figure.colorbar(image, ax=axes, label=request.label, shrink=0.9)
    entitle(figure, request.title, request.subtitle, some, request.key)
    return figure
