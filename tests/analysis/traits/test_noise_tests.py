"""Components of residuals against three nulls: what is a trait, and what only looks like one."""

import numpy as np
import pandas as pd
import pytest

from crosstask.analysis.matrix.residuals import Residuals, residuals
from crosstask.analysis.traits.cell_noise import CELL_NOISE, flipped_cells, gaussian_cells, permuted_cells
from crosstask.analysis.traits.noise_tests import ResidualTest, component_tests, noise_tests
from crosstask.analysis.traits.preparation import observations
from crosstask.analysis.traits.sequential_tests import dispersion_then_share, share_of_rest
from crosstask.errors import UserError
from tests.simulation.ceilings import with_trait
from tests.simulation.limits import ended

USED = np.array([[False, True], [True, True], [True, True]])


def found(gains: np.ndarray, seeds: pd.DataFrame | None = None) -> Residuals:
    """Residuals of gains whose diagonal takes no part."""
    names = [f"s{place}" for place in range(len(gains))]
    targets = [f"s{place}" for place in range(gains.shape[1])]
    home = pd.DataFrame(np.eye(*gains.shape, dtype=bool), names, targets)
    return residuals(pd.DataFrame(gains, names, targets), home, seeds)


def retained(gains: np.ndarray, seeds: pd.DataFrame | None = None) -> int:
    """Components that pass all three."""
    return min(test.retained for test in noise_tests(found(gains, seeds), 199, 0.05).values())


def planted(traits: int, rng: np.random.Generator, size: tuple[int, int] = (24, 12), noise: float = 0.4) -> np.ndarray:
    """Gains in which each target needs one of so many traits; what is left of them is a dimension less."""
    strengths = rng.normal(size=(size[0], traits))
    return strengths[:, np.arange(size[1]) % traits] + noise * rng.normal(size=size)


@pytest.mark.parametrize("traits", [2, 3, 4])
def test_planted_traits_are_counted(traits):
    assert retained(planted(traits, np.random.default_rng(traits))) == traits - 1


def test_donors_recipients_home_cells_and_a_collapsed_adapter_are_no_trait():
    rng = np.random.default_rng(3)
    gains = rng.normal(size=(12, 10)) + 4 * rng.normal(size=(12, 1)) + 4 * rng.normal(size=10)
    gains[np.arange(10), np.arange(10)] += 20
    gains[4] -= 30
    assert retained(gains) == 0


def test_targets_that_hardly_respond_to_donors_are_no_trait():
    """Three whose scores are near 0: donor and recipient alone would leave minus the donor of them."""
    rng = np.random.default_rng(4)
    gains = rng.normal(size=(20, 10)) + 2 * rng.normal(size=(20, 1))
    gains[:, :3] *= 0.05
    assert retained(gains) == 0


def test_every_null_protects_against_something():
    """One source that does anything: only where its cells stay in their row is it no trait."""
    rng = np.random.default_rng(5)
    gains = rng.normal(size=(20, 12))
    gains[3] *= 12
    tests = noise_tests(found(gains), 199, 0.05)
    assert list(tests) == ["gaussian", "permutation", "sign_flip"]
    assert tests["sign_flip"].retained == 0


def test_what_seeds_share_over_targets_is_in_the_null():
    """Means over two seeds that differ from each other by one pattern, and sources that do not differ at all."""
    rng = np.random.default_rng(7)
    pattern = np.where(np.arange(10) % 2, 1.0, -1.0)
    runs = rng.normal(size=(14, 2, 1)) * pattern + 0.3 * rng.normal(size=(14, 2, 10))
    names = np.repeat([f"s{place}" for place in range(14)], 2)
    seeds = pd.DataFrame(runs.reshape(28, 10), names, [f"s{place}" for place in range(10)])
    means = runs.mean(axis=1)
    assert retained(means) == 1
    assert retained(means, seeds) == 0


