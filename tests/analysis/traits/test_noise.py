"""Noise keeps what it should of the data, and nothing else."""

import numpy as np
import pytest

from crosstask.analysis.traits.noise import RowErrors, gaussian, noise_matrices, permuted

SINGLE = np.arange(12)
PAIRS = np.array([0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 0])  # rows of one group need not be neighbors
MIXED = np.array([0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 5])


@pytest.fixture
def values():
    """Twelve rows, three columns of unlike spread, alike in groups of PAIRS."""
    rng = np.random.default_rng(0)
    raw = (rng.normal(size=(6, 3))[PAIRS] + 0.4 * rng.normal(size=(12, 3))) * [1, 3, 0.2]
    return raw - raw.mean(axis=0)


def exact(values: np.ndarray, groups: np.ndarray) -> RowErrors:
    """No errors."""
    count = groups.max() + 1
    return RowErrors(np.zeros((count, 0, values.shape[1])), np.zeros(count))


def of_groups(values: np.ndarray, groups: np.ndarray) -> RowErrors:
    """Rows of a group differ by nothing but error; written out loop by loop."""
    sizes = np.bincount(groups)
    deviations = np.zeros((len(sizes), sizes.max(), values.shape[1]))
    for group, size in enumerate(sizes):
        rows = values[groups == group]
        if size > 1:
            deviations[group, :size] = (rows - rows.mean(axis=0)) / np.sqrt(size - 1)
    return RowErrors(deviations, sizes - 1.0)


