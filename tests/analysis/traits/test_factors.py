"""Factor analysis against R's published solutions, and the guard that refuses what has no meaning."""

import numpy as np
import pandas as pd
import pytest
from scipy.linalg import cholesky
from sklearn.decomposition import FactorAnalysis as ScikitFactors

from crosstask.analysis.traits.factors import FactorAnalysis, rotate
from crosstask.analysis.traits.observations import Observations
from crosstask.analysis.traits.preparation import observations
from crosstask.errors import UserError
from tests.reference_data.harman import (
    ABILITY,
    ABILITY_OBLIMIN,
    ABILITY_QUARTIMAX,
    ABILITY_UNIQUE,
    ABILITY_VARIMAX,
    PHI,
    PHYSICAL,
    QUARTIMAX,
    QUARTIMIN,
    UNROTATED,
)


def with_correlations(correlations: np.ndarray, n_rows: int) -> Observations:
    """Observations that have exactly these correlations."""
    deviations = np.sqrt(np.diag(correlations))
    rng = np.random.default_rng(0)
    raw = rng.normal(size=(n_rows, len(correlations)))
    white = np.linalg.qr(raw - raw.mean(axis=0))[0] * np.sqrt(n_rows - 1)
    values = white @ cholesky(correlations / np.outer(deviations, deviations))
    return observations(pd.DataFrame(values, columns=[f"test_{number}" for number in range(len(correlations))]))


def matched(pattern: pd.DataFrame, reference: np.ndarray) -> np.ndarray:
    """The pattern's columns in the order and with the signs of the reference's."""
    values = pattern.to_numpy()
    order = [np.abs(values.T @ column).argmax() for column in reference.T]
    values = values[:, order]
    return values * np.sign((values * reference).sum(axis=0))


@pytest.mark.parametrize(
    ("rotation", "expected"),
    [("varimax", ABILITY_VARIMAX), ("quartimax", ABILITY_QUARTIMAX), ("oblimin", ABILITY_OBLIMIN)],
)
def test_maximum_likelihood_and_rotations_are_those_of_r(rotation, expected):
    data = with_correlations(ABILITY, 112)
    result = FactorAnalysis(2, rotation, "maximum_likelihood")(data)
    np.testing.assert_allclose(1 - result.communalities, ABILITY_UNIQUE, atol=0.0006)
    np.testing.assert_allclose(matched(result.pattern, expected), expected, atol=0.001)


@pytest.mark.parametrize(
    ("rotation", "expected", "between"), [("quartimax", QUARTIMAX, 0.0), ("oblimin", QUARTIMIN, PHI)]
)
def test_rotations_of_harmans_two_factors_are_those_of_gparotation(rotation, expected, between):
    pattern, correlations = rotate(UNROTATED, rotation)
    np.testing.assert_allclose(pattern, expected, atol=0.001)
    np.testing.assert_allclose(correlations, [[1, between], [between, 1]], atol=0.001)


def test_varimax_makes_the_variance_of_squared_loadings_largest():
    """The independent route: every angle of the plane is tried."""
    angles = np.radians(np.arange(0, 90, 0.1))
    turns = [np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]]) for a in angles]
    best = max(np.var((UNROTATED @ turn) ** 2, axis=0).sum() for turn in turns)
    assert np.var(rotate(UNROTATED, "varimax")[0] ** 2, axis=0).sum() == pytest.approx(best, abs=1e-6)


@pytest.mark.parametrize("extraction", ["principal_axis", "maximum_likelihood"])
def test_unrotated_factors_rebuild_harmans_correlations(extraction):
    result = FactorAnalysis(2, "none", extraction)(with_correlations(PHYSICAL, 305))
    rebuilt = result.pattern.to_numpy() @ result.pattern.to_numpy().T
    off = ~np.eye(8, dtype=bool)
    assert np.abs(rebuilt - PHYSICAL)[off].max() < 0.08
    assert np.sqrt(np.mean((rebuilt - PHYSICAL)[off] ** 2)) < 0.03
    assert result.variance["explained_variance_ratio"].sum() == pytest.approx(result.communalities.mean())


def test_oblique_factors_have_pattern_structure_and_correlations_that_belong_together():
    result = FactorAnalysis(2, "oblimin")(with_correlations(PHYSICAL, 305))
    phi = result.correlations.to_numpy()
    assert phi[0, 1] == pytest.approx(0.47, abs=0.03)  # of Harman's solution, by GPArotation
    np.testing.assert_allclose(np.diag(phi), 1)
    np.testing.assert_allclose(result.structure, result.pattern.to_numpy() @ phi)
    communalities = (result.pattern.to_numpy() @ phi * result.pattern.to_numpy()).sum(axis=1)
    np.testing.assert_allclose(communalities, result.communalities, atol=1e-6)
    assert result.variance["variance"].is_monotonic_decreasing
    assert result.variance["variance"].sum() == pytest.approx(communalities.sum())