def test_the_first_component_is_tested_by_dispersion_and_the_next_by_its_share():
    shares = np.array([0.5, 0.3, 0.2])
    assert dispersion_then_share(shares, 0) == pytest.approx(0.38)
    assert dispersion_then_share(shares, 1) == share_of_rest(shares, 1) == pytest.approx(0.6)
    tests = ResidualTest("gaussian", 99)(found(planted(3, np.random.default_rng(0)))).tests
    assert tests["threshold"].notna().tolist()[:3] == [False, True, True]
    assert tests["p"].notna().tolist()[:4] == [True, True, True, False]


def test_a_test_gives_the_same_twice():
    data = found(planted(2, np.random.default_rng(1)))
    first, again = (ResidualTest("permutation", 99, seed=4)(data) for _ in range(2))
    pd.testing.assert_frame_equal(first.tests, again.tests)
    assert first.draws == 99
    assert first.first > 1 / 12


def test_gaussian_cells_have_the_spread_of_their_column():
    left = np.array([[0.0, 3.0], [2.0, -3.0], [-2.0, 3.0]])
    drawn = gaussian_cells(left, USED, 1, 20_000, np.random.default_rng(0))
    assert drawn.std(axis=(0, 1)) == pytest.approx([8**0.5, 13.5**0.5], rel=0.02)


def test_permuted_cells_stay_in_their_column_and_out_of_gaps():
    left = np.array([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]])
    drawn = permuted_cells(left, USED, 0, 200, np.random.default_rng(0))
    assert (drawn[:, 0, 0] == 0).all()
    assert (np.sort(drawn, axis=1) == np.sort(left, axis=0)).all()
    assert len({tuple(matrix[:, 1]) for matrix in drawn}) == 6


def test_flipped_cells_keep_their_place_and_size():
    left = np.array([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]])
    drawn = flipped_cells(left, USED, 0, 200, np.random.default_rng(0))
    assert (np.abs(drawn) == left).all()
    assert np.abs((drawn > 0).mean(axis=0)[left > 0] - 0.5).max() < 0.15


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"noise": "white"}, "white"),
        ({"noise": "gaussian", "draws": 18}, r"noise_draws=18: at least 19, or no p value can reach 0\.05"),
        (
            {"noise": "gaussian", "draws": 19, "level": 0.01},
            r"noise_draws=19: at least 99, or no p value can reach 0\.01",
        ),
    ],
)
def test_wrong_parameters_are_refused(parameters, message):
    with pytest.raises(UserError, match=message):
        ResidualTest(**parameters)


def test_every_null_is_known_by_its_name():
    assert list(CELL_NOISE) == ["gaussian", "permutation", "sign_flip"]


def test_behind_a_trait_a_ceiling_is_no_second_component_and_the_trait_is_the_one_reported():
    """By slopes alone the ceiling is a component as well, and mostly the larger one."""
    told = [component_tests(ended(np.random.default_rng(seed), with_trait, 0.3, (20, 20)), 99, 0.05) for seed in (0, 3)]
    assert [tests.before_bends for tests in told] == [2, 2]
    assert [tests.retained for tests in told] == [1, 1]
    data = ended(np.random.default_rng(0), with_trait, 0.3, (20, 20))
    assert told[0].bends_matter
    assert told[0].reported is told[0].bent
    assert told[0].p_bends.iloc[1] > 0.05
    first = np.linalg.svd(data.bending.standardized)[2][0]
    assert abs(first @ np.where(np.arange(20) % 2, 1.0, -1.0)) > 0.9 * 20**0.5


def test_where_nothing_bends_components_are_those_by_slopes():
    tests = component_tests(found(planted(3, np.random.default_rng(0))), 99, 0.05)
    assert not tests.bends_matter
    assert tests.reported is tests.nulls
    assert tests.retained == 2
    assert tests.p_bends.notna().tolist()[:4] == [True, True, True, False]


def test_of_scores_there_are_no_bends():
    tests = component_tests(observations(pd.DataFrame(planted(1, np.random.default_rng(0)))), 99, 0.05)
    assert tests.retained == tests.before_bends == 1
    assert np.isnan(tests.p_bends.iloc[0])
