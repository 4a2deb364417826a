"""Noise keeps what it should of the data, and nothing else."""

import numpy as np
import pytest

from crosstask.analysis.noise import gaussian_noise, permuted_residuals

SINGLE = np.arange(12)
PAIRS = np.array([0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 0])  # rows of one group need not be neighbours
MIXED = np.array([0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 5])


@pytest.fixture
def values():
    """Twelve rows, three columns of unlike spread, alike in groups of PAIRS."""
    rng = np.random.default_rng(0)
    raw = (rng.normal(size=(6, 3))[PAIRS] + 0.4 * rng.normal(size=(12, 3))) * [1, 3, 0.2]
    return raw - raw.mean(axis=0)


def spread(noise: np.ndarray, groups: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean variance of group means, and of rows within groups, of each column."""
    counts = np.bincount(groups)
    means = np.array([noise[:, groups == group].mean(axis=1) for group in range(len(counts))]).swapaxes(0, 1)
    within = ((noise - means[:, groups]) ** 2).sum(axis=1).mean(axis=0) / max(len(groups) - len(counts), 1)
    return means.var(axis=1, ddof=1).mean(axis=0), within


@pytest.mark.parametrize("groups", [SINGLE, PAIRS, MIXED])
def test_gaussian_noise_has_the_variance_between_and_within_groups(values, groups):
    noise = gaussian_noise(values, groups, 20_000, np.random.default_rng(1))
    for drawn, expected in zip(spread(noise, groups), spread(values[None], groups), strict=True):
        np.testing.assert_allclose(drawn, expected, rtol=0.05, atol=1e-12)


def test_gaussian_noise_of_single_rows_is_independent(values):
    noise = gaussian_noise(values, SINGLE, 20_000, np.random.default_rng(1))
    flat = noise.reshape(len(noise), -1)
    correlations = np.corrcoef(flat.T) - np.eye(flat.shape[1])
    assert np.abs(correlations).max() < 0.04
    np.testing.assert_allclose(noise.std(axis=(0, 1)), values.std(axis=0, ddof=1), rtol=0.02)


@pytest.mark.parametrize("make", [gaussian_noise, permuted_residuals])
def test_columns_have_nothing_to_do_with_each_other(make):
    line = np.linspace(-1, 1, 12)
    same = np.column_stack([line, line])
    noise = make(same, PAIRS, 5000, np.random.default_rng(2))
    correlation = np.mean([np.corrcoef(one.T)[0, 1] for one in noise])
    assert abs(correlation) < 0.03


@pytest.mark.parametrize("groups", [SINGLE, PAIRS, MIXED])
def test_permuted_columns_have_their_own_values_and_groups_stay_together(values, groups):
    noise = permuted_residuals(values, groups, 50, np.random.default_rng(3))
    np.testing.assert_allclose(np.sort(noise, axis=1), np.broadcast_to(np.sort(values, axis=0), noise.shape))
    together = {tuple(sorted(values[groups == group, 0])) for group in range(groups.max() + 1)}
    for one in noise:
        assert {tuple(sorted(one[groups == group, 0])) for group in range(groups.max() + 1)} == together


def test_every_order_of_single_rows_is_as_likely(values):
    noise = permuted_residuals(values[:3], np.arange(3), 6000, np.random.default_rng(4))
    orders, counts = np.unique(noise[:, :, 0], axis=0, return_counts=True)
    assert len(orders) == 6
    np.testing.assert_allclose(counts / 6000, 1 / 6, atol=0.02)


def test_rows_within_a_group_change_places_too(values):
    noise = permuted_residuals(values[:2], np.zeros(2, dtype=int), 1000, np.random.default_rng(5))
    assert 0.4 < np.mean(noise[:, 0, 0] == values[0, 0]) < 0.6
