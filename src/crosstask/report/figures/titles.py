"""Titles of figures."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure


def entitle(axes: Axes, title: str, *below: str) -> None:
    """A bold title with smaller lines under it; empty lines are left out."""
    lines = [line for line in below if line]
    axes.set_title(title + "\n" * len(lines), loc="left", fontsize=11, fontweight="bold")
    axes.annotate(
        "\n".join(lines),
        (0, 1),
        (0, 6),
        xycoords="axes fraction",
        textcoords="offset points",
        fontsize=9,
        va="bottom",
    )


def entitle_panels(figure: Figure, keyed: Axes | None, title: str, below: str) -> None:
    """A bold title over all panels, a line below them, and there the key to one panel's marks, if it has any."""
    figure.suptitle(title, x=0.01, ha="left", fontsize=11, fontweight="bold")
    figure.supxlabel(below, x=0.01, ha="left", fontsize=9)
    if keyed is not None:
        figure.legend(*keyed.get_legend_handles_labels(), frameon=False, fontsize=8, loc="outside lower right", ncols=2)
