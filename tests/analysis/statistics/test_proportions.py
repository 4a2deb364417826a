"""Shares and false discoveries against other routes to the same numbers."""

import numpy as np
import pytest
from scipy.stats import binomtest

from crosstask.analysis.statistics.proportions import false_discovery_rates, mcnemar, wilson


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


def test_false_discovery_rates_of_the_example_by_benjamini_and_hochberg():
    # 1995, section 3.2: 15 p values, of which the first four are discoveries at 0.05
    p = [
        0.0001,
        0.0004,
        0.0019,
        0.0095,
        0.0201,
        0.0278,
        0.0298,
        0.0344,
        0.0459,
        0.3240,
        0.4262,
        0.5719,
        0.6528,
        0.7590,
        1,
    ]
    q = false_discovery_rates(p)
    assert (q <= 0.05).sum() == 4
    assert q[3] == pytest.approx(0.0095 * 15 / 4)


def test_what_was_not_tested_is_no_test():
    with_gap = false_discovery_rates([0.01, np.nan, 0.04])
    assert with_gap[[0, 2]] == pytest.approx([0.02, 0.04])
    assert np.isnan(with_gap[1])
    assert np.isnan(false_discovery_rates([np.nan])).all()
