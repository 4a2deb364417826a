"""Noise in the place of residuals, with errors whose covariance is drawn anew."""

import numpy as np
import pytest

from crosstask.analysis.traits.noise import Array, RowErrors
from crosstask.analysis.traits.residual_noise import redrawn, residual_noise

ROOT = np.random.default_rng(0).normal(size=(4, 4))
COVARIANCE = ROOT @ ROOT.T


def normal_cells(values: Array, draws: int, generator: np.random.Generator) -> Array:
    """Cells of a standard deviation of 1."""
    return generator.standard_normal((draws, *values.shape))


def errors(size: float, sources: int = 6, seeds: int = 3) -> RowErrors:
    """Deviations of seeds of each source, which go together over the columns."""
    rng = np.random.default_rng(1)
    return RowErrors(size * rng.normal(size=(sources, seeds, 1)) * rng.normal(size=4), np.full(sources, seeds - 1.0))


@pytest.mark.parametrize("df", [2, 5, 40])
def test_a_covariance_is_redrawn_as_a_wishart_matrix(df):
    """Its elements have the mean S[a, b] and the variance (S[a, b]^2 + S[a, a] S[b, b]) / df."""
    turns = redrawn(COVARIANCE, df, 20_000, np.random.default_rng(2))
    found = np.swapaxes(turns, -1, -2) @ COVARIANCE @ turns
    variances = np.diag(COVARIANCE)
    spread = np.sqrt((COVARIANCE**2 + np.outer(variances, variances)) / df)
    assert np.abs(found.mean(axis=0) - COVARIANCE).max() <= 5 * spread.max() / 20_000**0.5
    assert found.std(axis=0) == pytest.approx(spread, rel=0.05)


def test_directions_without_errors_stay_without():
    flat = np.outer([1.0, 2.0, 0.0, -1.0], [1.0, 2.0, 0.0, -1.0])
    turns = redrawn(flat, 3, 50, np.random.default_rng(2))
    found = np.swapaxes(turns, -1, -2) @ flat @ turns
    ratios = found[:, 0, 0]
    assert found == pytest.approx(ratios[:, None, None] * flat)


def test_without_known_errors_noise_is_that_of_the_cells():
    none = RowErrors(np.zeros((6, 1, 4)), np.zeros(6))
    values = np.ones((6, 4))
    found = residual_noise(values, none, normal_cells, 3, np.random.default_rng(0))
    assert (found == normal_cells(values, 3, np.random.default_rng(0))).all()


@pytest.mark.parametrize("size", [0.1, 0.5])
def test_noise_has_the_variance_of_the_values_and_the_covariance_of_the_errors(size):
    of_rows = errors(size)
    values = np.random.default_rng(3).normal(size=(6, 4))
    values *= 1 / values.std(axis=0, ddof=1)
    noise = residual_noise(values, of_rows, normal_cells, 20_000, np.random.default_rng(4))
    found = np.einsum("nrc,nrd->cd", noise, noise) / (20_000 * 6)
    # With cells of variance 1, beside which errors are small, all of S off the diagonal, and 1 in all on it.
    covariance = np.einsum("rdc,rde->ce", of_rows.deviations, of_rows.deviations) / 6
    off = ~np.eye(4, dtype=bool)
    assert found[off] == pytest.approx(covariance[off], abs=0.02)
    assert np.trace(found) == pytest.approx(4, rel=0.02)


def test_errors_beyond_the_variance_of_the_values_leave_no_room_for_cells():
    values = 0.01 * np.random.default_rng(3).normal(size=(6, 4))
    noise = residual_noise(values, errors(1.0), normal_cells, 5, np.random.default_rng(4))
    for matrix in noise:
        assert np.linalg.matrix_rank(matrix, tol=1e-6) == 1  # all errors lie along one direction
