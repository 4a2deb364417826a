"""Drawing a table as a grid of coloured cells with their numbers, on diverging colours centred on 0.

Colours run from red (negative) over white to blue (positive), which colour-blind readers can tell apart. In
grey both ends are dark, so every cell also has its number with its sign. Cells without a value are hatched.
"""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.patches import Rectangle

_COLOURS = "RdBu"
_CELL = (0.66, 0.36)  # inches across and down; holds "+12.3" in 8 points
_NARROWEST = 7.5  # inches; holds the lines under a title


def matrix_axes(table: pd.DataFrame) -> tuple[Figure, Axes]:
    """A figure of a size to suit the table, with its names along the axes."""
    rows, columns = table.shape
    names = 0.09 * max(map(len, map(str, table.index)))
    width = max(_NARROWEST, 2.2 + names + _CELL[0] * columns)
    figure = Figure(figsize=(width, 1.9 + _CELL[1] * rows), layout="constrained")
    axes = figure.add_subplot()
    axes.set_xticks(
        range(columns), [str(name) for name in table.columns], rotation=35, ha="right", rotation_mode="anchor"
    )
    axes.set_yticks(range(rows), [str(name) for name in table.index])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    return figure, axes


def draw_cells(axes: Axes, table: pd.DataFrame, limit: float, form: str) -> AxesImage:
    """Colour the cells from -limit to limit and print each number in the format given."""
    values = table.to_numpy(float)
    image = axes.imshow(values, cmap=_COLOURS, norm=Normalize(-limit, limit), aspect="auto")
    for (row, column), value in np.ndenumerate(values):
        if np.isnan(value):
            axes.add_patch(_cell(row, column, hatch="////", edgecolor="0.6", linewidth=0))
        else:
            ink = "white" if abs(value) > 0.62 * limit else "black"
            text = axes.text(column, row, form.format(value), ha="center", va="center", color=ink, fontsize=8)
            text.set_in_layout(False)  # it lies within the axes; measuring thousands of them takes seconds
    return image


def outline_cells(axes: Axes, mask: pd.DataFrame) -> None:
    """Draw a black frame round every cell where the mask is True."""
    for row, column in np.argwhere(mask.to_numpy(bool)):
        axes.add_patch(_cell(row, column, edgecolor="black", linewidth=1.8))


def _cell(row: int, column: int, **style: object) -> Rectangle:
    """The outline of one cell."""
    return Rectangle((column - 0.5, row - 0.5), 1, 1, fill=False, **style)  # type: ignore[arg-type]
