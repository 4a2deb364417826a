"""Figures of a matrix's structure: who gives to whom, what goes one way, who is alike. A table in, a Figure out."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from crosstask.analysis.matrix.score_unit import ScoreUnit
from crosstask.report.figures.heat_map import (
    Sureness,
    colour_limit,
    draw_cells,
    matrix_axes,
    outline_cells,
    sureness_key,
)
from crosstask.report.figures.tick_names import name_ticks
from crosstask.report.figures.titles import entitle, entitle_panels

_MARKED = 60  # merges of a tree that has room for their support


def asymmetry_map(table: pd.DataFrame, tasks: Sequence[str], unit: ScoreUnit, title: str, subtitle: str) -> Figure:
    """Heat map of the asymmetry of each pair: what the task of the row gives to that of the column beyond what it gets.

    Parameters
    ----------
    table : DataFrame
        Columns ``ASYMMETRY``.
    tasks : sequence of str
        Order of rows and columns.
    unit : ScoreUnit
        How the numbers are shown.
    title, subtitle : str
        What was found, and of how many.
    """
    half = table.assign(half=(table["ci_high"] - table["ci_low"]) / 2)
    shown = _both_ways(half, "asymmetry", tasks, -1) * unit.factor
    sure = Sureness(
        _both_ways(half, "half", tasks, 1) * unit.factor,
        _both_ways(half.assign(significant=half["significant"].fillna(False)), "significant", tasks, 1) == 1,
    )
    figure, axes = matrix_axes(shown)
    image = draw_cells(axes, shown, colour_limit(shown, shown), "{:+z.1f}", sure)
    axes.set(xlabel="to", ylabel="from")
    figure.colorbar(image, ax=axes, label=unit.gain_label, shrink=0.9)
    entitle(axes, title, subtitle, f"(forward - backward) / 2; {sureness_key(shown)}")
    return figure


def _both_ways(table: pd.DataFrame, column: str, tasks: Sequence[str], sign: int) -> pd.DataFrame:
    """Values of pairs as a square, the other direction with the sign given; NaN where there is no pair."""
    there = table.pivot(index="first", columns="second", values=column).astype(float)
    there = there.reindex(index=list(tasks), columns=list(tasks))
    return there.where(there.notna(), sign * there.T)


def residual_map(
    residuals: pd.DataFrame,
    home: pd.DataFrame,
    unit: ScoreUnit,
    title: str,
    subtitle: str,
    sureness: Sureness | None = None,
) -> Figure:
    """Heat map of what donors and recipients leave; home cells outlined.

    Parameters
    ----------
    residuals, home : DataFrame, shape (n_sources, n_targets)
        Residuals in the unit of the scores; cells on a source's own task, which were not fitted.
    unit, title, subtitle
        As for `asymmetry_map`.
    sureness : Sureness, optional
        Half-widths of the intervals, in the unit of the scores, and which residuals are significant.
    """
    shown = residuals * unit.factor
    limit = colour_limit(shown.where(~home), shown)
    figure, axes = matrix_axes(shown)
    sure = sureness and Sureness(sureness.half_widths * unit.factor, sureness.significant)
    image = draw_cells(axes, shown, limit, "{:+z.1f}", sure)
    outline_cells(axes, home)
    axes.set(xlabel="target (scored on)", ylabel="source (fine-tuned on)")
    figure.colorbar(image, ax=axes, label=unit.gain_label, extend="both", shrink=0.9)
    outlined = "outlined: the source's own task, not fitted; may exceed the colour scale"
    entitle(axes, title, subtitle, outlined, *([sureness_key(shown)] if sureness else []))
    return figure


def affinity_map(
    affinity: pd.DataFrame, sources: Sequence[str], targets: Sequence[str], title: str, subtitle: str
) -> Figure:
    """Heat map of normalised affinities, sources down and targets across, each column summing to 100.

    Parameters
    ----------
    affinity : DataFrame
        Columns ``AFFINITY``.
    sources, targets : sequence of str
        Order of rows and columns.
    title, subtitle : str
        What was found, and of how many.
    """
    table = affinity.assign(half=(affinity["ci_high"] - affinity["ci_low"]) / 2)
    wide = [
        100 * table.pivot(index="source", columns="target", values=name).reindex(index=sources, columns=targets)
        for name in ("affinity", "half")
    ]
    shown = wide[0].dropna(axis=1, how="all")
    sure = Sureness(wide[1][shown.columns], shown.isna() & False)
    figure, axes = matrix_axes(shown)
    image = draw_cells(axes, shown, float(shown.max(axis=None)), "{:.1f}", sure, low=0.0)
    axes.set(xlabel="target", ylabel="source")
    figure.colorbar(image, ax=axes, label="share of the target's affinity (%)", shrink=0.9)
    entitle(axes, title, subtitle, "±: half the interval (jackknife over test rows)")
    return figure


def dendrograms(clusters: pd.DataFrame, title: str, subtitle: str) -> Figure:
    """Trees of sources and of targets, with the support of each merge.

    Parameters
    ----------
    clusters : DataFrame
        Columns ``CLUSTERS``.
    title, subtitle : str
        What was found, and of how many.
    """
    sides = list(clusters["side"].unique())
    leaves = max(len(clusters[clusters["side"] == side]) for side in sides) + 1
    figure = Figure(figsize=(5.2 * len(sides), 1.6 + 0.27 * leaves), layout="constrained")
    for place, side in enumerate(sides, start=1):
        axes = figure.add_subplot(1, len(sides), place)
        _tree(axes, clusters[clusters["side"] == side])
        entitle(axes, f"{side}s")
    entitle_panels(figure, None, title, subtitle)
    return figure


def _tree(axes: Axes, merges: pd.DataFrame) -> None:
    """One tree, leaves on the left, the distance to the right."""
    children = {f"#{row['merge']}": (row["left"], row["right"]) for row in merges.to_dict("records")}
    order = _leaves(f"#{merges['merge'].max()}", children)
    at = {name: (0.0, float(place)) for place, name in enumerate(order)}
    for row in merges.to_dict("records"):
        (left, low), (right, high) = at[row["left"]], at[row["right"]]
        height = row["height"]
        axes.plot([left, height, height, right], [low, low, high, high], color="0.25", linewidth=1.2)
        at[f"#{row['merge']}"] = height, (low + high) / 2
        if len(merges) <= _MARKED and not np.isnan(row["support"]):
            support = axes.annotate(
                f"{100 * row['support']:.0f}",
                (height, (low + high) / 2),
                (2, 2),
                fontsize=7,
                textcoords="offset points",
                color="0.25",
            )
            support.set_in_layout(False)  # it lies within the axes
    name_ticks(axes.yaxis, order, fontsize=9 if len(order) <= 40 else 5)
    axes.invert_yaxis()
    axes.set(xlabel="1 - correlation of gains", xlim=(0, None))
    axes.spines[["top", "right", "left"]].set_visible(False)


def _leaves(name: str, children: dict[str, tuple[str, str]]) -> list[str]:
    """The leaves below a merge, from one end to the other."""
    stack, found = [name], []
    while stack:
        top = stack.pop()
        if top in children:
            stack += reversed(children[top])
        else:
            found.append(top)
    return found
