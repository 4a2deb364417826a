"""Figures of components, each beside its null model."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from crosstask.analysis.figures import ComponentIntervals, LoadingMap, ScreePlot, SourcePlane
from crosstask.analysis.schema import BASE
from crosstask.report.figures.heat_map import draw_cells, matrix_axes
from crosstask.report.figures.labels import entitle, name_ticks, place_labels
from crosstask.report.figures.selection import MOST_COMPONENTS, MOST_OF_MAP, largest, shown_of

_BLUE, _GRAY, _LIGHT_GRAY = "#2166ac", "0.45", "0.55"
_FEW = 20  # sources whose names surely find room in a plane
_MANY = 60  # sources that are named at most, and of more than which points are small
_PANEL = (2.6, 0.24)  # inches across, and down per name


def loading_map(request: LoadingMap) -> Figure:
    """Draw eigenvectors, components down and targets across."""
    retained = request.components.set_index("component")["retained"]
    first = request.loadings.iloc[:, :MOST_COMPONENTS]
    targets = largest((first**2).sum(axis=1), MOST_OF_MAP)
    across = first.loc[targets].T.rename(
        index=lambda name: ("* " if retained[name] else "") + beside_noise(name, request.components, "noise ")
    )
    figure, axes = matrix_axes(across)
    image = draw_cells(axes, across, float(across.abs().max(axis=None)), "{:+z.2f}")
    axes.set(xlabel="target", ylabel="component")
    figure.colorbar(image, ax=axes, label="loading (eigenvector of length 1)", shrink=0.9)
    key = "variance explained, and by noise: mean to 95th percentile"
    some = [
        shown_of(first.shape[1], request.loadings.shape[1], "components", "the first"),
        shown_of(len(targets), len(first), "targets", "those with the largest loadings"),
    ]
    entitle(figure, request.title, "loadings of the targets", request.subtitle, "; ".join(filter(None, some)), key)
    return figure


def scree_plot(request: ScreePlot) -> Figure:
    """Draw the explained variance of each component in front of that of the null model."""
    variance, null = request.components.head(MOST_COMPONENTS), request.null.head(MOST_COMPONENTS)
    figure = Figure(figsize=(max(6.2, 1.5 + 0.5 * len(null)), 4.4), layout="constrained")
    axes = figure.add_subplot()
    places = np.arange(len(null))
    axes.fill_between(places, 100 * null["p05"], 100 * null["p95"], color="0.85", label="noise, 5th to 95th percentile")
    axes.plot(places, 100 * null["mean"], "--", color=_GRAY, label="noise, mean")
    shares = 100 * variance["explained_variance_ratio"].to_numpy()
    kept = variance["retained"].to_numpy(bool)
    axes.plot(places[: len(shares)], shares, "o-", color=_BLUE, markerfacecolor="white", label="observed")
    if kept.any():
        axes.plot(places[: len(shares)][kept], shares[kept], "o", color=_BLUE, label="distinguishable from noise")
    needed = 100 * variance["threshold"].to_numpy()
    axes.plot(places[: len(shares)], needed, "k_", markersize=16, label="needed, given those before")
    for place, share in enumerate(shares):
        axes.annotate(
            f"{share:.1f}", (place, share), (4, 5), textcoords="offset points", color=_BLUE, fontsize=8
        ).set_in_layout(False)  # it lies within the axes
    name_ticks(axes.xaxis, null["component"])
    axes.margins(y=0.12)
    axes.set(xlabel="component", ylabel="variance explained (%)", ylim=(0, None))
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    some = shown_of(len(variance), len(request.components), "components", "the first")
    entitle(figure, request.title, request.subtitle, some)
    return figure


def source_plane(request: SourcePlane) -> Figure:
    """Draw sources as points in the plane of two components."""
    traits, components, plane = request.traits, request.components, request.plane
    figure = Figure(figsize=(6.4, 5.6), layout="constrained")
    axes = figure.add_subplot()
    points = traits[list(plane)].to_numpy()
    axes.axhline(0, color="0.85", linewidth=1, zorder=0)
    axes.axvline(0, color="0.85", linewidth=1, zorder=0)
    tuned = traits.index != BASE
    axes.plot(*points[tuned].T, "o", color=_BLUE, markersize=5 if len(points) <= _MANY else 2)
    axes.plot(*points[~tuned].T, "D", color="black", markersize=5)
    axes.margins(0.12)
    axes.set(xlabel=beside_noise(plane[0], components), ylabel=beside_noise(plane[1], components))
    axes.spines[["top", "right"]].set_visible(False)
    every = len(points) <= _FEW
    room = "" if every else "named where there is room"
    entitle(figure, request.title, "traits of the sources", request.subtitle, room)
    farthest = np.argsort(-np.hypot(*points.T), kind="stable")[:_MANY]
    place_labels(figure, axes, points[farthest], [str(traits.index[place]) for place in farthest], every)
    return figure


def interval_plot(request: ComponentIntervals) -> Figure:
    """Draw loadings or traits with their intervals: a panel per component, targets or sources down."""
    kind = request.intervals.columns[1]
    of_names = request.intervals[request.value].abs().groupby(request.intervals[kind], sort=False).max()
    of_names = of_names.drop(BASE, errors="ignore")  # it is none of the sources that are counted, and always shown
    intervals = request.intervals[request.intervals[kind].isin([*largest(of_names), BASE])]
    shown, names = intervals["component"].unique(), intervals[kind].unique()
    size = (1.6 + 0.08 * max(map(len, map(str, names))) + _PANEL[0] * len(shown), 1.6 + _PANEL[1] * len(names))
    figure = Figure(figsize=(max(size[0], 7.0), size[1]), layout="constrained")
    panels = figure.subplots(1, len(shown), sharex=True, sharey=True, squeeze=False)[0]
    for axes, (component, rows) in zip(panels, intervals.groupby("component", sort=False), strict=True):
        _panel(axes, str(component), rows, request)
    for axes in panels[1:]:
        axes.tick_params(axis="y", left=False)  # the names stand beside the first panel
    name_ticks(panels[0].yaxis, names)
    panels[0].set_ylim(len(names) - 0.4, -0.6)
    some = shown_of(len(names) - (BASE in names), len(of_names), f"{kind}s", f"those with the largest {request.value}s")
    entitle(figure, request.title, request.subtitle, some)
    return figure


def _panel(axes: Axes, component: str, rows: pd.DataFrame, request: ComponentIntervals) -> None:
    """Draw the intervals of one component."""
    kept = bool(request.components.set_index("component")["retained"][component])
    values = rows[request.value]
    axes.axvline(0, color="0.8", linewidth=1, zorder=0)
    axes.errorbar(
        values,
        range(len(rows)),
        xerr=[values - rows["ci_low"], rows["ci_high"] - values],
        fmt="o",
        markersize=4,
        linewidth=1.3,
        color=_BLUE if kept else _LIGHT_GRAY,
        markerfacecolor=_BLUE if kept else "white",
    )
    if request.of_replicates:
        heading = _beside_relabeled(component, request.components, "comes back" if kept else "does not come back")
    else:
        told = "distinguishable from noise" if kept else "not distinguishable from noise"
        heading = f"{beside_noise(component, request.components, 'noise ')}\n{told}"
    axes.set_title(heading, fontsize=9)
    axes.set_xlabel(request.value)
    axes.spines[["top", "right"]].set_visible(False)


def beside_noise(component: object, components: pd.DataFrame, of_noise: str = "noise, mean to 95th: ") -> str:
    """PC1: 34.2 % (noise, mean to 95th: 29.5 to 35.8 %)."""
    row = components.set_index("component").loc[component]
    null = f"{of_noise}{100 * row['null_mean']:.1f} to {100 * row['null_p95']:.1f} %"
    return f"{component}: {100 * row['explained_variance_ratio']:.1f} % ({null})"


def _beside_relabeled(component: str, components: pd.DataFrame, told: str) -> str:
    """R1: r = +0.73, comes back; on a second line the mean and the 95th percentile of relabeled sources."""
    row = components.set_index("component").loc[component]
    correlation, mean, high = (f"{row[name]:+z.2f}" for name in ("correlation", "null_mean", "null_p95"))
    return f"{component}: r = {correlation}, {told}\nrelabeled: mean {mean}, 95th {high}"
