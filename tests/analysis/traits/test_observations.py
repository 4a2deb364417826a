"""Which rows and columns are decomposed, on which scale, and what is refused."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import zscore

from crosstask.analysis.matrix.row_keys import base_rows
from crosstask.analysis.traits.preparation import observations
from crosstask.errors import UserError


@pytest.fixture
def matrix():
    """Scores of the base model and 6 sources on 4 targets, between 0.1 and 0.9."""
    values = np.random.default_rng(3).uniform(0.1, 0.9, size=(7, 4))
    return pd.DataFrame(values, index=["base", *"abcdef"], columns=["gsm8k", "goat", "imdb", "pile"])


def test_zscores_are_those_of_scipy(matrix):
    np.testing.assert_allclose(observations(matrix).standardized, zscore(matrix, ddof=1))


def test_without_scaling_columns_are_only_centered(matrix):
    data = observations(matrix, scale="none")
    np.testing.assert_allclose(data.standardized, matrix - matrix.mean())


def test_any_number_of_matrices_is_standardized_at_once(matrix):
    data = observations(matrix)
    both = data.standardize(np.stack([matrix.to_numpy(), 2 * matrix.to_numpy() + 1]))
    np.testing.assert_allclose(both[0], both[1])
    np.testing.assert_allclose(both[0], data.standardized)


def test_the_projected_base_is_on_the_scale_of_the_others(matrix):
    data = observations(matrix, base="projected")
    others = matrix.drop(index="base")
    assert data.values.index.tolist() == list("abcdef")
    expected = (matrix.loc[["base"]] - others.mean()) / others.std(ddof=1)
    values, projected = data.standardize_with_projected(data.values.to_numpy(), data.projected.to_numpy())
    np.testing.assert_allclose(projected, expected)
    np.testing.assert_allclose(values, data.standardized)


@pytest.mark.parametrize("scale", ["zscore", "headroom"])
def test_the_same_part_of_another_matrix_is_taken(matrix, scale):
    matrix.loc["c", "imdb"] = np.nan
    data = observations(matrix, scale, base="projected")
    other = matrix.fillna(0.5) * 0.5 + 0.1
    expected = observations(other.drop(index="c"), scale, base="projected")
    values, projected = data.redrawn(other.iloc[::-1, ::-1])
    np.testing.assert_allclose(values, expected.values)
    np.testing.assert_allclose(projected, expected.projected)


def keyed(*rows: tuple[str, ...], names: tuple[str, ...] = ("source", "model")) -> pd.MultiIndex:
    """Rows with a level for each of their keys."""
    return pd.MultiIndex.from_tuples(rows, names=names)


def of_model(matrix: pd.DataFrame, model: str) -> pd.DataFrame:
    """The matrix with rows of a model."""
    return matrix.set_axis(keyed(*((name, model) for name in matrix.index)))


@pytest.mark.parametrize("large", ["large", "org/small"])
def test_headroom_is_that_of_each_rows_own_base_model(matrix, large):
    both = pd.concat([of_model(matrix, "small"), 0.5 * of_model(matrix, large) + 0.1])
    shares = observations(both, scale="headroom").values
    models = both.index.get_level_values("model")
    for model in ("small", large):
        base = both.loc[("base", model)]
        np.testing.assert_allclose(shares[models == model], (both[models == model] - base) / (1 - base))
    lacking = observations(both.drop(index=[("base", large)]), scale="headroom")
    assert lacking.incomplete_sources == tuple(f"{name}/{large}" for name in "abcdef")


def test_rows_whose_base_model_is_open_are_refused_on_the_scale_of_headroom(matrix):
    rows = [("base", "8", ""), ("base", "", "4"), *((name, "8", "4") for name in matrix.index[2:])]
    with pytest.raises(UserError, match=r"^analysis\.rows: the base model of b/8/4 could be base/8 or base/4$"):
        observations(matrix.set_axis(keyed(*rows, names=("source", "model", "rank"))), scale="headroom")


@pytest.fixture
def two_models(matrix):
    """The matrix on two models, the second better on every target."""
    noise = np.random.default_rng(4).normal(0, 0.1, size=matrix.shape)
    return pd.concat([of_model(matrix, "m"), of_model(matrix + 0.3 + noise, "n")])


@pytest.mark.parametrize("scale", ["zscore", "none"])
def test_rows_of_several_settings_are_centered_setting_by_setting(two_models, scale):
    data = observations(two_models, scale)
    centered = two_models - two_models.groupby(level="model").transform("mean")
    pooled = np.sqrt((centered**2).sum() / 12) if scale == "zscore" else 1.0  # 14 rows less two means
    np.testing.assert_allclose(data.standardized, centered / pooled)
    assert (data.df, data.rank) == (12, 4)


def test_a_projected_base_model_is_held_against_its_own_setting(two_models):
    data = observations(two_models, "none", "projected")
    is_base = base_rows(two_models.index)
    means = two_models[~is_base].groupby(level="model").mean()
    _, projected = data.standardize_with_projected(data.values.to_numpy(), data.projected.to_numpy())
    np.testing.assert_allclose(projected, two_models[is_base] - means.to_numpy())
    without = observations(
        two_models[is_base | (two_models.index.get_level_values("model") == "m")], "none", "projected"
    )
    assert without.projected.index.tolist() == [("base", "m")]
    assert without.unprojected == ("base/n",)


def test_a_target_that_only_settings_tell_apart_is_left_out(two_models):
    both = two_models.assign(pile=np.where(two_models.index.get_level_values("model") == "m", 0.2, 0.7))
    assert observations(both).constant_targets == ("pile",)
    both["imdb"] = both["goat"] = both["pile"]
    with pytest.raises(UserError, match="^components need 2 targets with scores that vary; there are 1$"):
        observations(both)


def test_a_gap_does_not_make_a_target_vary_that_only_settings_tell_apart(two_models):
    both = two_models.assign(pile=np.where(two_models.index.get_level_values("model") == "m", 0.2, 0.7))
    both.loc[("c", "n"), "pile"] = np.nan
    assert observations(both, missing="impute").constant_targets == ("pile",)


def test_of_a_column_that_came_out_constant_nothing_is_left(two_models):
    """Effects of settings leave rounding of it, which must not be blown up to a standard deviation of 1."""
    data = observations(two_models)
    for constant in (0.07, 0.17, 0.61, 0.93):
        values = two_models.to_numpy().copy()
        values[:, 2] = constant
        assert np.abs(data.standardize(values)[:, 2]).max() < 1e-12


def test_one_source_is_too_few_however_many_rows_it_has(matrix):
    rows = keyed(("base", ""), *(("a", str(seed)) for seed in range(6)), names=("source", "seed"))
    with pytest.raises(
        UserError,
        match="^components need 2 sources with a score on every target; there are 1; analysis.traits.missing=impute",
    ):
        observations(matrix.set_axis(rows), base="excluded")


def test_settings_of_one_row_each_leave_nothing(matrix):
    rows = keyed(*((name, str(place)) for place, name in enumerate(matrix.index[1:])), names=("source", "rank"))
    with pytest.raises(UserError, match="^components need 2 sources of one setting; 6 rows are of 6 settings$"):
        observations(matrix[1:].set_axis(rows))


def test_gaps_are_filled_beside_the_effects_of_settings(two_models):
    """One trait and a level for each model, without noise: a gap is filled with what stood there."""
    traits, weights = np.random.default_rng(5).normal(size=7), np.array([1.0, 0.5, -1, 2])
    whole = np.outer(np.tile(traits, 2), weights) + np.repeat([0.0, 10.0], 7)[:, None]
    table = pd.DataFrame(whole, two_models.index, ["gsm8k", "goat", "imdb", "pile"])
    holed = table.mask(np.isin(np.arange(whole.size), [5, 30, 47]).reshape(whole.shape))
    filled = observations(holed, missing="impute").standardized
    np.testing.assert_allclose(filled, observations(table).standardized, atol=0.01)


def test_a_missing_score_drops_its_source_or_is_filled(matrix):
    matrix.loc["c", "imdb"] = np.nan
    dropped = observations(matrix)
    assert (dropped.incomplete_sources, dropped.gaps.any()) == (("c",), False)
    filled = observations(matrix, missing="impute")
    assert (filled.incomplete_sources, filled.gaps.sum()) == ((), 1)
    assert np.isfinite(filled.standardized).all()


def test_sources_and_targets_without_any_score_are_left_out_and_named(matrix):
    matrix.loc["c"] = np.nan
    matrix["pile"] = np.nan
    data = observations(matrix, missing="impute")
    assert data.incomplete_sources == ("c",)
    assert data.unscored_targets == ("pile",)
    assert data.values.shape == (6, 3)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda matrix: matrix.drop(index="base"),
            r"^analysis\.traits\.scale=headroom: needs a row of the base model; there is none$",
        ),
        (
            lambda matrix: matrix * 100,
            r"on gsm8k, which leaves nothing to the ceiling of 1 \(analysis\.traits\.ceiling\)$",
        ),
    ],
)
def test_headroom_that_is_not_there_is_refused(matrix, change, message):
    with pytest.raises(UserError, match=message):
        observations(change(matrix), scale="headroom")
