"""Gaps filled by iterative PCA, against a least-squares fit by another optimiser and against scikit-learn."""

import numpy as np
import pytest
from scipy.optimize import minimize
from sklearn.decomposition import PCA

from crosstask.analysis.traits.imputation import iterative_pca


@pytest.fixture
def gaps():
    """Four gaps in a matrix of 9 x 5."""
    mask = np.zeros((9, 5), dtype=bool)
    mask[[0, 2, 5, 8], [1, 4, 0, 3]] = True
    return mask


def test_what_has_one_component_is_rebuilt(gaps):
    rng = np.random.default_rng(1)
    values = np.outer(rng.normal(size=9), rng.uniform(0.5, 2, 5)) + np.arange(5)
    filled = iterative_pca(np.where(gaps, 99.0, values), gaps)
    np.testing.assert_allclose(filled, values, atol=0.01)


def test_only_gaps_change_and_the_input_stays(gaps):
    values = np.random.default_rng(2).normal(size=(9, 5))
    before = values.copy()
    filled = iterative_pca(values, gaps)
    np.testing.assert_array_equal(values, before)
    np.testing.assert_array_equal(filled[~gaps], values[~gaps])
    assert (filled[gaps] != values[gaps]).all()


def test_filled_cells_lie_on_the_component_that_scikit_learn_finds(gaps):
    rng = np.random.default_rng(3)
    values = np.outer(rng.normal(size=9), np.ones(5)) * 2 + rng.normal(size=(9, 5))
    filled = iterative_pca(values, gaps)
    scaled = (filled - filled.mean(axis=0)) / filled.std(axis=0, ddof=1)
    model = PCA(1).fit(scaled)
    rebuilt = model.inverse_transform(model.transform(scaled))
    np.testing.assert_allclose(rebuilt[gaps], scaled[gaps], atol=2e-3)


def test_no_other_filling_leaves_less_beside_the_component(gaps):
    rng = np.random.default_rng(4)
    values = np.outer(rng.normal(size=9), np.ones(5)) * 2 + 0.3 * rng.normal(size=(9, 5))
    filled = iterative_pca(values, gaps)
    means, deviations = filled.mean(axis=0), filled.std(axis=0, ddof=1)

    def left_over(cells):
        """Squared residuals outside the first component, columns scaled as at the end."""
        trial = values.copy()
        trial[gaps] = cells
        return np.sum(np.linalg.svd((trial - means) / deviations, compute_uv=False)[1:] ** 2)

    best = minimize(left_over, filled[gaps], tol=1e-10)
    np.testing.assert_allclose(filled[gaps], best.x, atol=0.01)


def test_matrices_do_not_depend_on_those_beside_them(gaps):
    values = np.random.default_rng(5).normal(size=(3, 9, 5))
    together = iterative_pca(values, gaps)
    for alone, one in zip(values, together, strict=True):
        np.testing.assert_allclose(iterative_pca(alone, gaps), one, atol=1e-12)


@pytest.mark.parametrize("shape", [(4, 12), (12, 4)])
def test_wide_and_tall_matrices_are_rebuilt(shape):
    rng = np.random.default_rng(6)
    values = np.outer(rng.normal(size=shape[0]), rng.uniform(1, 2, shape[1]))
    mask = np.zeros(shape, dtype=bool)
    mask[1, 2] = True
    np.testing.assert_allclose(iterative_pca(values, mask), values, atol=0.01)


def test_columns_weigh_alike_whatever_is_taken_off_them(gaps):
    """A level that two halves of the rows differ in changes nothing, if it is taken off."""
    values = np.random.default_rng(6).normal(size=(9, 5))
    halves = np.arange(9) % 2 == 0

    def center(whole: np.ndarray) -> np.ndarray:
        means = [whole[:, half].mean(axis=1, keepdims=True) for half in (halves, ~halves)]
        return np.where(halves[:, None], *means)

    level = np.where(halves[:, None], [50.0, 0, 0, 3, 0], 0)
    filled = iterative_pca(values, gaps, center)
    np.testing.assert_allclose(iterative_pca(values + level, gaps, center) - level, filled, atol=1e-3)
