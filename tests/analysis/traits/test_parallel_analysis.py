"""The null of noise against published and simulated numbers, and the sequential test against truth that is planted."""

import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import PCA

from crosstask.analysis.traits.parallel_analysis import ParallelAnalysis, _residual_inflation
from crosstask.analysis.traits.preparation import observations
from crosstask.analysis.traits.sequential_tests import explained_variance_ratios
from crosstask.errors import UserError


def noise(n_rows: int, n_columns: int, seed: int = 0) -> pd.DataFrame:
    """Independent Gaussian numbers."""
    return pd.DataFrame(np.random.default_rng(seed).normal(size=(n_rows, n_columns)))


def planted(count: int, n_rows: int = 22, n_columns: int = 22, seed: int = 0) -> pd.DataFrame:
    """As many strong factors, noise of a quarter of their size."""
    rng = np.random.default_rng(seed)
    factors = rng.normal(size=(n_rows, count)) @ rng.normal(size=(count, n_columns))
    return pd.DataFrame(factors + 0.25 * rng.normal(size=(n_rows, n_columns)))


def test_noise_of_11_by_10_explains_what_was_published_for_it():
    null = ParallelAnalysis()(observations(noise(11, 10))).null
    np.testing.assert_allclose(10 * null["mean"][:5], [2.92, 2.17, 1.64, 1.22, 0.87], atol=0.02)
    fourth = null.iloc[3]
    assert fourth["cumulative_mean"] == pytest.approx(0.796, abs=0.002)
    assert fourth["cumulative_p05"] == pytest.approx(0.740, abs=0.005)
    assert fourth["cumulative_p95"] == pytest.approx(0.850, abs=0.005)
    np.testing.assert_allclose(10 * null["p95"][:5], [3.53, 2.55, 1.95, 1.49, 1.12], atol=0.06)


def test_permuted_gaussian_noise_is_gaussian_noise():
    """Each single matrix has a null of its own; they scatter round the common one."""
    means = [
        ParallelAnalysis("permutation", draws=200)(observations(noise(11, 10, seed))).null["mean"] for seed in range(30)
    ]
    np.testing.assert_allclose(10 * np.mean(means, axis=0)[:5], [2.92, 2.17, 1.64, 1.22, 0.87], atol=0.04)


def test_permutation_keeps_every_column_and_gaussian_noise_only_its_deviation():
    outlier = noise(12, 4)
    outlier.iloc[0, :] = 50.0  # in one row here, seldom in one row when permuted
    data = observations(outlier, scale="none")
    permutation, gaussian = (
        ParallelAnalysis(kind, draws=400)(data).null["mean"][0] for kind in ("permutation", "gaussian")
    )
    assert gaussian == pytest.approx(0.47, abs=0.05)
    assert permutation == pytest.approx(0.40, abs=0.08)
    assert permutation != pytest.approx(gaussian, abs=0.01)


def test_without_zscoring_noise_has_the_spread_of_the_columns():
    wide = noise(4000, 3) * [3.0, 1.0, 1.0]
    ratio = ParallelAnalysis(draws=19)(observations(wide, scale="none")).null["mean"]
    np.testing.assert_allclose(ratio, [9 / 11, 1 / 11, 1 / 11], atol=0.02)
    scaled = ParallelAnalysis(draws=19)(observations(wide)).null["mean"]
    np.testing.assert_allclose(scaled, [1 / 3] * 3, atol=0.03)


@pytest.mark.parametrize("kind", ["gaussian", "permutation"])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_planted_factors_are_retained(kind, count):
    assert ParallelAnalysis(kind, draws=199)(observations(planted(count))).retained == count


def test_the_second_of_two_factors_is_missed_by_horns_rule_and_found_here():
    """Ten targets are few: a first factor leaves the second less variance than noise has all by itself."""
    found, missed = 0, 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        weights = np.zeros((10, 3))
        weights[np.arange(10), np.arange(10) % 3] = 1
        values = rng.normal(size=(11, 3)) @ weights.T + 0.25 * rng.normal(size=(11, 10))
        test = ParallelAnalysis(draws=199)(observations(pd.DataFrame(values)))
        found, missed = found + (test.retained == 3), missed + (test.retained_at_once < 3)
    assert found >= 16
    assert missed >= 10


def test_the_smallest_p_value_counts_the_data_as_one_of_the_draws():
    tests = ParallelAnalysis(draws=19)(observations(planted(1))).tests
    assert tests["p"][0] == pytest.approx(1 / 20)


def test_threshold_and_p_value_decide_alike():
    for seed in range(10):
        tests = ParallelAnalysis(draws=99)(observations(planted(2, 11, 10, seed))).tests.dropna()
        np.testing.assert_array_equal(tests["explained_variance_ratio"] > tests["threshold"], tests["p"] <= 0.05)


