"""Drawing a table as a grid of colored cells with their numbers, on diverging colors centered on 0.

Colors run from red (negative) over white to blue (positive), which color-blind readers can tell apart. In
gray both ends are dark, so every cell also has its number with its sign. Cells without a value are hatched. A large
table has smaller cells without numbers; there a dot marks what is significant.
"""

import math

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.patches import Rectangle

from crosstask.analysis.figures import Significance
from crosstask.report.figures.labels import name_ticks

_COLORS = "RdBu"
_CELL = (0.66, 0.4)  # inches across and down; holds "+12.3" in 8 points and a line under it in 6
_SMALL_CELL = (0.1, 0.1)
_NARROWEST = 7.5  # inches; holds the lines under a title
_LOWEST = 2.4  # inches of the cells; holds what stands along the axes and the color scale
_LETTER = 0.009  # inches across, per point of its size
_SLANT = 35  # degrees of the names of columns
_NO_SIGN = str.maketrans("", "", "+z")  # of a form
_NUMBERS = 40  # rows and columns up to which cells have numbers


def matrix_axes(table: pd.DataFrame) -> tuple[Figure, Axes]:
    """A figure of a size to suit the table, with its names along the axes."""
    rows, columns = table.shape
    across, down = _CELL if has_numbers(table) else _SMALL_CELL
    size = 10 if has_numbers(table) else 5
    beside, below = (_LETTER * max(map(len, map(str, names))) for names in (table.index, table.columns))
    width = max(_NARROWEST, 2.2 + 10 * beside + across * columns)
    slope = math.sin(math.radians(_SLANT)) if has_numbers(table) else 1
    height = 1.2 + slope * size * below + max(_LOWEST, down * rows)
    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.add_subplot()
    name_ticks(
        axes.xaxis,
        table.columns,
        rotation=_SLANT if has_numbers(table) else 90,
        ha="right",
        va="top" if has_numbers(table) else "center",
        rotation_mode="anchor",
        fontsize=size,
    )
    name_ticks(axes.yaxis, table.index, fontsize=size)
    axes.spines[:].set_visible(False)
    return figure, axes


def has_numbers(table: pd.DataFrame) -> bool:
    """Whether the cells of a table are large enough for their numbers."""
    return max(table.shape) <= _NUMBERS


def draw_cells(
    axes: Axes,
    table: pd.DataFrame,
    limit: float,
    form: str,
    marks: Significance | None = None,
    low: float | None = None,
) -> AxesImage:
    """Color the cells from -limit (or low) to limit and print each number in the format given.

    With ``marks`` half the width of its interval stands under each number, and those that are significant are bold.
    """
    values = table.to_numpy(float)
    norm = Normalize(-limit if low is None else low, limit)
    image = axes.imshow(
        values, cmap=_COLORS if low is None else "Blues", norm=norm, aspect="auto", interpolation="nearest"
    )
    for row, column in np.argwhere(np.isnan(values)):
        axes.add_patch(_cell(row, column, hatch="////", edgecolor="0.6", linewidth=0))
    if has_numbers(table):
        _write_numbers(axes, values, limit, form, marks)
    elif marks is not None:
        row, column = np.nonzero(marks.significant.to_numpy(bool))
        axes.plot(column, row, ".", color="black", markersize=2)
    return image


def _write_numbers(axes: Axes, values: np.ndarray, limit: float, form: str, marks: Significance | None) -> None:
    """Write each number into its cell, and its interval under it."""
    half_widths = None if marks is None else marks.half_widths.to_numpy(float)
    bold = np.zeros(values.shape, bool) if marks is None else marks.significant.to_numpy(bool)
    for (row, column), value in np.ndenumerate(values):
        if np.isnan(value):
            continue
        ink = "white" if abs(value) > 0.62 * limit else "black"
        lines = [(0.0, form.format(value), 8, "bold" if bold[row, column] else "normal")]
        if half_widths is not None and not np.isnan(half_widths[row, column]):
            lines = [
                (-0.15, *lines[0][1:]),
                (0.25, f"±{form.translate(_NO_SIGN)}".format(half_widths[row, column]), 6, "normal"),
            ]
        for down, text, size, weight in lines:
            written = axes.text(
                column, row + down, text, ha="center", va="center", color=ink, fontsize=size, fontweight=weight
            )
            written.set_in_layout(False)  # it lies within the axes; measuring thousands of them takes seconds


def marks_key(table: pd.DataFrame) -> str:
    """What the marks of significance mean."""
    if has_numbers(table):
        return "±: half the interval; bold: significant"
    return "dot: significant"


def color_limit(preferred: pd.DataFrame, otherwise: pd.DataFrame) -> float:
    """Largest magnitude among the preferred cells, else among the others, else 1."""
    for table in (preferred, otherwise):
        largest = table.abs().max(axis=None)
        if largest > 0 and math.isfinite(largest):
            return float(largest)
    return 1.0


def outline_cells(axes: Axes, mask: pd.DataFrame) -> None:
    """Draw a black frame round every cell where the mask is True."""
    for row, column in np.argwhere(mask.to_numpy(bool)):
        axes.add_patch(_cell(row, column, edgecolor="black", linewidth=1.8))


def _cell(row: int, column: int, **style: object) -> Rectangle:
    """The outline of one cell."""
    return Rectangle((column - 0.5, row - 0.5), 1, 1, fill=False, **style)  # type: ignore[arg-type]
