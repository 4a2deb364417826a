"""p values against all permutations of a small example, one by one."""

from itertools import permutations, product

import numpy as np
import pytest

from crosstask.analysis.linguistic import permutations as module
from crosstask.analysis.linguistic.odds_ratios import Stake
from crosstask.analysis.linguistic.permutations import exchangeable, max_t

X = np.array([[1, 0], [1, 1], [0, 1], [0, 0], [1, 0], [0, 1], [1, 1], [0, 0]], dtype=np.float32)
Y = np.array([[1, 1, 0, 0, 1, 0, 1, 0], [0, 1, 1, 0, 0.5, 1, 0, 0.5]])
STRATA = np.array([0, 0, 0, 0, 1, 1, 1, 1])


def statistics(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Sum over strata of products about the means, (features,)."""
    total = np.zeros(x.shape[1])
    for stratum in np.unique(STRATA):
        rows = stratum == STRATA
        total += (y[rows] - y[rows].mean()) @ (x[rows] - x[rows].mean(axis=0))
    return total


def every_order() -> list[np.ndarray]:
    """Every permutation within the strata."""
    halves = list(permutations(range(4)))
    return [np.array([*first, *(4 + place for place in second)]) for first, second in product(halves, halves)]


def test_p_is_the_share_of_all_permutations_whose_largest_statistic_is_as_large():
    of = Stake(X, STRATA, np.arange(8), Y)
    told, p = max_t(of, np.ones((2, 2), bool), 9999, np.random.default_rng(0))
    for source in range(2):
        drawn = np.array([statistics(X, Y[source, order]) for order in every_order()])
        scale = drawn.std(axis=0)
        np.testing.assert_allclose(told[source], statistics(X, Y[source]) / scale)
        largest = np.abs(drawn / scale).max(axis=1)
        expected = [(largest >= abs(value) - 1e-9).mean() for value in told[source]]
        np.testing.assert_allclose(p[source], expected, atol=0.06)  # 199 permutations are enough for large ones


def test_what_is_not_testable_is_not_corrected_for():
    of = Stake(X, STRATA, np.arange(8), Y[:1])
    _, both = max_t(of, np.ones((1, 2), bool), 9999, np.random.default_rng(0))
    _, one = max_t(of, np.array([[True, False]]), 9999, np.random.default_rng(0))
    assert np.isnan(one[0, 1])
    assert one[0, 0] < both[0, 0]
    assert np.isnan(max_t(of, np.zeros((1, 2), bool), 9999, np.random.default_rng(0))[1]).all()


def test_a_feature_that_strata_explain_has_no_statistic():
    of = Stake(STRATA[:, None].astype(np.float32), STRATA, np.arange(8), Y)
    told, p = max_t(of, np.ones((2, 1), bool), 199, np.random.default_rng(0))
    assert np.isnan(told).all()
    assert np.isnan(p).all()


def test_clusters_take_each_others_outcomes_as_they_are():
    clusters = np.array([0, 0, 1, 1, 2, 2, 3, 3])
    of = Stake(X, np.zeros(8, int), clusters, Y[:1])
    (block,) = exchangeable(of)
    assert block.tolist() == [[0, 1], [2, 3], [4, 5], [6, 7]]
    told, p = max_t(of, np.ones((1, 2), bool), 9999, np.random.default_rng(0))
    x, y = X - X.mean(axis=0), Y[0] - Y[0].mean()
    pairs = y.reshape(4, 2)
    drawn = np.array([pairs[list(order)].ravel() @ x for order in permutations(range(4))])
    middle, scale = drawn.mean(axis=0), drawn.std(axis=0)
    np.testing.assert_allclose(told[0], (y @ x - middle) / scale)
    largest = np.abs((drawn - middle) / scale).max(axis=1)
    expected = [(largest >= abs(value) - 1e-9).mean() for value in told[0]]
    np.testing.assert_allclose(p[0], expected, atol=0.06)


def test_clusters_of_several_sizes_are_permuted_among_their_like():
    clusters = np.array([5, 7, 5, 2, 7, 1, 9, 9])
    found = [block.tolist() for block in exchangeable(Stake(X, STRATA, clusters, Y))]
    assert found == [[[5], [3]], [[0, 2], [1, 4], [6, 7]]]


def test_small_p_values_come_from_all_permutations(monkeypatch: pytest.MonkeyPatch):
    chance = np.random.default_rng(2)
    x = (chance.random((200, 5)) < 0.4).astype(np.float32)
    y = np.stack([x[:, 0], chance.random(200) < 0.4]).astype(float)
    of = Stake(x, np.zeros(200, int), np.arange(200), y)
    _, p = max_t(of, np.ones((2, 5), bool), 4999, np.random.default_rng(0))
    assert p[0, 0] == 1 / 5000
    assert p[1].min() >= module.ENOUGH / 2000
    monkeypatch.setattr(module, "AT_ONCE", 200 * 50)  # in parts, it is the same
    _, again = max_t(of, np.ones((2, 5), bool), 4999, np.random.default_rng(0))
    assert again[0, 0] == p[0, 0]
    np.testing.assert_allclose(again, p, atol=0.1)
