"""Cells with one seed that take a variance between seeds from the others."""

import numpy as np
import pytest

from crosstask.analysis.statistics.moderation import moderated
from crosstask.analysis.statistics.uneven_seeds import borrowing_cells, correlation_between_targets, seed_factor
from crosstask.analysis.statistics.variance_parts import VarianceParts

TRAINED = np.arange(6) > 0


def layout(*rows: str) -> np.ndarray:
    """Numbers of seeds, a row of digits for each source, the base model first."""
    return np.array([[int(digit) for digit in row] for row in rows])


@pytest.mark.parametrize(
    ("seeds", "expected"),
    [
        (layout("1111", "3333", "3333", "3333", "3333", "3331"), 1),
        (layout("1111", "3331", "3331", "3331", "1111", "1110"), 10),  # a cell that was never scored borrows nothing
        (layout("1111", "3333", "3333", "3333", "3333", "3333"), 0),  # only the base model has one
        (layout("1111", "1111", "1111", "1111", "1111", "1111"), 0),
        (layout("1111", "3333", "3333", "1111", "1111", "1111"), 0),  # two sources are too few
        (layout("1111", "3333", "3331", "3111", "1111", "1111"), 0),  # one target is no pair
        (layout("1111", "3311", "3311", "3311", "1111", "1111"), 0),  # six cells are too few
    ],
)
def test_cells_borrow_where_enough_others_have_several_seeds(seeds, expected):
    found = borrowing_cells(seeds, TRAINED)
    assert found.sum() == expected
    assert not found[0].any()
    assert (seeds[found] == 1).all()


@pytest.mark.parametrize("correlation", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("one_seed", [False, True])
def test_the_correlation_of_seeds_is_found(correlation, one_seed):
    generator = np.random.default_rng(0)
    common = generator.normal(size=(400, 3, 1))
    scores = correlation**0.5 * common + (1 - correlation) ** 0.5 * generator.normal(size=(400, 3, 5))
    scores *= np.array([1.0, 2.0, 0.5, 3.0, 1.0])  # targets of other units
    deviations = (scores - scores.mean(axis=1, keepdims=True)) / 6**0.5
    per_answer = np.broadcast_to([1.0, 4.0, 0.25, 9.0, 1.0], (400, 5)).copy()
    if one_seed:
        deviations[:, :, 3:], per_answer[:, 3:] = 0, 0
    found = correlation_between_targets(deviations, (deviations**2).sum(axis=1), per_answer)
    assert found == pytest.approx(correlation, abs=0.04)


def test_no_two_targets_with_several_seeds_have_no_correlation():
    assert correlation_between_targets(np.ones((2, 3, 2)), np.ones((2, 2)), np.array([[1.0, 0.0], [0.0, 1.0]])) == 0


def test_the_covariance_is_that_of_seeds_drawn():
    generator, seeds = np.random.default_rng(1), np.array([3, 1, 2, 0])
    effects = 0.5**0.5 * (generator.normal(size=(200_000, 3, 1)) + generator.normal(size=(200_000, 3, 4)))
    effects *= np.array([1.0, 2.0, 1.0, 1.0])
    means = np.stack([effects[:, :count, place].mean(axis=1) for place, count in enumerate(seeds[:3])], axis=1)
    factor = seed_factor(np.array([1 / 3, 4.0, 1 / 2, np.nan]), seeds, 0.5)
    found = factor @ factor.T
    np.testing.assert_allclose(found[:3, :3], np.cov(means.T), atol=0.02)
    assert (found[3] == 0).all()


def parts(variances: np.ndarray, df: np.ndarray, per_answer: np.ndarray | float = 1.0) -> VarianceParts:
    """Variances between seeds of a matrix with nothing else."""
    nothing = np.zeros(variances.shape)
    of_mean = np.where(df > 0, per_answer / (df + 1), 0.0)
    return VarianceParts(variances, nothing, nothing + 0.1, df, nothing + 50.0, of_mean)


def drawn(level: np.ndarray, df: np.ndarray) -> np.ndarray:
    """Variances of means over df + 1 seeds whose variance is ``level``, 0 where there is one."""
    chi = np.random.default_rng(2).chisquare(np.maximum(df, 1))
    return np.where(df > 0, level / (df + 1) * chi / np.maximum(df, 1), 0.0)


def test_one_seed_has_the_variance_of_a_single_seed_of_its_own_source():
    df = np.full((40, 20), 2.0)
    df[:, 15:] = 0
    level = np.where(np.arange(40) < 20, 1.0, 9.0)[:, None] * np.ones(20)
    of_one = np.where(df > 0, np.nan, 1.0)
    found = moderated(parts(drawn(level, df), df), of_one_seed=of_one)
    few, many = found.seeds[:20, 15:], found.seeds[20:, 15:]
    assert few.mean() == pytest.approx(1.0, rel=0.2)
    assert many.mean() == pytest.approx(9.0, rel=0.2)
    assert (found.seeds_df[:, 15:] > 2).all()


def test_sources_without_several_seeds_have_the_level_of_the_others_and_few_degrees_of_freedom():
    df = np.full((40, 20), 2.0)
    df[5:] = 0
    per_answer = np.where(np.arange(20) < 10, 1.0, 4.0) * np.ones((40, 20))
    of_one = np.where(df > 0, np.nan, per_answer)
    found = moderated(parts(drawn(per_answer, df), df, per_answer), of_one_seed=of_one)
    np.testing.assert_allclose(found.seeds[5:, 10:] / found.seeds[5:, :10], 4.0)
    assert found.seeds[5, 0] == pytest.approx(1.0, rel=0.3)
    assert (found.seeds_df[5:] <= 4).all()
    assert (found.seeds_df[:5] > 4).all()


def test_cells_with_several_seeds_are_moderated_as_without_those_that_borrow():
    df = np.full((10, 10), 2.0)
    df[:, 7:] = 0
    variances = parts(drawn(np.ones((10, 10)), df), df)
    plain, found = moderated(variances), moderated(variances, of_one_seed=np.where(df > 0, np.nan, 1.0))
    several = df > 0
    for name in ("seeds", "seeds_df", "interaction"):
        np.testing.assert_array_equal(getattr(plain, name)[several], getattr(found, name)[several])
    assert (plain.seeds[~several] == 0).all()
