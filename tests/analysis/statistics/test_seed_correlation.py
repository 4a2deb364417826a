"""What seeds have in common on two targets, against deviations that are drawn with it."""

import numpy as np
import pytest
from scipy.special import polygamma

from crosstask.analysis.statistics.seed_correlation import covariance_of_logarithms, squared_correlation
from tests.support.seeds import of_seeds


def test_squared_correlation_is_that_of_the_seeds_deviations():
    for share in (0.0, 0.5, 0.8):
        assert squared_correlation(of_seeds(share, 4000)) == pytest.approx(share**2, abs=0.02)


def test_few_seeds_look_as_alike_as_they_are():
    found = [squared_correlation(of_seeds(0.7, 22, targets=10, seed=seed)) for seed in range(400)]
    assert np.mean(found) == pytest.approx(0.49, abs=0.03)


@pytest.mark.parametrize("df", [1, 2, 5])
def test_logarithms_of_variances_have_the_covariance_that_drawn_ones_have(df):
    generator = np.random.default_rng(0)
    first = generator.normal(size=(200_000, df))
    second = 0.7 * first + 0.51**0.5 * generator.normal(size=first.shape)
    logarithms = np.log([(first**2).sum(axis=1), (second**2).sum(axis=1)])
    found, same = covariance_of_logarithms(0.49, np.array([df])), covariance_of_logarithms(1.0, np.array([df]))
    assert found[0] == pytest.approx(np.cov(logarithms)[0, 1], abs=0.03)
    assert same[0] == pytest.approx(float(polygamma(1, df / 2)), rel=0.03)
    assert covariance_of_logarithms(0.0, np.array([df])) == 0


def test_few_seeds_do_not_look_alike_by_chance():
    generator = np.random.default_rng(0)
    found = []
    for _ in range(300):
        values = generator.normal(size=(6, 3, 10))
        values[3:, 2] = np.nan  # three sources have two seeds
        deviations = np.nan_to_num(values - np.nanmean(values, axis=1, keepdims=True))
        found.append(squared_correlation(deviations))
    assert np.mean(found) < 0.02


def test_two_seeds_of_one_source_say_nothing_and_are_taken_to_be_alike():
    deviations = np.zeros((4, 2, 3))
    deviations[1] = [[0.1, -0.2, 0.3], [-0.1, 0.2, -0.3]]
    assert squared_correlation(deviations) == 1


def test_one_target_or_seeds_that_agree_are_not_correlated():
    assert squared_correlation(np.ones((3, 2, 1))) == 0
    assert squared_correlation(np.zeros((3, 2, 4))) == 0
