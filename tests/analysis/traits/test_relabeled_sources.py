"""Sources relabeled in each replicate by itself."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest

from crosstask.analysis.traits.replication.relabeled_sources import mean_correlation, relabeled_correlations

NAMES = ["a", "b", "c"]
NOWHERE = pd.DataFrame(False, NAMES, NAMES)


def matrices(used: np.ndarray) -> np.ndarray:
    """Two matrices of length 1, 0 in cells that are not used."""
    values = np.random.default_rng(0).normal(size=(2, 3, 3)) * used
    return values / np.linalg.norm(values, axis=(1, 2), keepdims=True)


def by_hand(left: np.ndarray, used: np.ndarray) -> list[float]:
    """Every relabeling of the second matrix against the first: the correlation is the sum of products, over the root of
    the share of the cells that take part in both.
    """
    found = []
    for order in permutations(range(3)):
        both = (used & used[list(order)]).sum()
        found.append((left[0] * left[1][list(order)]).sum() / np.sqrt(both / used.sum()))
    return found


@pytest.mark.parametrize("missing", [[], [(0, 1)], [(0, 1), (0, 2), (2, 2)]])
def test_every_relabeling_is_drawn_and_none_besides(missing):
    used = np.ones((3, 3), bool)
    for cell in missing:
        used[cell] = False
    left = matrices(used)
    drawn = relabeled_correlations(left, used, NOWHERE, 500, np.random.default_rng(1))
    assert np.unique(drawn.round(9)) == pytest.approx(np.unique(np.round(by_hand(left, used), 9)))


def test_cells_at_home_move_along():
    """The diagonal stays empty whatever the order, so all pairs of cells are always there: no correlation grows."""
    used = ~np.eye(3, dtype=bool)
    left = matrices(used)
    home = pd.DataFrame(np.eye(3, dtype=bool), NAMES, NAMES)
    drawn = relabeled_correlations(left, used, home, 500, np.random.default_rng(1))
    assert np.abs(drawn).max() <= 1
    assert np.isclose(drawn, (left[0] * left[1]).sum()).any()  # nothing moved


def test_of_unit_matrices_it_is_the_mean_of_the_pairs():
    left = np.concatenate([matrices(np.ones((3, 3), bool)), matrices(np.ones((3, 3), bool))[::-1] * [[[1, -1, 1]]]])
    pairs = [(left[a] * left[b]).sum() for a in range(4) for b in range(a)]
    assert mean_correlation(left.sum(axis=0), left) == pytest.approx(np.mean(pairs))


def test_independent_matrices_with_gaps_in_the_same_places_reach_their_p_value_as_often_as_it_says():
    """Products lie in few cells in the data and in fewer when relabeled: both sums have a spread of 1."""
    generator, used = np.random.default_rng(2), np.random.default_rng(3).random((8, 8)) > 0.4
    home = pd.DataFrame(False, range(8), range(8))
    reached = []
    for _ in range(200):
        left = generator.normal(size=(5, 8, 8)) * used
        left /= np.linalg.norm(left, axis=(1, 2), keepdims=True)
        null = relabeled_correlations(left, used, home, 99, generator)
        reached.append((1 + (null >= mean_correlation(left.sum(axis=0), left)).sum()) / 100)
    assert np.mean(np.array(reached) <= 0.05) <= 0.05 + 2.576 * (0.05 * 0.95 / 200) ** 0.5
