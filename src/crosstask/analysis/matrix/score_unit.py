"""The unit scores are written in, and how they are shown: a display matter, the tables stay as they are."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import pandas as pd

_MOST = 6  # decimals
_SMALLEST_POINTS = 0.1  # a usual difference of shares that one decimal is enough for


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
    """Score of a perfect model; NaN where there is none, or where scores below 0 are no shares of it."""
    full: float | None = None
    """The number that stands for 100 %, of numbers below 0 as well; None where none does."""
    decimals: int = 1
    """Of a number shown."""

    @property
    def form(self) -> str:
        """How a difference that is in the unit already is written, for ``str.format``."""
        return f"{{:+z.{self.decimals}f}}"

    def difference(self, value: float) -> str:
        """A difference as it is shown, with its sign."""
        return self.form.format(self.factor * value)

    def with_decimals(self, usual: Iterable[float]) -> "ScoreUnit":
        """The unit with the decimals that make two digits of a usual difference.

        Of shares it is one, unless a usual difference is below 0.1 percentage points.

        Parameters
        ----------
        usual : iterable of float
            Differences, as tables have them; 0 and what is not finite do not count.

        Examples
        --------
        >>> OTHER.with_decimals([0.0448, -0.05]).decimals, OTHER.with_decimals([12]).decimals
        (3, 1)
        >>> FRACTION.with_decimals([0.002]).decimals, FRACTION.with_decimals([0.0004]).decimals
        (1, 3)
        """
        sizes = sorted(abs(float(value)) for value in usual if math.isfinite(value) and value != 0)
        if not sizes:
            return self
        middle = self.factor * sizes[len(sizes) // 2]
        if self.full is not None and middle >= _SMALLEST_POINTS:
            return self
        return replace(self, decimals=max(1, min(_MOST, 1 - math.floor(math.log10(middle)))))


FRACTION = ScoreUnit("fractions", 100.0, "%", "percentage points", 1.0, 1.0)
PERCENT = ScoreUnit("percentages", 1.0, "%", "percentage points", 100.0, 100.0)
OTHER = ScoreUnit("numbers outside 0 to 100", 1.0, "as in the table", "the table's unit", float("nan"))
SIGNED_FRACTION = ScoreUnit("numbers from -1 to 1", 100.0, "hundredths", "hundredths", float("nan"), 1.0)
"""Such as correlations."""
SIGNED_PERCENT = ScoreUnit("numbers from -100 to 100", 1.0, "as in the table", "points", float("nan"), 100.0)
STANDARDIZED = ScoreUnit("of several units", 1.0, "as in the table", "standard deviations of the target", float("nan"))
"""Scores of several units, each over the standard deviation of its target over sources."""


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


def target_units(scores: pd.DataFrame, stated: Mapping[str, ScoreUnit] | None = None) -> dict[str, ScoreUnit]:
    """Unit of each target: of all together where one fits them, else of each by itself.

    Parameters
    ----------
    scores : DataFrame
        Columns ``target`` and ``score``.
    stated : mapping of str to ScoreUnit, optional
        Units that are known.

    Returns
    -------
    dict of str to ScoreUnit
        By target, in the order in which they come.

    Examples
    --------
    >>> scores = pd.DataFrame({"target": ["rte", "cola", "ppl"], "score": [0.6, -0.1, 130]})
    >>> [unit.name for unit in target_units(scores).values()]
    ['fractions', 'numbers from -1 to 1', 'numbers outside 0 to 100']
    """
    stated = stated or {}
    open_ones = scores[~scores["target"].isin(list(stated))]
    common = score_unit(open_ones) if len(open_ones) else OTHER
    ranges = open_ones.groupby("target", sort=False)["score"].agg(["min", "max"])
    own = {
        str(target): _of_range(*limits) if common is OTHER else common
        for target, *limits in ranges.itertuples(name=None)
    }
    return {target: (own | dict(stated))[target] for target in dict.fromkeys(map(str, scores["target"]))}


def _of_range(low: float, high: float) -> ScoreUnit:
    """Unit of scores between two numbers."""
    if low < 0:
        return SIGNED_FRACTION if low >= -1 and high <= 1 else SIGNED_PERCENT if low >= -100 and high <= 100 else OTHER
    return FRACTION if high <= 1 else PERCENT if high <= 100 else OTHER
