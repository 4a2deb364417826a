"""Both statistics, pair by pair and cell by cell."""

from itertools import combinations

import numpy as np
import pytest

from crosstask.analysis.ability_tests.statistics import gaining_within, going_together, target_correlations

GENERATOR = np.random.default_rng(1)
USED = GENERATOR.uniform(size=(7, 5)) > 0.2
LEFT = np.where(USED, GENERATOR.normal(size=(7, 5)), 0.0)
LABELS = np.array([[0, 0, 1, 1, 2], [1, 0, 1, 0, 2], [2, 2, 2, 0, 1]])


def test_correlations_are_over_the_sources_that_both_targets_have():
    found = target_correlations(LEFT, USED)
    for t, u in combinations(range(5), 2):
        both = USED[:, t] & USED[:, u]
        x, y = LEFT[both, t], LEFT[both, u]
        assert found[t, u] == pytest.approx((x * y).sum() / ((x**2).sum() * (y**2).sum()) ** 0.5)
    assert np.isnan(np.diagonal(found)).all()
    few = USED.copy()
    few[2:, 0] = False
    assert np.isnan(target_correlations(np.where(few, LEFT, 0.0), few)[0]).all()


def test_going_together_is_the_mean_over_pairs_of_one_ability():
    correlations = target_correlations(LEFT, USED)
    correlations[0, 1] = correlations[1, 0] = np.nan
    for row, found in zip(LABELS, going_together(correlations, LABELS), strict=True):
        pairs = [correlations[t, u] for t, u in combinations(range(5), 2) if row[t] == row[u]]
        expected = np.nanmean(pairs)
        assert found == pytest.approx(expected)
    assert np.isnan(going_together(correlations, np.arange(5)[None])).all()


def test_gaining_within_is_a_difference_of_means_over_cells():
    of_sources = np.array([[0, 1, 2, 0, 1, 2, -1], [1, 1, 1, 0, 0, 2, -1], [2, 2, 0, 0, 1, 1, -1]])
    counted = USED & (of_sources[0] >= 0)[:, None]
    found = gaining_within(np.where(counted, LEFT, 0.0), counted, of_sources, LABELS)
    for number in range(3):
        cells = [(i, t) for i in range(7) for t in range(5) if counted[i, t]]
        within = [LEFT[i, t] for i, t in cells if of_sources[number, i] == LABELS[number, t]]
        others = [LEFT[i, t] for i, t in cells if of_sources[number, i] != LABELS[number, t]]
        assert found[number] == pytest.approx(np.mean(within) - np.mean(others))
    assert np.isnan(gaining_within(LEFT, USED, np.zeros((1, 7), int), np.zeros((1, 5), int))).all()