def test_nothing_is_tested_after_the_first_component_that_falls_short():
    tests = ParallelAnalysis(draws=99)(observations(planted(2))).tests
    assert tests["p"].notna().tolist() == [True] * 3 + [False] * (len(tests) - 3)


def test_the_first_p_value_is_how_often_noise_does_as_much():
    data = observations(noise(11, 10, seed=7))
    test = ParallelAnalysis(draws=999)(data)
    rng = np.random.default_rng(5)
    shares = [PCA().fit(np.apply_along_axis(lambda x: x / x.std(), 0, rng.normal(size=(11, 10)))) for _ in range(1500)]
    reached = np.mean([one.explained_variance_ratio_[0] >= test.tests["explained_variance_ratio"][0] for one in shares])
    assert test.tests["p"][0] == pytest.approx(reached, abs=0.05)


def test_imputed_noise_explains_more_and_so_does_not_pass_for_a_trait():
    holed = noise(11, 10).mask(np.random.default_rng(1).uniform(size=(11, 10)) < 0.25)
    filled = ParallelAnalysis(draws=99)(observations(holed, missing="impute"))
    whole = ParallelAnalysis(draws=99)(observations(noise(11, 10)))
    assert filled.null["mean"][0] > whole.null["mean"][0] + 0.03
    assert filled.retained == 0


def test_what_seeds_have_in_common_over_targets_is_in_the_noise():
    """Sources without traits whose seeds are better or worse altogether: one component, of the noise as well."""
    rng = np.random.default_rng(0)
    runs = rng.normal(size=(30, 1, 8)) + 2 * rng.normal(size=(30, 4, 1))
    sources = [f"s{place}" for place in range(30)]
    matrix = pd.DataFrame(runs.mean(axis=1), sources)
    finer = pd.DataFrame(runs.reshape(-1, 8), np.repeat(sources, 4))
    exact = ParallelAnalysis(draws=199)(observations(matrix))
    known = ParallelAnalysis(draws=199)(observations(matrix, seeds=finer))
    assert (exact.retained, known.retained) == (1, 0)
    of_means = finer.groupby(np.repeat(sources, 4)).var().mean() / 4
    common = (of_means / matrix.var()).mean()  # columns are so much correlated: the first eigenvalue is 1 + 7 times it
    assert known.null["mean"][0] == pytest.approx((1 + 7 * common) / 8, abs=0.03)
    assert exact.null["mean"][0] < 0.3


def test_components_without_noise_do_not_break_the_test():
    rng = np.random.default_rng(0)
    exact = pd.DataFrame(rng.normal(size=(8, 2)) @ rng.normal(size=(2, 5)))
    assert ParallelAnalysis(draws=99)(observations(exact)).retained == 2


@pytest.mark.parametrize("count", [1, 3])
def test_noise_after_fitted_components_is_as_large_as_the_noise_that_was_planted(count):
    """Components fit some of the noise; what they leave is widened by the degrees of freedom that they took."""
    variances = []
    for seed in range(40):
        values = planted(count, 11, 10, seed).to_numpy()
        values = values - values.mean(axis=0)
        left, singular, right = np.linalg.svd(values, full_matrices=False)
        residuals = values - (left[:, :count] * singular[:count]) @ right[:count]
        variances.append(np.mean((residuals * _residual_inflation(10, 10, count)) ** 2) * 11 / 10)
    assert np.mean(variances) == pytest.approx(0.25**2, rel=0.06)


@pytest.mark.slow
def test_of_large_matrices_fewer_are_drawn():
    assert ParallelAnalysis()(observations(noise(11, 10))).draws == 2000
    assert ParallelAnalysis()(observations(noise(120, 120))).draws == 231


def test_it_is_repeatable_and_changes_with_the_seed():
    data = observations(noise(6, 4))
    first = ParallelAnalysis(draws=20, seed=1)(data).null
    pd.testing.assert_frame_equal(first, ParallelAnalysis(draws=20, seed=1)(data).null)
    assert not first.equals(ParallelAnalysis(draws=20, seed=2)(data).null)


@pytest.mark.parametrize("shape", [(30, 6), (6, 30)])
def test_ratios_agree_with_scikit_learn(shape):
    values = np.random.default_rng(4).normal(size=shape)
    ratios = explained_variance_ratios(values - values.mean(axis=0), 5)
    np.testing.assert_allclose(ratios, PCA().fit(values).explained_variance_ratio_[:5])


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"noise": "uniform"}, "^noise='uniform': not one of gaussian, permutation$"),
        (
            {"draws": 18},
            r"^analysis\.traits\.noise_draws=18: at least 19, or no p value can reach 0\.05 \(analysis\.alpha\)$",
        ),
    ],
)
def test_wrong_parameters_are_refused(parameters, message):
    with pytest.raises(UserError, match=message):
        ParallelAnalysis(**parameters)
