"""Figures of the transfer matrix and its components: a table in, a matplotlib Figure out.

Figures are built without pyplot, so nothing is kept open and no window system is asked for.
"""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from crosstask.analysis.matrix.score_unit import FRACTION, ScoreUnit
from crosstask.analysis.schema import BASE
from crosstask.report.figures.heat_map import (
    Sureness,
    colour_limit,
    draw_cells,
    matrix_axes,
    outline_cells,
    sureness_key,
)
from crosstask.report.figures.labels import place_labels
from crosstask.report.figures.tick_names import name_ticks
from crosstask.report.figures.titles import entitle

_BLUE, _GREY = "#2166ac", "0.45"
_FEW = 20  # sources whose names surely find room in a plane


def gain_map(
    gains: pd.DataFrame,
    home: pd.DataFrame,
    unit: ScoreUnit = FRACTION,
    title: str = "Gain over the base model",
    subtitle: str = "",
    sureness: Sureness | None = None,
) -> Figure:
    """Heat map of gains, sources down and targets across.

    Parameters
    ----------
    gains : DataFrame, shape (n_sources, n_targets)
        In the unit of the scores; cells that are NaN are hatched.
    home : DataFrame of bool, same shape
        Cells to outline: a source on its own task. The colour scale is that of the other cells, because
        training on the task itself often gains several times as much.
    unit : ScoreUnit
        How the numbers are shown.
    title, subtitle : str
        What is shown, and of how many seeds and rows.
    sureness : Sureness, optional
        Half-widths of the intervals, in the unit of the scores, and which gains are significant.
    """
    shown = gains * unit.factor
    limit = colour_limit(shown.where(~home), shown)
    beyond = bool((shown.abs() > limit).any(axis=None))
    figure, axes = matrix_axes(shown)
    sure = sureness and Sureness(sureness.half_widths * unit.factor, sureness.significant)
    image = draw_cells(axes, shown, limit, "{:+z.1f}", sure)
    outline_cells(axes, home)
    axes.set(xlabel="target (scored on)", ylabel="source (fine-tuned on)")
    figure.colorbar(image, ax=axes, label=unit.gain_label, extend="both" if beyond else "neither", shrink=0.9)
    key = []
    if home.any(axis=None):
        key.append("outlined: the source's own task" + (", may exceed the colour scale" if beyond else ""))
    if shown.isna().any(axis=None):
        key.append("hatched: no score")
    if sureness:
        key.append(sureness_key(shown))
    entitle(axes, title, subtitle, "; ".join(key))
    return figure


def loading_map(loadings: pd.DataFrame, components: pd.DataFrame, subtitle: str = "") -> Figure:
    """Heat map of eigenvectors, components down and targets across.

    Parameters
    ----------
    loadings : DataFrame, shape (n_targets, n_components)
        Unit-length eigenvectors.
    components : DataFrame
        Columns ``COMPONENTS``; those told from noise are starred.
    subtitle : str
        What was analysed.
    """
    retained = components.set_index("component")["retained"]
    across = loadings.T.rename(
        index=lambda name: ("* " if retained[name] else "") + beside_noise(name, components, of_noise="noise ")
    )
    figure, axes = matrix_axes(across)
    image = draw_cells(axes, across, float(across.abs().max(axis=None)), "{:+z.2f}")
    axes.set(xlabel="target", ylabel="component")
    figure.colorbar(image, ax=axes, label="loading (eigenvector of length 1)", shrink=0.9)
    key = "variance explained, and by noise: mean to 95th percentile"
    entitle(axes, _told(int(retained.sum())), "loadings of the targets", subtitle, key)
    return figure


def scree_plot(variance: pd.DataFrame, null: pd.DataFrame, subtitle: str = "") -> Figure:
    """Explained variance of each component beside that of noise of the same shape.

    Parameters
    ----------
    variance : DataFrame
        Columns ``component``, ``explained_variance_ratio`` (0 to 1), ``threshold`` and ``retained``.
    null : DataFrame
        Columns ``component``, ``mean``, ``p05`` and ``p95``, as in `NoiseTest`.
    subtitle : str
        What was analysed.
    """
    figure = Figure(figsize=(max(6.2, 1.5 + 0.5 * len(null)), 4.4), layout="constrained")
    axes = figure.add_subplot()
    places = np.arange(len(null))
    axes.fill_between(places, 100 * null["p05"], 100 * null["p95"], color="0.85", label="noise, 5th to 95th percentile")
    axes.plot(places, 100 * null["mean"], "--", color=_GREY, label="noise, mean")
    shares = 100 * variance["explained_variance_ratio"].to_numpy()
    kept = variance["retained"].to_numpy(bool)
    axes.plot(places[: len(shares)], shares, "o-", color=_BLUE, markerfacecolor="white", label="observed")
    if kept.any():
        axes.plot(places[: len(shares)][kept], shares[kept], "o", color=_BLUE, label="told from noise")
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
    entitle(axes, _told(int(kept.sum())), subtitle)
    return figure


def source_plane(
    traits: pd.DataFrame,
    components: pd.DataFrame,
    plane: tuple[str, str] = ("PC1", "PC2"),
    subtitle: str = "",
) -> Figure:
    """Sources as points in the plane of two components, with their names; the base model a black diamond.

    Parameters
    ----------
    traits : DataFrame, shape (n_sources, n_components)
        Unit-length left singular vectors. Of more than 20 sources, those are named whose names find room, the
        farthest from the middle first.
    components : DataFrame
        Columns ``COMPONENTS``.
    plane : tuple of str
        The components along the horizontal and the vertical axis.
    subtitle : str
        What was analysed.
    """
    figure = Figure(figsize=(6.4, 5.6), layout="constrained")
    axes = figure.add_subplot()
    points = traits[list(plane)].to_numpy()
    axes.axhline(0, color="0.85", linewidth=1, zorder=0)
    axes.axvline(0, color="0.85", linewidth=1, zorder=0)
    tuned = traits.index != BASE
    axes.plot(*points[tuned].T, "o", color=_BLUE, markersize=5)
    axes.plot(*points[~tuned].T, "D", color="black", markersize=5)
    axes.margins(0.12)
    axes.set(xlabel=beside_noise(plane[0], components), ylabel=beside_noise(plane[1], components))
    axes.spines[["top", "right"]].set_visible(False)
    every = len(points) <= _FEW
    told = _told(int(components["retained"].sum()))
    entitle(axes, told, "traits of the sources", subtitle, "" if every else "named where there is room")
    farthest = np.argsort(-np.hypot(*points.T), kind="stable")
    place_labels(figure, axes, points[farthest], [str(traits.index[place]) for place in farthest], every)
    return figure


def beside_noise(component: object, components: pd.DataFrame, of_noise: str = "noise, mean to 95th: ") -> str:
    """PC1: 34.2 % (noise, mean to 95th: 29.5 to 35.8 %)."""
    row = components.set_index("component").loc[component]
    null = f"{of_noise}{100 * row['null_mean']:.1f} to {100 * row['null_p95']:.1f} %"
    return f"{component}: {100 * row['explained_variance_ratio']:.1f} % ({null})"


def _told(retained: int) -> str:
    """How many components are told from noise."""
    if retained == 0:
        return "No component is told from noise"
    return f"{retained} {'component is' if retained == 1 else 'components are'} told from noise"
