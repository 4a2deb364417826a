"""Intervals and stability of components, on matrices whose truth is known."""

from functools import partial

import numpy as np
import pandas as pd
import pytest

from crosstask.analysis.schema import column_names
from crosstask.analysis.traits import stability
from crosstask.analysis.traits.columns import LOADING_INTERVALS, STABILITY, TRAIT_INTERVALS
from crosstask.analysis.traits.stability import bootstrap, jackknife
from crosstask.errors import UserError
from tests.support.components import components_of

TWO = partial(components_of, count=2)


def planted(n_rows: int = 20, n_columns: int = 12, noise: float = 0.3) -> pd.DataFrame:
    """Two factors, the first of targets 0 to 5, the second of the others."""
    rng = np.random.default_rng(2)
    weights = np.zeros((2, n_columns))
    weights[0, : n_columns // 2], weights[1, n_columns // 2 :] = 1.5, 1.0
    values = rng.normal(size=(n_rows, 2)) @ weights + noise * rng.normal(size=(n_rows, n_columns))
    return pd.DataFrame(
        values, [f"s{row}" for row in range(n_rows)], [f"t{column}" for column in range(n_columns)]
    ).rename_axis(index="source", columns="target")


def shaken(matrix: pd.DataFrame, size: float):
    """Draw number -> the matrix with normal deviates added."""

    def draw(number: int) -> pd.DataFrame:
        return matrix + size * np.random.default_rng(number).normal(size=matrix.shape)

    return draw


def test_what_does_not_change_has_intervals_of_no_width():
    matrix = planted()
    result = bootstrap(TWO(matrix), lambda _: matrix, retained=2, draws=3)
    for table, name in ((result.loadings, "loading"), (result.traits, "trait")):
        np.testing.assert_allclose(table["ci_low"], table[name])
        np.testing.assert_allclose(table["ci_high"], table[name])
    np.testing.assert_allclose(result.stability["congruence"], 1)
    np.testing.assert_allclose(result.stability["angle"], 0, atol=1e-5)


def test_flipped_signs_and_exchanged_components_are_no_change():
    """The two factors are as large as each other: which comes first is chance."""
    matrix = planted(noise=0.0)

    def exchanged(number: int) -> pd.DataFrame:
        scale = np.where(np.arange(12) < 6, 1 + 1e-3 * number, 1 + 1e-3 * (1 - number))
        return (-1) ** number * matrix * scale

    analysis = partial(components_of, scale="none", count=2)
    result = bootstrap(analysis(matrix), exchanged, retained=2, draws=2)
    assert (result.loadings["ci_high"] - result.loadings["ci_low"]).max() < 0.02


def test_widths_are_those_of_the_distances_from_the_reported_values():
    matrix = planted()
    result = bootstrap(TWO(matrix), shaken(matrix, 0.1), retained=2, draws=200)
    reported = TWO(matrix).loadings
    drawn = []
    for number in range(200):
        loadings = TWO(shaken(matrix, 0.1)(number)).loadings
        drawn.append(loadings * np.sign((loadings * reported).sum()))
    expected = 1.959964 * np.sqrt(np.mean([(one - reported) ** 2 for one in drawn], axis=0))
    half = ((result.loadings["ci_high"] - result.loadings["ci_low"]) / 2).to_numpy().reshape(2, 12).T
    np.testing.assert_allclose(half, expected)


def test_tables_have_a_row_for_every_loading_and_trait():
    matrix = planted()
    result = bootstrap(TWO(matrix), shaken(matrix, 0.1), retained=2, draws=2)
    assert list(result.loadings) == column_names(LOADING_INTERVALS)
    assert list(result.traits) == column_names(TRAIT_INTERVALS)
    assert list(result.stability) == column_names(STABILITY)
    assert len(result.loadings) == 2 * 12
    assert len(result.traits) == 2 * 20
    reported = TWO(matrix)
    np.testing.assert_allclose(result.traits["trait"].to_numpy().reshape(2, 20).T, reported.traits)


def test_a_component_of_noise_has_wide_intervals_and_little_congruence():
    matrix = planted()
    three = partial(components_of, count=3)
    result = bootstrap(three(matrix), shaken(matrix, 0.3), retained=2, draws=100)
    alike = result.stability.set_index("component")["congruence"]
    assert alike["PC1"] > 0.97
    assert alike["PC3"] < 0.7
    width = (result.loadings["ci_high"] - result.loadings["ci_low"]).groupby(result.loadings["component"]).mean()
    assert width["PC3"] > 3 * width["PC1"]


def test_rotation_forgives_components_that_mix():
    matrix = planted(noise=0.1)
    matrix.iloc[:, 6:] *= 1.5  # as large as each other
    mixed = shaken(matrix, 0.4)
    analysis = partial(components_of, scale="none", count=2)
    axes = bootstrap(analysis(matrix), mixed, 2, 100).stability["congruence"].mean()
    turned = bootstrap(analysis(matrix), mixed, 2, 100, "rotation").stability["congruence"].mean()
    assert turned > axes
    assert turned > 0.97


def test_a_target_that_comes_out_constant_has_a_loading_of_zero_in_that_draw():
    matrix = planted()

    def draw(number: int) -> pd.DataFrame:
        return matrix.assign(t0=0.5) if number else matrix

    result = bootstrap(TWO(matrix), draw, retained=2, draws=2)
    half = (result.loadings["ci_high"] - result.loadings["ci_low"])[0] / 2
    assert half == pytest.approx(1.959964 * abs(TWO(matrix).loadings.iloc[0, 0]) / np.sqrt(2), rel=1e-6)


def test_intervals_of_a_projected_base_are_those_of_its_own_scores():
    matrix = planted()
    matrix.index = pd.Index(["base", *matrix.index[1:]], name="source")

    def draw(number: int) -> pd.DataFrame:
        shaken_base = matrix.copy()
        shaken_base.loc["base"] += np.random.default_rng(number).normal(size=12)
        return shaken_base

    result = bootstrap(components_of(matrix, base="projected", count=2), draw, retained=2, draws=50)
    width = (result.traits["ci_high"] - result.traits["ci_low"]).groupby(result.traits["source"]).min()
    assert width["base"] > 0.1
    np.testing.assert_allclose(width.drop("base"), 0, atol=1e-9)


def test_intervals_of_loadings_stay_within_what_is_possible():
    matrix = planted(6, 4)
    result = bootstrap(TWO(matrix), shaken(matrix, 5.0), retained=2, draws=20).loadings
    assert result["ci_low"].min() == -1
    assert result["ci_high"].max() == 1


def test_jackknife_leaves_out_every_source_and_target_once():
    table = jackknife(TWO(planted()), retained=2)
    assert list(table) == column_names(STABILITY)
    counts = table.groupby("change")["left_out"].nunique()
    assert counts.to_dict() == {"without a source": 20, "without a target": 12}
    assert len(table) == 2 * (20 + 12)


def test_jackknife_leaves_out_the_farthest_of_many_sources(monkeypatch):
    matrix = planted()
    matrix.loc["base"] = 0.0  # is projected, and takes no part
    whole = jackknife(TWO(matrix), retained=2)
    monkeypatch.setattr(stability, "MOST_LEFT_OUT", 3)
    some = jackknife(TWO(matrix), retained=2)
    tuned = matrix.drop(index="base")
    left = np.linalg.svd((tuned - tuned.mean()) / tuned.std(), full_matrices=False)[0][:, :2]
    farthest = matrix.index[np.sort(np.argsort(-(left**2).sum(axis=1))[:3])]
    of_sources = some["change"] == "without a source"
    assert some[of_sources]["left_out"].unique().tolist() == farthest.tolist()
    pd.testing.assert_frame_equal(
        some.reset_index(drop=True),
        whole[whole["left_out"].isin(farthest) | (whole["change"] == "without a target")].reset_index(drop=True),
    )


def test_jackknife_leaves_out_all_rows_of_a_source():
    rows = pd.MultiIndex.from_product([[f"s{number}" for number in range(10)], ["0", "1"]], names=["source", "seed"])
    finer = planted().set_axis(rows)
    table = jackknife(TWO(finer), retained=2)
    left_out = table[table["change"] == "without a source"]["left_out"].unique()
    assert left_out.tolist() == [f"s{number}" for number in range(10)]
    without = TWO(finer.iloc[2:]).loadings["PC1"]
    whole = TWO(finer).loadings["PC1"]
    row = table[(table["left_out"] == "s0") & (table["component"] == "PC1")].iloc[0]
    assert row["congruence"] == pytest.approx(abs(without @ whole))


def test_jackknife_finds_the_source_that_makes_a_component():
    matrix = planted(noise=0.05)
    matrix["odd"] = np.where(matrix.index == "s4", 30.0, 0.0) + 0.01 * np.arange(20)
    matrix["odder"] = np.where(matrix.index == "s4", 20.0, 0.0) + 0.01 * np.arange(20)[::-1]
    table = jackknife(components_of(matrix, count=3), retained=3)
    worst = table[table["change"] == "without a source"].groupby("left_out")["congruence"].min().idxmin()
    assert worst == "s4"


def test_jackknife_without_a_target_compares_the_others():
    matrix = planted()
    table = jackknife(TWO(matrix), retained=1)
    row = table[(table["left_out"] == "t3") & (table["component"] == "PC1")].iloc[0]
    whole = TWO(matrix).loadings["PC1"].drop("t3")
    rest = TWO(matrix.drop(columns="t3")).loadings["PC1"]
    cosine = abs(whole @ rest) / np.linalg.norm(whole) / np.linalg.norm(rest)
    assert row["congruence"] == pytest.approx(cosine)
    assert row["angle"] == pytest.approx(np.degrees(np.arccos(cosine)), abs=1e-4)


def test_too_small_a_matrix_has_no_jackknife():
    table = jackknife(components_of(planted(2, 2), count=1), retained=0)
    assert table.empty
    assert list(table) == column_names(STABILITY)


def test_one_draw_is_refused():
    with pytest.raises(UserError, match="^draws=1: at least 2 resampled matrices$"):
        bootstrap(TWO(planted()), lambda _: planted(), retained=2, draws=1)
