"""Principal components against scikit-learn, an eigendecomposition and published numbers."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import PCA

from crosstask.errors import UserError
from tests.support.components import components_of

PUBLISHED = Path(__file__).parents[2] / "reference_data"


@pytest.fixture
def matrix():
    """Scores of 7 sources on 4 targets of unlike spread."""
    values = np.random.default_rng(3).normal(size=(7, 4)) @ np.diag([1.0, 0.5, 0.2, 0.1]) + [
        0.1,
        0.5,
        0.9,
        0.3,
    ]
    return pd.DataFrame(values, index=["base", *"abcdef"], columns=["gsm8k", "goat", "imdb", "pile"])


def test_correlation_eigenvalues_and_vectors(matrix):
    result = components_of(matrix, scale="zscore")
    values, vectors = np.linalg.eigh(np.corrcoef(matrix.T))
    np.testing.assert_allclose(result.variance["eigenvalue"], values[::-1])
    np.testing.assert_allclose(np.abs(result.loadings), np.abs(vectors[:, ::-1]), atol=1e-12)


def test_covariance_components_agree_with_scikit_learn(matrix):
    result = components_of(matrix, scale="none")
    reference = PCA().fit(matrix)
    np.testing.assert_allclose(result.variance["eigenvalue"], reference.explained_variance_)
    np.testing.assert_allclose(result.variance["explained_variance_ratio"], reference.explained_variance_ratio_)
    signs = np.sign((result.loadings.to_numpy() * reference.components_.T).sum(axis=0))
    np.testing.assert_allclose(result.loadings, reference.components_.T * signs, atol=1e-12)
    scores = reference.transform(matrix) * signs
    np.testing.assert_allclose(result.traits, scores / np.linalg.norm(scores, axis=0), atol=1e-12)


def test_traits_and_loadings_rebuild_the_centered_matrix(matrix):
    result = components_of(matrix, scale="none")
    singular = np.sqrt(result.variance["eigenvalue"] * (len(matrix) - 1)).to_numpy()
    rebuilt = result.traits.to_numpy() * singular @ result.loadings.to_numpy().T
    np.testing.assert_allclose(rebuilt, matrix - matrix.mean(), atol=1e-12)


def test_entry_of_largest_magnitude_is_positive(matrix):
    loadings = components_of(matrix).loadings
    largest = loadings.abs().idxmax()
    assert all(loadings.loc[target, name] > 0 for name, target in largest.items())
    flipped = components_of(-matrix).loadings
    pd.testing.assert_frame_equal(flipped, loadings)


def test_of_entries_equally_large_the_first_is_positive():
    for seed in range(20):
        pair = pd.DataFrame(np.random.default_rng(seed).normal(size=(6, 2)), columns=["goat", "imdb"])
        assert all(components_of(pair).loadings.loc["goat"] > 0)


def test_base_excluded_is_as_if_it_were_not_there(matrix):
    excluded = components_of(matrix, base="excluded")
    assert "base" not in excluded.traits.index
    pd.testing.assert_frame_equal(excluded.loadings, components_of(matrix.drop(index="base")).loadings)


def test_base_projected_lies_where_scikit_learn_puts_it_and_changes_nothing(matrix):
    projected = components_of(matrix, scale="none", base="projected", count=3)
    others = matrix.drop(index="base")
    without = components_of(matrix, scale="none", base="excluded", count=3)
    pd.testing.assert_frame_equal(projected.loadings, without.loadings)
    assert projected.traits.index.tolist() == matrix.index.tolist()
    pd.testing.assert_frame_equal(projected.traits.drop(index="base"), without.traits)
    reference = PCA(3).fit(others)
    lengths = np.linalg.norm(reference.transform(others), axis=0)
    expected = reference.transform(matrix.loc[["base"]])[0] / lengths
    np.testing.assert_allclose(projected.traits.loc["base"].abs(), np.abs(expected), atol=1e-12)


def test_a_projected_row_equal_to_an_observation_gets_its_traits(matrix):
    twin = matrix.copy()
    twin.loc["base"] = twin.loc["d"]
    traits = components_of(twin, base="projected").traits
    np.testing.assert_allclose(traits.loc["base"], traits.loc["d"], atol=1e-12)


def test_headroom_has_the_components_of_shares_of_headroom(matrix):
    fractions = (matrix - matrix.min() + 0.1) / (np.ptp(matrix, axis=0) + 0.2)
    result = components_of(fractions, scale="headroom")
    base = fractions.loc["base"]
    by_hand = (fractions - base) / (1 - base)
    reference = PCA().fit(by_hand)
    np.testing.assert_allclose(result.variance["eigenvalue"], reference.explained_variance_)
    percent = components_of(fractions * 100, scale="headroom", ceiling=100)
    np.testing.assert_allclose(percent.loadings, result.loadings, atol=1e-9)


def test_count_limits_loadings_and_traits_but_not_variances(matrix):
    result = components_of(matrix, count=2)
    assert list(result.loadings) == list(result.traits) == ["PC1", "PC2"]
    assert result.variance["component"].tolist() == ["PC1", "PC2", "PC3", "PC4"]


def test_fewer_sources_than_targets_give_one_component_less_than_sources(matrix):
    assert len(components_of(matrix.head(3)).variance) == 2


def test_repeated_targets_give_no_component_of_rounding(matrix):
    result = components_of(matrix[["goat", "imdb"]].assign(again=matrix["goat"] * 2 + 1))
    assert len(result.variance) == 2
    assert result.variance["eigenvalue"].sum() == pytest.approx(3)


def test_incomplete_sources_are_left_out_and_named(matrix):
    holed = matrix.copy()
    holed.loc["c", "imdb"] = np.nan
    result = components_of(holed)
    assert result.observations.incomplete_sources == ("c",)
    pd.testing.assert_frame_equal(result.traits, components_of(matrix.drop(index="c")).traits)


@pytest.mark.parametrize("scale", ["zscore", "none"])
def test_constant_targets_are_left_out_and_named(matrix, scale):
    third = np.full(len(matrix), 0.3)
    third[::2] = 0.1 + 0.2  # the same score, but for the last digit
    result = components_of(matrix.assign(mnli=third), scale=scale)
    assert result.observations.constant_targets == ("mnli",)
    pd.testing.assert_frame_equal(result.loadings, components_of(matrix, scale=scale).loadings)


def test_one_target_is_refused(matrix):
    with pytest.raises(UserError, match="^components need 2 targets with scores that vary; there are 1$"):
        components_of(matrix[["goat"]])


def test_one_complete_source_is_refused(matrix):
    holed = matrix.head(2).copy()
    holed.loc["a", "goat"] = np.nan
    with pytest.raises(
        UserError,
        match="^components need 2 sources with a score on every target; there are 1; analysis.traits.missing=impute",
    ):
        components_of(holed)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"scale": "standard"}, "^scale='standard': not one of zscore, none, headroom$"),
        ({"base": "without"}, "^base='without': not one of included, projected, excluded$"),
        ({"missing": "mean"}, "^missing='mean': not one of drop, impute$"),
        ({"count": 0}, "^count=0: at least 1 component$"),
    ],
)
def test_wrong_parameters_are_refused(matrix, parameters, message):
    with pytest.raises(UserError, match=message):
        components_of(matrix, **parameters)


@pytest.mark.parametrize(("scale", "shares"), [("zscore", [0.781, 0.920, 0.959]), ("none", [0.843, 0.943, 0.974])])
def test_explained_variance_of_148_language_models(scale, shares):
    table = pd.read_csv(PUBLISHED / "observational_scaling_base_llms.csv", index_col="Model")
    result = components_of(table.loc[:, "MMLU":"HumanEval"], scale=scale)
    assert len(result.traits) == 124
    cumulated = result.variance["explained_variance_ratio"].cumsum()
    np.testing.assert_allclose(cumulated[:3], shares, atol=0.001)


def test_components_printed_in_the_paper_come_back_from_the_matrix_they_make():
    loadings = pd.read_csv(PUBLISHED / "paper_components.csv", index_col="component").T
    weights = pd.read_csv(PUBLISHED / "paper_model_weights.csv", index_col="row")
    np.testing.assert_allclose(loadings.T @ loadings, np.eye(4), atol=0.02)
    np.testing.assert_allclose(weights.T @ weights, np.eye(4), atol=0.02)
    np.testing.assert_allclose(weights.sum(), 0, atol=0.02)
    matrix = weights @ np.diag([8.0, 4.0, 2.0, 1.0]) @ loadings.to_numpy().T + 0.5
    result = components_of(matrix, scale="none", count=4)
    signs = np.sign((result.loadings.to_numpy() * loadings.to_numpy()).sum(axis=0))
    np.testing.assert_allclose(result.loadings * signs, loadings, atol=0.02)
    np.testing.assert_allclose(result.traits * signs, weights, atol=0.02)
