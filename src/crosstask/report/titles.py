"""Titles of figures."""

from matplotlib.axes import Axes


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
