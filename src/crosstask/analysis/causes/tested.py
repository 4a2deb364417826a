"""What a test of one feature gives, and what all of them together say."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from crosstask.analysis.statistics.variance_parts import Array

FEWEST = 5
"""Sources, or targets, of which a feature must be known to be tested."""
_ROUNDING = 1e-9
"""Difference that is none: an assignment may leave all as it is."""


@dataclass(frozen=True)
class Tested:
    """The test of one feature."""

    level: str
    feature: str
    units: int
    """Sources, targets or cells of which it is known."""
    effect: float
    """Of one standard deviation of the feature, in the unit of the gains."""
    low: float
    high: float
    """Its interval."""
    sd: float
    """Standard deviation of the feature, for a pair of what sources and targets leave of it."""
    statistics: Array
    """Size of the test statistic, as observed and then in each assignment, (1 + orders,); empty without a test."""

    @property
    def shares(self) -> Array:
        """For each arrangement the share of all that reach its statistic, (1 + orders,): the first is p."""
        # Those that differ by rounding are the same; the rank of the negative counts all that are at least as large.
        rounded = np.round(self.statistics / max(float(self.statistics[0]), 1e-300), 9)
        return rankdata(-rounded, method="max") / len(rounded)

    @property
    def p(self) -> float:
        """Two-sided p value; NaN without a test."""
        return float(self.shares[0]) if len(self.statistics) else float("nan")


def nothing(level: str, feature: str, units: int) -> Tested:
    """A feature that is known of too few, or the same for all."""
    return Tested(level, feature, units, *(float("nan"),) * 4, np.empty(0))


def useless_as_good(tests: Sequence[Tested]) -> Array:
    """How often one of as many useless features of the same kind would look as good as each, 0 to 1; NaN untested.

    In every arrangement each feature has a share of all that reach it; the smallest of them is the best that chance
    has to offer, and p of a feature is held against the distribution of that (min-p: Westfall and Young 1993,
    "Resampling-based multiple testing"). Features keep their relations among themselves.
    """
    known = [test for test in tests if len(test.statistics)]
    if not known:
        return np.full(len(tests), np.nan)
    best = np.min([test.shares for test in known], axis=0)
    return np.array([float((best <= test.p + _ROUNDING).mean()) if len(test.statistics) else np.nan for test in tests])