def covariances(noise: np.ndarray, groups: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean covariance of rows within groups, and mean variance of group means."""
    counts = np.bincount(groups)
    means = np.array([noise[:, groups == group].mean(axis=1) for group in range(len(counts))]).swapaxes(0, 1)
    apart = noise - means[:, groups]
    within = np.einsum("dra,drb->ab", apart, apart) / len(noise) / max(len(groups) - len(counts), 1)
    return within, means.var(axis=1, ddof=1).mean(axis=0)


@pytest.mark.parametrize("between", [gaussian, permuted])
@pytest.mark.parametrize("groups", [PAIRS, MIXED])
def test_rows_of_a_group_are_apart_as_in_the_data_on_all_columns_together(values, groups, between):
    noise = noise_matrices(values, groups, of_groups(values, groups), between, 20_000, np.random.default_rng(1))
    within, _ = covariances(noise, groups)
    expected, _ = covariances(values[None], groups)
    scale = np.sqrt(np.outer(np.diag(expected), np.diag(expected)))
    np.testing.assert_allclose(within / scale, expected / scale, atol=0.05)


def test_means_of_groups_vary_as_in_the_data_where_errors_are_well_known():
    rng = np.random.default_rng(6)
    groups = np.repeat(np.arange(60), 4)
    values = rng.normal(size=(60, 3))[groups] * [1, 3, 0.2] + 0.3 * rng.normal(size=(240, 3)) * [1, 3, 0.2]
    values -= values.mean(axis=0)
    noise = noise_matrices(values, groups, of_groups(values, groups), gaussian, 2000, rng)
    _, between = covariances(noise, groups)
    np.testing.assert_allclose(between, covariances(values[None], groups)[1], rtol=0.03)


def test_noise_of_exact_single_rows_is_independent_and_as_large_as_the_values(values):
    noise = noise_matrices(values, SINGLE, exact(values, SINGLE), gaussian, 20_000, np.random.default_rng(1))
    flat = noise.reshape(len(noise), -1)
    correlations = np.corrcoef(flat.T) - np.eye(flat.shape[1])
    assert np.abs(correlations).max() < 0.04
    np.testing.assert_allclose(noise.std(axis=(0, 1)), values.std(axis=0, ddof=1), rtol=0.02)


@pytest.mark.parametrize("between", [gaussian, permuted])
def test_columns_have_nothing_to_do_with_each_other_but_for_errors(between):
    """Columns that are equal; a third of their variance is error, which they share."""
    line = np.sqrt(12 / 13) * np.linspace(-1.5, 1.5, 12)
    same = np.column_stack([line, line])
    noise = noise_matrices(same, SINGLE, exact(same, SINGLE), between, 5000, np.random.default_rng(2))
    assert abs(np.mean([np.corrcoef(one.T)[0, 1] for one in noise])) < 0.03
    deviations = np.full((12, 1, 2), np.sqrt(line.var(ddof=1) / 3))
    errors = RowErrors(deviations, np.full(12, 1e6))
    noise = noise_matrices(same, SINGLE, errors, between, 5000, np.random.default_rng(2))
    centered = noise - noise.mean(axis=1, keepdims=True)
    covariance = np.einsum("dra,drb->ab", centered, centered) / len(noise) / 11
    np.testing.assert_allclose(covariance / line.var(ddof=1), [[1, 1 / 3], [1 / 3, 1]], atol=0.03)


def test_errors_larger_than_the_values_leave_nothing_to_sources():
    values = np.column_stack([np.linspace(-1, 1, 12), np.linspace(1, -1, 12)])
    errors = RowErrors(np.full((12, 1, 2), 5.0), np.full(12, 1e6))
    noise = noise_matrices(values, SINGLE, errors, gaussian, 50, np.random.default_rng(7))
    np.testing.assert_allclose(noise[:, :, 0], noise[:, :, 1])
    assert noise.std() == pytest.approx(5, rel=0.1)


def test_noise_is_as_large_as_the_values_however_large_errors_are_taken_to_be(values):
    """Ten degrees of freedom: errors may be much larger than found, and then less is left for sources."""
    deviations = np.zeros((12, 1, 3))
    deviations[:, 0] = 0.5 * values.std(axis=0, ddof=1)
    errors = RowErrors(deviations, np.where(np.arange(12) == 0, 10.0, 0))
    assert np.mean(errors.scale(20_000, np.random.default_rng(9)) ** 2) > 1.2
    noise = noise_matrices(values, SINGLE, errors, gaussian, 20_000, np.random.default_rng(8))
    np.testing.assert_allclose(noise.var(axis=1, ddof=1).mean(axis=0), values.var(axis=0, ddof=1), rtol=0.02)


def test_permuted_columns_of_exact_rows_have_their_own_values_and_groups_stay_together(values):
    alike = values[np.array([0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 0])]
    noise = noise_matrices(alike, PAIRS, exact(alike, PAIRS), permuted, 50, np.random.default_rng(3))
    np.testing.assert_allclose(np.sort(noise, axis=1), np.broadcast_to(np.sort(alike, axis=0), noise.shape))
    np.testing.assert_array_equal(noise[:, PAIRS == 3][:, 0], noise[:, PAIRS == 3][:, 1])


def test_every_order_of_single_rows_is_as_likely(values):
    noise = permuted(values[:3], 6000, np.random.default_rng(4))
    orders, counts = np.unique(noise[:, :, 0], axis=0, return_counts=True)
    assert len(orders) == 6
    np.testing.assert_allclose(counts / 6000, 1 / 6, atol=0.02)


def test_the_scale_of_errors_is_as_uncertain_as_the_runs_are_few():
    deviations = np.ones((10, 3, 2))
    draws = RowErrors(deviations, np.full(10, 2.0)).scale(20_000, np.random.default_rng(2))
    assert np.mean(1 / draws**2) == pytest.approx(1, abs=0.01)
    assert np.var(1 / draws**2) == pytest.approx(2 / 20, rel=0.05)  # twenty degrees of freedom
    uneven = deviations * np.where(np.arange(10) == 0, 100, 1)[:, None, None]  # one source has nearly all of it
    draws = RowErrors(uneven, np.full(10, 2.0)).scale(20_000, np.random.default_rng(2))
    assert np.var(1 / draws**2) == pytest.approx(2 / 2, rel=0.1)
