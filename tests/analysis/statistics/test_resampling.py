"""Resampling against scipy and against counting."""

import numpy as np
import pytest
from scipy import stats

from crosstask.analysis.statistics.resampling import bootstrap_means, in_steps, percentile_interval, sign_flip_p

GENERATOR = np.random.default_rng(11)


def test_resampled_means_have_the_variance_of_a_mean():
    values = GENERATOR.uniform(size=(2, 30))
    means = bootstrap_means(values, 20_000, np.random.default_rng(0))
    assert means.mean(axis=0) == pytest.approx(values.mean(axis=1), abs=0.002)
    assert means.var(axis=0) == pytest.approx(values.var(axis=1) / 30, rel=0.05)
    both = np.corrcoef(means.T)[0, 1]  # the same examples for both rows
    assert both == pytest.approx(np.corrcoef(values)[0, 1], abs=0.03)


@pytest.mark.parametrize(("n", "largest"), [(1, 1.0), (7, 1.0), (500, 1.0), (2000, 0.03), (512, 100.0)])
def test_sums_of_steps_are_exact_whatever_their_order(n, largest):
    values = GENERATOR.uniform(-largest, largest, (3, n))
    values[0] = largest
    steps, size = in_steps(values)
    assert (steps == np.round(steps)).all()
    assert np.abs(steps).sum(axis=1).max() <= 2**24
    assert steps * size == pytest.approx(values, abs=size * 0.51)
    assert size <= 2.01 * largest * n / 2**24
    assert in_steps(np.zeros((2, 5)))[0].sum() == 0


def test_percentile_intervals_agree_with_scipy():
    values = GENERATOR.beta(2, 5, (3, 80)).astype(np.float32)
    low, high = percentile_interval(values, 8000, 0.1, np.random.default_rng(0))
    for place, row in enumerate(values):
        other = stats.bootstrap((row,), np.mean, n_resamples=8000, confidence_level=0.9, method="percentile", rng=1)
        assert low[place] == pytest.approx(other.confidence_interval.low, abs=0.004)
        assert high[place] == pytest.approx(other.confidence_interval.high, abs=0.004)


def test_sign_flips_agree_with_scipy_and_with_every_pattern():
    differences = GENERATOR.normal(0.4, 1, (4, 10)).astype(np.float32)
    p = sign_flip_p(differences, 40_000, np.random.default_rng(0))
    for place, row in enumerate(differences.astype(float)):
        exact = stats.permutation_test((row,), np.mean, permutation_type="samples", n_resamples=np.inf).pvalue
        assert p[place] == pytest.approx(exact, abs=0.008)


def test_no_difference_at_all_has_p_1_and_no_p_is_0():
    p = sign_flip_p(np.array([[0.0] * 50, [1.0] * 50], np.float32), 999, np.random.default_rng(0))
    assert p.tolist() == [1.0, 0.001]


def test_the_same_seed_gives_the_same_p_however_many_are_drawn_at_once(monkeypatch):
    differences = GENERATOR.normal(0.2, 1, (3, 40)).astype(np.float32)
    whole = sign_flip_p(differences, 500, np.random.default_rng(0))
    monkeypatch.setattr("crosstask.analysis.statistics.resampling._AT_ONCE", 400)
    in_portions = sign_flip_p(differences, 500, np.random.default_rng(0))
    assert in_portions == pytest.approx(whole, abs=0.05)
