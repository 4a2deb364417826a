"""The paired test of marginal homogeneity."""

import numpy as np
import pytest
from scipy.stats import chi2
from statsmodels.stats.contingency_tables import SquareTable, mcnemar

from crosstask.analysis.confusion.homogeneity import homogeneity_tests


def test_the_statistic_is_that_of_statsmodels():
    generator = np.random.default_rng(0)
    first, second = generator.integers(0, 4, (5, 150)), generator.integers(0, 4, (5, 150))
    second = np.where(generator.random((5, 150)) < 0.5, first, second)
    statistic, df, p = homogeneity_tests(first, second, 4)
    for run in range(5):
        table = np.zeros((4, 4))
        np.add.at(table, (first[run], second[run]), 1)
        expected = SquareTable(table, shift_zeros=False).homogeneity(method="stuart_maxwell")
        assert (statistic[run], df[run], p[run]) == pytest.approx((expected.statistic, expected.df, expected.pvalue))
        bhapkar = SquareTable(table, shift_zeros=False).homogeneity(method="bhapkar")
        assert statistic[run] / (1 - statistic[run] / 150) == pytest.approx(bhapkar.statistic)


def test_with_two_labels_it_is_mcnemars():
    first, second = np.array([[0] * 12 + [1] * 30]), np.array([[1] * 9 + [0] * 5 + [1] * 28])
    table = np.zeros((2, 2))
    np.add.at(table, (first[0], second[0]), 1)
    statistic, df, p = homogeneity_tests(first, second, 2)
    expected = mcnemar(table, exact=False, correction=False)
    assert (statistic[0], df[0], p[0]) == pytest.approx((expected.statistic, 1, expected.pvalue))


def test_labels_that_nobody_uses_do_not_count_and_equal_answers_are_no_change():
    first, second = np.array([[0, 0, 0, 0, 1]]), np.array([[1, 1, 1, 1, 0]])
    statistic, df, p = homogeneity_tests(first, second, 7)
    assert (statistic[0], df[0], p[0]) == pytest.approx((9 / 5, 1, chi2.sf(9 / 5, 1)))
    same = homogeneity_tests(first, first, 7)
    assert [float(values[0]) for values in same] == [0.0, 0.0, 1.0]


@pytest.mark.parametrize("share", [0.02, 0.1, 0.5])
def test_with_many_labels_it_is_the_same(share: float):
    generator = np.random.default_rng(1)
    first = generator.integers(0, 40, (3, 120))
    second = np.where(generator.random((3, 120)) < share, generator.integers(0, 40, (3, 120)), first)
    second[2] = first[2]
    statistic, df, p = homogeneity_tests(first, second, 40)
    for run in range(3):
        table = np.zeros((40, 40))
        np.add.at(table, (first[run], second[run]), 1)
        moved, both = table.sum(axis=1) - table.sum(axis=0), table + table.T
        variance = np.diag(both.sum(axis=1)) - both
        rank = np.linalg.matrix_rank(variance)
        expected = moved @ np.linalg.pinv(variance, hermitian=True) @ moved
        assert (statistic[run], df[run]) == pytest.approx((expected, rank))
        assert p[run] == pytest.approx(chi2.sf(expected, rank) if rank else 1.0)
