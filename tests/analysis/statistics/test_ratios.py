"""Fieller's interval has the ratios that a test does not reject, and no ends where the denominator may be 0."""

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import t

from crosstask.analysis.statistics.ratios import RatioPart, quantiles, ratio_interval

EXAMPLES = RatioPart(0.0009, 0.0005, 0.0012, 199)
SEEDS = RatioPart(0.0004, 0.0, 0.0, 2)


def excess(ratio: float, numerator: float, denominator: float, alpha: float) -> float:
    """By how much a ratio is rejected, worked out from each part's own quantile."""
    allowed = sum(
        t.isf(alpha / 2, part.df) ** 2 * (part.numerator - 2 * ratio * part.both + ratio**2 * part.denominator)
        for part in (EXAMPLES, SEEDS)
    )
    return (numerator - ratio * denominator) ** 2 - allowed


@pytest.mark.parametrize("alpha", [0.05, 0.2])
def test_its_ends_are_the_ratios_that_are_just_rejected(alpha: float):
    numerator, denominator = 0.21, 0.35
    low, high = ratio_interval(numerator, denominator, [EXAMPLES, SEEDS], alpha)
    ratio = numerator / denominator
    assert low == pytest.approx(brentq(excess, -5, ratio, args=(numerator, denominator, alpha)))
    assert high == pytest.approx(brentq(excess, ratio, 5, args=(numerator, denominator, alpha)))


def test_it_is_that_of_both_signs():
    low, high = ratio_interval(-0.2, -0.4, [EXAMPLES], 0.05)
    assert [low, high] == [pytest.approx(end) for end in ratio_interval(0.2, 0.4, [EXAMPLES], 0.05)]


def test_a_denominator_that_may_be_0_gives_none():
    low, high = ratio_interval(np.array([0.2, 0.2]), np.array([0.06, 0.08]), [EXAMPLES], 0.05)
    assert np.isnan(low).tolist() == np.isnan(high).tolist() == [True, False]  # 1.97 standard errors are 0.068


def test_a_part_without_degrees_of_freedom_adds_nothing():
    plain = ratio_interval(0.2, 0.4, [EXAMPLES], 0.05)
    found = ratio_interval(0.2, 0.4, [EXAMPLES, RatioPart(0.0, 0.0, 0.0, 0)], 0.05)
    assert [float(end) for end in found] == pytest.approx([float(end) for end in plain])
    assert quantiles([0, np.inf, 3], 0.05).tolist() == pytest.approx([0, 1.959964, t.isf(0.025, 3)])
