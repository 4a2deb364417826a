"""Residuals with rows and columns at one spread."""

import numpy as np
import pytest

from crosstask.analysis.matrix.additive_model import additive_model
from crosstask.analysis.matrix.even_residuals import MORE_ROUNDS, ROUNDS, even_residuals, rounds_needed

GENERATOR = np.random.default_rng(0)
USED = ~np.eye(8, 6, dtype=bool)


def test_rows_and_columns_have_one_spread_and_recipients_do_not_matter():
    gains = GENERATOR.normal(size=(8, 6)) * np.exp(GENERATOR.normal(size=(8, 1)))
    found = even_residuals(gains, USED)
    squares = found.values**2
    assert (squares.sum(axis=0) / USED.sum(axis=0)) == pytest.approx(np.ones(6), rel=1e-3)
    assert (squares.sum(axis=1) / USED.sum(axis=1)) == pytest.approx(np.ones(8), rel=0.02)
    assert (found.values[~USED] == 0).all()
    shifted = gains + GENERATOR.normal(size=6) + 100 * ~USED
    assert even_residuals(shifted, USED).values == pytest.approx(found.values, abs=1e-6)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("bends", [0, 1, 2])
@pytest.mark.parametrize("stack", [(), (3,)])
def test_a_source_or_a_target_without_cells_changes_nothing_of_the_others(stack: tuple[int, ...], bends: int):
    gains = GENERATOR.normal(size=(*stack, 10, 8))
    rows, columns = np.arange(10) != 4, ~np.isin(np.arange(8), [0, 5])
    used = rows[:, None] & columns & ~np.eye(10, 8, dtype=bool)
    without = used[rows][:, columns]
    expected = even_residuals(gains[..., rows, :][..., columns], without, bends=bends)
    found = even_residuals(np.where(used, gains, np.nan), used, bends=bends)
    assert found.values.shape == gains.shape
    assert found.values[..., rows, :][..., columns] == pytest.approx(expected.values, rel=1e-9, abs=1e-12)
    assert (found.values[..., ~used] == 0).all()
    assert found.rows[..., rows] == pytest.approx(expected.rows, rel=1e-9, abs=1e-12)
    assert found.columns[..., columns] == pytest.approx(expected.columns, rel=1e-9, abs=1e-12)
    assert found.effects.fitted[..., rows, :][..., columns] == pytest.approx(expected.effects.fitted)
    assert (found.effects.donors[..., 4] == 0).all()
    others = GENERATOR.normal(size=(2, 8))
    of_others = expected.of_other_rows(others[:, columns])
    assert found.of_other_rows(others)[..., columns] == pytest.approx(of_others)


@pytest.mark.filterwarnings("error")
def test_a_target_without_cells_is_no_quiet_one():
    gains, used = 100 * GENERATOR.normal(size=(12, 8)), np.ones((12, 8), bool)
    used[:, 3] = False
    assert rounds_needed(gains, used) == ROUNDS


def test_without_slopes_donors_do_not_matter_either():
    gains, donors = GENERATOR.normal(size=(8, 6)), 3 * GENERATOR.normal(size=(8, 1))
    found, again = (even_residuals(matrix, USED, slopes=False).values for matrix in (gains, gains + donors))
    assert again == pytest.approx(found, abs=1e-6)


def test_targets_that_respond_to_a_donor_by_other_amounts_leave_nothing_of_it():
    """Where donors and recipients alone leave nearly all: gains that are products."""
    donors, responses = GENERATOR.normal(size=(12, 1)), np.array([0.05, 0.05, 1.0, 1.0, 1.2, 1.5])
    noise, used = 0.01 * GENERATOR.normal(size=(12, 6)), np.ones((12, 6), bool)
    products = 2 * donors * responses + noise
    with_slopes, without = (even_residuals(products, used, slopes=slopes) for slopes in (True, False))
    assert (with_slopes.values * with_slopes.spreads).std() < 0.02 < 0.3 < (without.values * without.spreads).std()
    # Relative to one of middle response, whichever that is by the weights.
    relative = (1 + with_slopes.effects.slopes) / (1 + with_slopes.effects.slopes[2])
    assert relative == pytest.approx(responses, abs=0.05)


def test_targets_far_quieter_than_others_are_fitted_until_their_own_residuals_are_left():
    """Which are known: what is drawn, less means of the sources and of the targets among themselves."""
    generator, used = np.random.default_rng(4), np.ones((12, 9), bool)
    cells = generator.normal(size=(12, 9))
    cells[:, :3] *= 1e-3
    gains = cells + generator.normal(size=(12, 1)) + generator.normal(size=9)
    assert rounds_needed(gains, used) == MORE_ROUNDS
    quiet = cells[:, :3] - cells[:, :3].mean(axis=0)
    own = quiet - quiet.mean(axis=1, keepdims=True)
    few, many = (even_residuals(gains, used, slopes=False, rounds=rounds) for rounds in (ROUNDS, MORE_ROUNDS))
    errors = [np.abs((found.values * found.spreads)[:, :3]).std() / own.std() for found in (few, many)]
    assert errors[0] > 20
    assert errors[1] < 1


def test_even_targets_need_no_more_rounds_and_few_targets_cannot_tell():
    assert rounds_needed(np.random.default_rng(0).normal(size=(12, 9)), np.ones((12, 9), bool)) == ROUNDS
    few = np.random.default_rng(0).normal(size=(12, 5)) * [1e-3, 1e-3, 1, 1, 1]
    assert rounds_needed(few, np.ones((12, 5), bool)) == ROUNDS


