"""Effects of settings against ordinary least squares by dummies, and against means where these suffice."""

import numpy as np
import pandas as pd
import pytest

from crosstask.analysis.matrix.row_keys import distinct_settings, membership, row_sources
from crosstask.analysis.traits.settings_effects import SettingsEffects

RNG = np.random.default_rng(0)


def rows(names: list[str], keys: list[str]) -> pd.MultiIndex:
    """Rows called source/key/..., with a level for each key; a base model has the first only."""
    parts = [name.split("/") for name in names]
    return pd.MultiIndex.from_tuples(
        [(*part, *[""] * (1 + len(keys) - len(part))) for part in parts], names=["source", *keys]
    )


def effects_of(index: pd.Index) -> SettingsEffects:
    """Effects of the settings of rows."""
    return SettingsEffects(tuple(row_sources(index)), membership(index, distinct_settings(index)))


def test_with_one_setting_means_are_taken_off():
    values = RNG.normal(size=(5, 3))
    for index in (pd.Index(list("abcde")), rows(["a/m", "b/m", "c/m", "d/m", "e/m"], ["model"])):
        effects = effects_of(index)
        np.testing.assert_allclose(effects.fitted(values), np.tile(values.mean(axis=0), (5, 1)))
        assert (effects.count, effects.count_within) == (1, 0)


def test_where_every_source_has_every_setting_its_mean_is_taken_off():
    names = [f"{source}/{model}" for source in ("base", "a", "b", "c") for model in ("m", "n")]
    index = rows(names, ["model"])
    values = RNG.normal(size=(8, 4))
    found = effects_of(index).fitted(values)
    expected = pd.DataFrame(values, index).groupby(level="model").transform("mean")
    np.testing.assert_allclose(found, expected)


def test_where_sources_are_missing_effects_are_those_of_least_squares():
    names = ["a/m", "b/m", "c/m", "d/m", "a/n", "b/n", "b/o", "c/o"]
    index = rows(names, ["model"])
    values = RNG.normal(size=(8, 2))
    effects = effects_of(index)
    dummies = pd.concat(
        [pd.get_dummies([name[0] for name in names]), pd.get_dummies(index.get_level_values("model"))], axis=1
    )
    fit = np.linalg.lstsq(dummies.to_numpy(float), values, rcond=None)[0]
    of_models = pd.get_dummies(index.get_level_values("model")).to_numpy(float) @ fit[4:]
    expected = values - of_models
    np.testing.assert_allclose(values - effects.fitted(values), expected - expected.mean(axis=0))
    assert (effects.count, effects.count_within) == (3, 2)


def test_settings_without_a_source_in_common_have_their_means_taken_off():
    names = ["a/m", "b/m", "c/m", "d/n", "e/n", "c/o"]
    index = rows(names, ["model"])
    values = RNG.normal(size=(6, 2))
    effects = effects_of(index)
    left = values - effects.fitted(values)
    np.testing.assert_allclose(left[3:5], values[3:5] - values[3:5].mean(axis=0))
    np.testing.assert_allclose(left[2], left[5])  # the only source of o is as good there as elsewhere
    np.testing.assert_allclose(left[[0, 1, 2, 5]].mean(axis=0), 0, atol=1e-12)
    assert (effects.count, effects.count_within) == (3, 1)


def test_what_is_left_has_no_effects_and_as_many_dimensions_as_rows_less_settings():
    names = ["base/m", "base/n", "a/m/4", "a/m/8", "a/n/4", "b/m/4", "b/n/4", "c/m/8"]
    index = rows(names, ["model", "rank"])
    effects = effects_of(index)
    assert distinct_settings(index) == [("m", "4"), ("m", "8"), ("n", "4")]
    assert effects.membership[0].tolist() == [0.5, 0.5, 0]  # the base model stands for both ranks
    left = np.eye(8) - effects.fitted(np.eye(8))
    np.testing.assert_allclose(left @ left, left, atol=1e-12)
    np.testing.assert_allclose(left @ effects.membership, 0, atol=1e-12)
    assert np.linalg.matrix_rank(left) == 5


def test_a_base_model_without_sources_is_a_setting_of_its_own():
    index = rows(["base/m", "base/n", "a/m", "b/m"], ["model"])
    values = RNG.normal(size=(4, 2))
    effects = effects_of(index)
    assert distinct_settings(index) == [("m",), ("n",)]
    left = values - effects.fitted(values)
    np.testing.assert_allclose(left[1], left[0])


def test_other_rows_have_the_effect_of_their_setting_taken_off():
    index = rows(["a/m", "b/m", "a/n", "b/n"], ["model"])
    values = RNG.normal(size=(4, 2))
    effects = effects_of(index)
    found = effects.of_other_rows(membership(rows(["base/n", "base/o"], ["model"]), distinct_settings(index)), values)
    np.testing.assert_allclose(found[0], values[2:].mean(axis=0))
    assert np.isnan(found[1]).all()


@pytest.mark.parametrize("shape", [(2, 4, 3), (5, 2, 4, 3)])
def test_any_number_of_matrices_is_fitted_at_once(shape):
    index = rows(["a/m", "b/m", "a/n", "b/n"], ["model"])
    values = RNG.normal(size=shape)
    effects = effects_of(index)
    fitted = effects.fitted(values)
    place = (0,) * (len(shape) - 2)
    np.testing.assert_allclose(fitted[place], effects.fitted(values[place]))
