"""Loadings or traits with their intervals: one panel per component, targets or sources down."""

import pandas as pd
from matplotlib.figure import Figure

from crosstask.report.figures.tick_names import name_ticks
from crosstask.report.figures.traits import beside_noise

_KEPT, _NOT_KEPT = "#2166ac", "0.55"
_PANEL = (2.6, 0.24)  # inches across, and down per name


def interval_plot(
    intervals: pd.DataFrame, components: pd.DataFrame, value: str, title: str, subtitle: str = ""
) -> Figure:
    """Points with 95 % intervals.

    Components told from noise are blue with filled points, the others grey with open ones.

    Parameters
    ----------
    intervals : DataFrame
        ``component``, a column of names, the values, ``ci_low`` and ``ci_high``, in this order.
    components : DataFrame
        Columns ``COMPONENTS``.
    value : str
        The column of values, which also labels the axes.
    title, subtitle : str
        What is shown, and of what; the second stands below.
    """
    shown, retained = intervals["component"].unique(), components.set_index("component")["retained"]
    names = intervals[intervals.columns[1]].unique()
    size = (1.6 + 0.08 * max(map(len, map(str, names))) + _PANEL[0] * len(shown), 1.6 + _PANEL[1] * len(names))
    figure = Figure(figsize=(max(size[0], 7.0), size[1]), layout="constrained")
    panels = figure.subplots(1, len(shown), sharex=True, sharey=True, squeeze=False)[0]
    for place, (axes, (component, rows)) in enumerate(
        zip(panels, intervals.groupby("component", sort=False), strict=True)
    ):
        kept = bool(retained[component])
        spread = [rows[value] - rows["ci_low"], rows["ci_high"] - rows[value]]
        axes.axvline(0, color="0.8", linewidth=1, zorder=0)
        axes.errorbar(
            rows[value],
            range(len(rows)),
            xerr=spread,
            fmt="o",
            markersize=4,
            linewidth=1.3,
            color=_KEPT if kept else _NOT_KEPT,
            markerfacecolor=_KEPT if kept else "white",
        )
        told = "told from noise" if kept else "not told from noise"
        axes.set_title(f"{beside_noise(component, components, of_noise='noise ')}\n{told}", fontsize=9)
        axes.set_xlabel(value)
        axes.spines[["top", "right"]].set_visible(False)
        if place > 0:
            axes.tick_params(axis="y", left=False)  # the names stand beside the first panel
    name_ticks(panels[0].yaxis, names)
    panels[0].invert_yaxis()
    figure.suptitle(title, x=0.01, ha="left", fontsize=11, fontweight="bold")
    figure.supxlabel(subtitle, x=0.01, ha="left", fontsize=9)
    return figure