def test_values_times_spreads_are_residuals_of_a_fit_by_target():
    """By weighted least squares of each target on the donors, with an intercept."""
    gains = GENERATOR.normal(size=(8, 6)) * np.exp(GENERATOR.normal(size=(8, 1)))
    found = even_residuals(gains, USED)
    left, effects = found.values * found.spreads, found.effects
    assert np.where(USED, effects.fitted + left, 0) == pytest.approx(np.where(USED, gains, 0))
    for place in range(6):
        at = USED[:, place]
        donors = effects.donors[at]
        fitted = (gains[:, place] - left[:, place])[at] - donors
        assert np.polyfit(donors, fitted, 1, full=True)[1] == pytest.approx(0, abs=1e-12)


def test_an_even_matrix_has_nearly_the_residuals_of_least_squares():
    signs = np.where(np.add.outer(np.arange(8), np.arange(8)) % 2, 1.0, -1.0)
    used = np.ones((8, 8), bool)
    assert even_residuals(signs + np.arange(8), used).values == pytest.approx(signs)


def test_what_a_violent_source_does_is_not_taken_off_the_others():
    gains = GENERATOR.normal(size=(10, 10))
    used = np.ones((10, 10), bool)
    violent = gains.copy()
    violent[0] += 30 * GENERATOR.normal(size=10)
    plain = additive_model(used)
    rest = gains[1:] - plain.fitted(plain.effects(gains))[1:]
    kept = np.corrcoef(even_residuals(violent, used).values[1:].ravel(), rest.ravel())[0, 1]
    taken = violent - plain.fitted(plain.effects(violent))
    assert kept > 0.7  # slopes take an eighth of the variance of each
    assert np.corrcoef(taken[1:].ravel(), rest.ravel())[0, 1] < 0.5


def test_a_stack_of_matrices_is_each_of_them():
    stack = GENERATOR.normal(size=(3, 8, 6))
    together = even_residuals(stack, USED)
    for number, one in enumerate(stack):
        alone = even_residuals(one, USED)
        assert together.values[number] == pytest.approx(alone.values)
        assert together.spreads[number] == pytest.approx(alone.spreads)


def test_a_row_without_any_residual_breaks_nothing():
    gains = GENERATOR.normal(size=(6, 5))
    gains[2] = 1.0 + gains[[0, 1, 3, 4, 5]].mean(axis=0)
    assert np.isfinite(even_residuals(gains, np.ones((6, 5), bool)).values).all()
    assert np.isfinite(even_residuals(np.zeros((6, 5)), np.ones((6, 5), bool)).values).all()


def test_targets_that_bend_leave_next_to_nothing_of_a_donor_where_bends_are_fitted():
    donors, middle = np.array([-3.0, -2.0, -0.5, 0.0, 1.0, 2.0, 2.5]), 0.0
    slopes, turns = np.array([0.6, 1.0, 1.3, 1.1]), np.array([-0.3, 0.2, 0.1, 0.0])
    gains = slopes * donors[:, None] + turns * np.abs(donors - middle)[:, None] + np.array([0.5, -1.0, 0.0, 2.0])
    used = np.ones((7, 4), bool)
    bent, straight = (even_residuals(gains, used, bends=bends) for bends in (True, False))
    left = [np.abs(found.values * found.spreads).max() for found in (bent, straight)]
    assert left[0] < left[1] / 10  # not nothing: the middle is the mean of donors that bend themselves
    assert left[1] > 0.1


@pytest.mark.parametrize("bends", [1, 2, 3])
def test_a_target_of_a_fit_with_bends_is_least_squares_on_donors_and_their_distances_from_the_knots(bends):
    gains = GENERATOR.normal(size=(12, 6)) * np.exp(GENERATOR.normal(size=(12, 1)))
    found = even_residuals(gains, np.ones((12, 6), bool), bends=bends)
    effects = found.effects
    knots = effects.middle if bends == 1 else np.quantile(effects.donors, np.arange(1, bends + 1) / (bends + 1))
    design = np.column_stack([np.ones(12), effects.donors, np.abs(effects.donors[:, None] - knots)])
    for place in range(6):
        rest = np.linalg.lstsq(design, effects.fitted[:, place], rcond=None)[1]
        assert rest == pytest.approx(0, abs=1e-12)


def test_two_turns_follow_targets_that_end_at_donors_of_their_own_and_one_does_not():
    donors, ends = np.linspace(-2, 2, 24), np.array([-1.0, -0.6, 0.6, 1.0, 5.0, 5.0])
    gains = np.minimum(donors[:, None], ends)
    once, twice = (even_residuals(gains, np.ones((24, 6), bool), bends=bends) for bends in (1, 2))
    assert np.abs(twice.values * twice.spreads).mean() < np.abs(once.values * once.spreads).mean() / 2


def test_many_sources_with_one_donor_leave_a_second_turn_nothing_to_tell():
    gains = np.repeat([0.0, 1.0], [20, 4])[:, None] + 0.1 * GENERATOR.normal(size=(24, 6))
    gains[:20] = GENERATOR.normal(size=6)
    assert np.isfinite(even_residuals(gains, np.ones((24, 6), bool), bends=2).values).all()


@pytest.mark.parametrize("bends", [1, 2])
def test_rows_that_the_model_was_not_fitted_to_bend_as_the_others_do(bends):
    gains = GENERATOR.normal(size=(12, 6))
    found = even_residuals(gains, np.ones((12, 6), bool), bends=bends)
    others = found.effects.recipients + found.effects.responses(np.array([[0.7]]))
    flat = found.effects.bends @ found.effects.weights  # bends move the donor of a row, too, by their weighted mean
    assert np.abs(flat).max() < 1e-6
    assert found.of_other_rows(others) == pytest.approx(np.zeros((1, 6)), abs=1e-6)