def test_rotation_leaves_communalities_and_orthogonal_factors_uncorrelated():
    data = with_correlations(PHYSICAL, 305)
    plain, turned = FactorAnalysis(2, "none")(data), FactorAnalysis(2, "varimax")(data)
    np.testing.assert_allclose(plain.communalities, turned.communalities)
    np.testing.assert_allclose(turned.correlations, np.eye(2), atol=1e-9)
    np.testing.assert_allclose(turned.structure, turned.pattern, atol=1e-9)


def test_scores_are_those_of_weighted_regression_on_the_pattern():
    data = with_correlations(PHYSICAL, 60)
    result = FactorAnalysis(2, "oblimin")(data)
    weights = 1 / np.sqrt(1 - result.communalities.to_numpy())
    z = data.standardized
    expected = np.linalg.lstsq(result.pattern.to_numpy() * weights[:, None], (z * weights).T, rcond=None)[0].T
    np.testing.assert_allclose(result.scores, expected)


def test_maximum_likelihood_agrees_with_scikit_learn():
    rng = np.random.default_rng(3)
    values = rng.normal(size=(400, 2)) @ np.array([[1, 1, 1, 1, 0, 0, 0], [0, 0, 0, 0.4, 1, 1, 1]]) + 0.7 * rng.normal(
        size=(400, 7)
    )
    data = observations(pd.DataFrame(values))
    reference = ScikitFactors(2, tol=1e-6, max_iter=5000).fit(data.standardized)
    result = FactorAnalysis(2, "none", "maximum_likelihood")(data)
    np.testing.assert_allclose(1 - result.communalities, reference.noise_variance_, atol=0.005)


def test_order_and_signs_do_not_depend_on_the_input():
    data = with_correlations(PHYSICAL, 305)
    pattern = FactorAnalysis(2)(data).pattern
    flipped = observations(-data.values)
    np.testing.assert_allclose(FactorAnalysis(2)(flipped).pattern, pattern, atol=1e-6)
    largest = pattern.abs().idxmax()
    assert all(pattern.loc[target, factor] > 0 for factor, target in largest.items())


def heywood() -> np.ndarray:
    """Correlations of three variables that one factor can have only with a communality of 1.2 (0.9 * 0.8 / 0.6)."""
    return np.array([[1, 0.9, 0.8], [0.9, 1, 0.6], [0.8, 0.6, 1]])


@pytest.mark.parametrize("extraction", ["principal_axis", "maximum_likelihood"])
def test_a_heywood_case_is_refused_and_its_target_named(extraction):
    with pytest.raises(UserError, match=r"target test_0 a communality of [\d.]+, where less than 1 is possible"):
        FactorAnalysis(1, "none", extraction)(with_correlations(heywood(), 100))


def test_a_published_heywood_case_of_twelve_sources_is_refused():
    """Ten independent targets and eleven sources: what four factors of noise come to."""
    rng = np.random.default_rng(0)
    with pytest.raises(UserError, match="Heywood|does not converge"):
        FactorAnalysis(4)(observations(pd.DataFrame(rng.normal(size=(11, 10)))))


def test_extraction_that_does_not_settle_is_refused(monkeypatch):
    monkeypatch.setattr("crosstask.analysis.traits.factors._ITERATIONS", 2)
    with pytest.raises(UserError, match="^factor analysis by principal_axis of 2 factors does not converge$"):
        FactorAnalysis(2)(with_correlations(PHYSICAL, 305))


def test_a_rotation_that_does_not_settle_is_refused(monkeypatch):
    monkeypatch.setattr("crosstask.analysis.traits.factors._TRIES", 2)
    with pytest.raises(UserError, match="^rotation=oblimin of 2 factors does not converge$"):
        rotate(UNROTATED, "oblimin")


def test_principal_axis_takes_fewer_sources_than_targets():
    rng = np.random.default_rng(1)
    values = rng.normal(size=(9, 1)) @ np.ones((1, 12)) + 0.8 * rng.normal(size=(9, 12))
    assert FactorAnalysis(1)(observations(pd.DataFrame(values))).communalities.between(0, 0.995).all()


@pytest.mark.parametrize(
    ("count", "extraction", "n_rows", "message"),
    [
        (5, "principal_axis", 305, "^5 factors of 8 targets have more parameters than correlations$"),
        (2, "maximum_likelihood", 9, "^maximum likelihood needs at least 10 sources for 8 targets; there are 9$"),
    ],
)
def test_too_many_factors_or_too_few_sources_are_refused(count, extraction, n_rows, message):
    with pytest.raises(UserError, match=message):
        FactorAnalysis(count, "varimax", extraction)(with_correlations(PHYSICAL, n_rows))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"count": 0}, "^count=0: at least 1 factor$"),
        ({"count": 1, "rotation": "promax"}, "^rotation='promax': not one of none, varimax, quartimax, oblimin$"),
        (
            {"count": 1, "extraction": "minres"},
            "^extraction='minres': not one of principal_axis, maximum_likelihood$",
        ),
    ],
)
def test_wrong_parameters_are_refused(parameters, message):
    with pytest.raises(UserError, match=message):
        FactorAnalysis(**parameters)
