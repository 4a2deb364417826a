"""Assignments of abilities to tasks, against counting them."""

from itertools import permutations

import numpy as np
import pytest

from crosstask.analysis.ability_tests.relabeling import relabelings

DECLARED = np.array([2, 0, 0, 1, 1, 1])


def test_all_assignments_are_there_once_and_the_declared_one_first():
    found = relabelings(DECLARED, 99, np.random.default_rng(0)).labels
    assert found[0].tolist() == DECLARED.tolist()
    assert sorted(map(tuple, found)) == sorted(set(permutations(DECLARED.tolist())))


def test_of_many_some_are_drawn_with_as_many_of_each_ability():
    declared = np.repeat(np.arange(4), 5)
    found = relabelings(declared, 200, np.random.default_rng(0))
    assert found.labels.shape == (201, 20)
    assert found.labels[0].tolist() == declared.tolist()
    assert (np.sort(found.labels, axis=1) == declared).all()
    assert len(np.unique(found.labels, axis=0)) == 201
    assert found.smallest_p == 1 / 201


@pytest.mark.parametrize(
    ("declared", "smallest"),
    [([0, 0, 1, 1], 2 / 6), ([0, 0, 0, 1, 1], 1 / 10), ([0, 1, 2], 1.0), ([0, 0, 1, 2], 2 / 12)],
)
def test_the_smallest_p_is_the_share_of_assignments_that_come_to_the_same(declared: list[int], smallest: float):
    found = relabelings(np.array(declared), 999, np.random.default_rng(0))
    assert found.smallest_p == pytest.approx(smallest)
    same = (found.labels[:, :, None] == found.labels[:, None, :]).sum(axis=(1, 2)).astype(float)  # of which all have
    together = [{frozenset(np.flatnonzero(row == label)) for label in np.unique(row)} for row in found.labels]
    assert sum(groups == together[0] for groups in together) / len(together) == pytest.approx(smallest)
    assert found.p_value(same) == 1.0


def test_the_p_value_counts_the_declared_assignment_and_ties_up_to_rounding():
    found = relabelings(np.array([0, 0, 1]), 99, np.random.default_rng(0))
    assert found.p_value(np.array([0.3, 0.1 + 0.2, 0.1])) == pytest.approx(2 / 3)
    assert found.p_value(np.array([-0.5, -0.4, -0.6])) == pytest.approx(2 / 3)
    assert np.isnan(found.p_value(np.array([np.nan, 0.2, 0.1])))


def test_strata_keep_as_many_of_each_ability_as_they_have():
    declared, strata = np.array([0, 1, 0, 1, 2, 2]), np.array([0, 0, 0, 1, 1, 1])
    found = relabelings(declared, 999, np.random.default_rng(0), strata)
    inside = [set(permutations(declared[strata == stratum].tolist())) for stratum in (0, 1)]
    expected = {(*first, *second) for first in inside[0] for second in inside[1]}
    assert found.labels[0].tolist() == declared.tolist()
    assert sorted(map(tuple, found.labels)) == sorted(expected)
    assert found.smallest_p == 1 / 9
    drawn = relabelings(np.tile(declared, 5), 50, np.random.default_rng(0), np.tile(strata, 5)).labels
    assert len(drawn) == 51
    for stratum in (0, 1):
        places = np.tile(strata, 5) == stratum
        assert (np.sort(drawn[:, places], axis=1) == np.sort(np.tile(declared, 5)[places])).all()


def test_abilities_of_one_size_in_every_stratum_may_change_places():
    found = relabelings(np.array([0, 1, 0, 1]), 99, np.random.default_rng(0), np.array([0, 0, 1, 1]))
    assert found.smallest_p == 2 / 4
