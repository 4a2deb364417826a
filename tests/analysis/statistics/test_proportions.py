"""Intervals and tests of shares against other routes to the same numbers."""

import numpy as np
import pytest
from scipy.stats import binomtest

from crosstask.analysis.statistics.proportions import mcnemar, wilson


@pytest.mark.parametrize(("successes", "n", "alpha"), [(0, 10, 0.05), (7, 9, 0.1), (129, 1319, 0.05), (50, 50, 0.01)])
def test_wilson_agrees_with_scipy(successes, n, alpha):
    other = binomtest(successes, n).proportion_ci(1 - alpha, method="wilson")
    assert wilson(successes / n, n, alpha) == pytest.approx(tuple(other), abs=1e-12)


def test_wilson_of_the_example_by_newcombe():
    # Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I: 81 of 263, 15 of 148
    assert np.round(wilson(81 / 263, 263), 4) == pytest.approx((0.2553, 0.3662))
    assert np.round(wilson(15 / 148, 148), 4) == pytest.approx((0.0624, 0.1605))


@pytest.mark.parametrize(("better", "worse"), [(0, 0), (1, 0), (8, 1), (5, 5), (40, 61), (0, 20)])
def test_mcnemar_is_the_binomial_test_of_the_examples_that_differ(better, worse):
    other = binomtest(better, better + worse).pvalue if better + worse else 1.0
    assert mcnemar(better, worse) == pytest.approx(other, abs=1e-12)
