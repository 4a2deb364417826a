"""Which step of a color scale stands for a number; :mod:`crosstask.report.page.palette` has the colors."""

import math
from collections.abc import Iterable, Mapping

from crosstask.report.page.blocks import TONES
from crosstask.report.page.numbers import is_missing

Place = tuple[str, str]
"""Source and target."""


def diverging(value: float, limit: float) -> str:
    """The step for a number of either sign; ``limit`` is the magnitude of the darkest.

    Examples
    --------
    >>> diverging(-0.1, 0.1), diverging(0.0, 0.1), diverging(0.001, 0.1)
    ('n8', 'z', 'p1')
    """
    if is_missing(value) or value == 0:
        return "z"
    return f"{'p' if value > 0 else 'n'}{max(1, min(TONES, round(TONES * abs(value) / limit)))}"


def sequential(value: float, low: float, high: float) -> str:
    """The step for a number between two others.

    Examples
    --------
    >>> sequential(0.5, 0, 1), sequential(3, 3, 3)
    ('s4', 's0')
    """
    share = (value - low) / (high - low) if high > low else 0.0
    return f"s{max(0, min(TONES, round(TONES * share)))}"


def largest(values: Mapping[Place, float], homes: Iterable[Place]) -> float:
    """Largest magnitude off the diagonal, else anywhere, else 1: as the figures have it."""
    for chosen in (values.keys() - set(homes), values.keys()):
        found = max((abs(values[place]) for place in chosen if math.isfinite(values[place])), default=0.0)
        if found > 0:
            return found
    return 1.0
