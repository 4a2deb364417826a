"""Names along an axis, also hundreds of them."""

from collections.abc import Iterable
from typing import Any

from matplotlib.axis import Axis

MEASURED = 40
"""Names of an axis that are measured to find room for them: the longest."""


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
    axis.set_ticks(range(len(written)), written, **style)
    axis.set_tick_params(length=0, bottom=False, left=False)  # a mark without length would be drawn, too
    # Each label is measured some ten times for a file. Of hundreds the longest decide how much room all take.
    by_length = sorted(zip(written, axis.get_ticklabels(), strict=True), key=lambda named: -len(named[0]))
    for _, label in by_length[MEASURED:]:
        label.set_in_layout(False)
