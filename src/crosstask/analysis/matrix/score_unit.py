"""The unit scores are written in, and how they are shown: a display matter, the tables stay as they are."""

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class ScoreUnit:
    """How numbers of a score table are shown."""

    name: str
    """What the table's scores are."""
    factor: float
    """Number shown = score x factor."""
    score_label: str
    """Unit of a score shown."""
    gain_label: str
    """Unit of a difference shown."""
    ceiling: float
    """Score of a perfect model; NaN where there is none."""


FRACTION = ScoreUnit("fractions", 100.0, "%", "percentage points", 1.0)
PERCENT = ScoreUnit("percentages", 1.0, "%", "percentage points", 100.0)
OTHER = ScoreUnit("numbers outside 0 to 100", 1.0, "as in the table", "unit of the table", float("nan"))


def score_unit(scores: pd.DataFrame) -> ScoreUnit:
    """Unit of a score table, from the range of its scores.

    Parameters
    ----------
    scores : DataFrame
        Column ``score``.

    Returns
    -------
    ScoreUnit
        ``FRACTION`` if all lie in 0 to 1, ``PERCENT`` if all lie in 0 to 100, else ``OTHER``.

    Examples
    --------
    >>> score_unit(pd.DataFrame({"score": [0.0, 97.5]})).name
    'percentages'
    """
    low, high = scores["score"].min(), scores["score"].max()
    if low < 0 or high > 100:
        return OTHER
    return PERCENT if high > 1 else FRACTION
