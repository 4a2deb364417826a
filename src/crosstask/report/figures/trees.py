"""Trees of sources and of targets."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from crosstask.analysis.figures import Dendrograms
from crosstask.report.figures.labels import entitle, entitle_panel, name_ticks

_MARKED = 60  # merges of a tree that has room for their support, and for names of the usual size
_NAMED = 300  # leaves that have names at all
_LEAF, _SMALL_LEAF, _LOWEST = 0.27, 0.09, 12.0  # inches of a leaf, and of a tree without names


def dendrograms(request: Dendrograms) -> Figure:
    """Draw both trees, with the support of each merge."""
    clusters = request.clusters
    sides = list(clusters["side"].unique())
    leaves = max(len(clusters[clusters["side"] == side]) for side in sides) + 1
    down = _LEAF if leaves <= _MARKED + 1 else _SMALL_LEAF if leaves <= _NAMED else _LOWEST / leaves
    figure = Figure(figsize=(5.2 * len(sides), 1.6 + down * leaves), layout="constrained")
    for place, side in enumerate(sides, start=1):
        axes = figure.add_subplot(1, len(sides), place)
        _tree(axes, clusters[clusters["side"] == side])
        entitle_panel(axes, f"{side}s")
    unnamed = [f"{side}s" for side in sides if (clusters["side"] == side).sum() >= _NAMED]
    none = f"{' and '.join(unnamed)} without names, of more than {_NAMED}: see clusters.csv" if unnamed else ""
    entitle(figure, request.title, request.subtitle, none)
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
    if len(order) <= _NAMED:
        name_ticks(axes.yaxis, order, fontsize=9 if len(order) <= _MARKED + 1 else 5)
    else:
        axes.set_yticks([])
    axes.set_ylim(-1, len(order))
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
