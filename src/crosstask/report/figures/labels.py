"""Text in figures: titles, names along an axis, names beside points."""

from collections.abc import Iterable
from textwrap import wrap
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.text import Annotation
from matplotlib.textpath import text_to_path

_TITLE, _BELOW = 11, 9  # points of a title, and of the lines under it
_SPACING = 1.2  # lines are so many times as high as their letters
_MARGIN = 0.01  # of a figure's width on either side of its title
_POINT = 4  # pixels kept free on each side of a point
_PLACES = [
    (6, 0, "left", "center"),
    (-6, 0, "right", "center"),
    (0, 6, "center", "bottom"),
    (0, -6, "center", "top"),
]
_PLACES += [(x, y, "left" if x > 0 else "right", "bottom" if y > 0 else "top") for x in (4, -4) for y in (4, -4)]
"""Offsets in points and alignments, the preferred first."""
MEASURED = 40
"""Names of an axis that are measured to find room for them: the longest."""


def entitle(figure: Figure, title: str, *below: str) -> None:
    """A bold title over a figure and smaller lines under it, wrapped to its width; empty lines are left out.

    The figure becomes higher by the lines that wrapping adds, so that what is drawn keeps its size.
    """
    room = (1 - 2 * _MARGIN) * figure.get_figwidth()
    given = [line for line in below if line]
    heading = wrapped(title, room, _TITLE, "bold")
    lines = [part for line in given for part in wrapped(line, room, _BELOW)]
    added = len(heading) - 1 + len(lines) - len(given)
    figure.set_figheight(figure.get_figheight() + added * _SPACING * _TITLE / 72)
    # Empty lines of the title keep the room in which the smaller ones stand.
    text = "\n".join([*heading, *[""] * len(lines)])
    over = figure.suptitle(text, x=_MARGIN, ha="left", fontsize=_TITLE, fontweight="bold")
    under = Annotation("\n".join(lines), (0, 0), xycoords=over, fontsize=_BELOW, va="bottom", annotation_clip=False)
    under.set_in_layout(False)  # it lies within the title
    figure.add_artist(under)


def entitle_panel(axes: Axes, title: str) -> None:
    """A bold title over one panel of a figure."""
    axes.set_title(title, loc="left", fontsize=_TITLE, fontweight="bold")


def key_below(figure: Figure, panels: Iterable[Axes]) -> None:
    """The key to the marks of all panels, below them."""
    marks: dict[str, Any] = {}
    for axes in panels:
        handles, labels = axes.get_legend_handles_labels()
        marks |= dict(zip(labels, handles, strict=True))
    figure.legend(list(marks.values()), list(marks), frameon=False, fontsize=8, loc="outside lower right", ncols=2)


def wrapped(text: str, room: float, size: float, weight: str = "normal") -> list[str]:
    """Text in lines that fit.

    Parameters
    ----------
    text : str
        One line.
    room : float
        Inches across.
    size : float
        Points of the letters.
    weight : str
        Their weight.

    Returns
    -------
    list of str
        Broken between words; within a word that alone is too wide.
    """
    font = FontProperties(size=size, weight=weight)

    def width(line: str) -> float:
        return float(text_to_path.get_text_width_height_descent(line, font, ismath=False)[0]) / 72

    letters, lines = len(text), [text]
    while letters > 1 and max(map(width, lines)) > room:
        letters = min(letters - 1, max(map(len, lines)))
        lines = wrap(text, letters, break_on_hyphens=False)
    return lines


def name_ticks(axis: Axis, names: Iterable[object], **style: Any) -> None:
    """Write names at 0, 1, 2, ... of an axis, without tick marks.

    Parameters
    ----------
    axis : Axis
        ``axes.xaxis`` or ``axes.yaxis``.
    names : iterable
        In the order of the places.
    **style
        What matplotlib's ``Text`` takes.
    """
    written = [str(name) for name in names]
    # First, as ticks that are there would be changed one by one. A mark without length would be drawn, too.
    axis.set_tick_params(length=0, bottom=False, left=False)
    axis.set_ticks(range(len(written)), written, **style)
    # Each label is measured some ten times for a file. Of hundreds the longest decide how much room all take.
    by_length = sorted(zip(written, axis.get_ticklabels(), strict=True), key=lambda named: -len(named[0]))
    for _, label in by_length[MEASURED:]:
        label.set_in_layout(False)


def place_labels(figure: Figure, axes: Axes, points: np.ndarray, names: list[str], every: bool = True) -> None:
    """Write each name at one of eight places round its point, where it hides least of the names placed before it.

    Parameters
    ----------
    figure, axes
        Where the points have been drawn; limits and layout must be final.
    points : ndarray, shape (n, 2)
        In data coordinates.
    names : list of str, length n
        The labels; the first have the first choice of place.
    every : bool
        Whether to write names that cannot but overlap; otherwise they are left out.
    """
    FigureCanvasAgg(figure)  # becomes the figure's canvas, which can measure text
    figure.draw_without_rendering()
    pixels = axes.transData.transform(points)
    taken = [*np.hstack([pixels - _POINT, pixels + _POINT])]
    for point, name in zip(points, names, strict=True):
        label = axes.annotate(name, (point[0], point[1]), (0, 0), textcoords="offset points", fontsize=9)
        boxes = [np.array(_moved(label, place).get_window_extent().extents) for place in _PLACES]
        hidden = [_hidden(box, np.array(taken), np.array(axes.bbox.extents)) for box in boxes]
        best = int(np.argmin(hidden))
        if hidden[best] > 0 and not every:
            label.remove()
        else:
            _moved(label, _PLACES[best])
            taken.append(boxes[best])


def _moved(label: Annotation, place: tuple[int, int, str, str]) -> Annotation:
    """The label at the place given."""
    across, up, horizontal, vertical = place
    label.set_position((across, up))
    label.set(ha=horizontal, va=vertical)
    return label


def _hidden(box: np.ndarray, taken: np.ndarray, inside: np.ndarray) -> float:
    """Area of a box (left, bottom, right, top) that covers boxes taken, plus the area outside the axes."""
    own, within = _shared_area(box, np.stack([box, inside]))
    return float(_shared_area(box, taken).sum() + own - within)


def _shared_area(box: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Area shared with each of the other boxes, shape (n,)."""
    sides = np.minimum(box[2:], others[:, 2:]) - np.maximum(box[:2], others[:, :2])
    area: np.ndarray = sides.clip(min=0).prod(axis=1)
    return area
