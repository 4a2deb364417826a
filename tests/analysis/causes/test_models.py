"""Units left out, by fitting everything anew without them."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge
from statsmodels.stats.outliers_influence import variance_inflation_factor

from crosstask.analysis.causes.cell_errors import cell_errors
from crosstask.analysis.causes.features import SOURCE, TARGET
from crosstask.analysis.causes.fold_fits import PENALTIES, best, ridge
from crosstask.analysis.causes.fold_moments import Folds
from crosstask.analysis.causes.inflation import inflation
from crosstask.analysis.causes.models import LEAST_SQUARES, MODELS, LeftOut, model_rows
from crosstask.analysis.causes.options import Options
from crosstask.analysis.causes.pair_tests import own_features
from crosstask.analysis.causes.results import causes
from crosstask.analysis.matrix.additive_model import additive_model
from tests.simulation.causes import World


def effects(gains: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """Mean, donors and recipients by regression on indicators; NaN for a line without cells."""
    row, column = np.nonzero(np.isfinite(gains))
    design = np.column_stack([np.eye(gains.shape[0])[row], np.eye(gains.shape[1])[column]])
    fit = np.linalg.lstsq(design, gains[row, column], rcond=None)[0]
    donors = np.where(np.isfinite(gains).any(axis=1), fit[: len(gains)], np.nan)
    recipients = fit[len(gains) :]
    mean = np.nanmean(donors) + recipients.mean()
    return mean, donors - np.nanmean(donors), recipients - recipients.mean()


def one_left_out(gains: np.ndarray, x: np.ndarray) -> dict[str, list[float]]:
    """Errors of each source by mean, target mean, additive model, and with one feature."""
    found: dict[str, list[float]] = {"mean": [], "recipient": [], "additive": [], "feature": []}
    for place, row in enumerate(gains):
        rest = gains.copy()
        rest[place] = np.nan
        mean, donors, recipients = effects(rest)
        others = np.arange(len(gains)) != place
        by_feature = np.polyval(np.polyfit(x[others], donors[others], 1), x[place])
        expected = {
            "mean": np.full(len(row), np.nanmean(rest)),
            "recipient": np.nanmean(rest, axis=0),
            "additive": mean + recipients,
            "feature": mean + recipients + by_feature,
        }
        for name, of in expected.items():
            found[name].append(float(np.sqrt(np.nanmean((row - of) ** 2))))
    return found


@pytest.mark.parametrize("missing", [0.0, 0.2])
@pytest.mark.parametrize("side", [SOURCE, TARGET])
def test_errors_are_those_of_fits_without_the_unit(side: str, missing: float):
    units = World(9, 8, missing).draw(np.random.default_rng(1))
    left_out = LeftOut.of(units, side)
    frame = units.features.sources if side == SOURCE else units.features.targets
    gains = units.gains.to_numpy() if side == SOURCE else units.gains.to_numpy().T
    expected = one_left_out(gains, frame["planted"].to_numpy())
    known, unknown = ("recipient", "donor") if side == SOURCE else ("donor", "recipient")
    np.testing.assert_allclose(left_out.baselines["mean"], expected["mean"])
    np.testing.assert_allclose(left_out.baselines[unknown], expected["mean"])
    np.testing.assert_allclose(left_out.baselines[known], expected["recipient"])
    np.testing.assert_allclose(left_out.baselines["additive"], expected["additive"])
    np.testing.assert_allclose(left_out.alone()["planted"], expected["feature"])


def test_pair_features_are_fitted_beside_donors_and_recipients_without_the_unit():
    units = World(14, 12).draw(np.random.default_rng(2))
    left_out = LeftOut.of(units, SOURCE)
    own = np.stack(list(left_out.own.values()))
    moments = left_out.folds.of_pairs(own)
    sizes = [np.abs(of[units.model.used]).max() for of in own_features(units).values()]
    found = np.linalg.solve(moments.gram, moments.cross[:, :, None])[:, :, 0] / moments.scale / sizes
    for place in range(14):
        gains = units.gains.to_numpy().copy()
        gains[place] = np.nan
        row, column = np.nonzero(np.isfinite(gains))
        pairs = np.column_stack([frame.to_numpy()[row, column] for frame in units.features.pairs.values()])
        design = np.column_stack([np.eye(14)[row], np.eye(12)[column], pairs])
        expected = np.linalg.lstsq(design, gains[row, column], rcond=None)[0][-2:]
        np.testing.assert_allclose(found[place], expected, atol=0.03 * np.abs(expected).max())  # exact without holes


def moments_of(generator: np.random.Generator, sources: int, features: int):
    """Moments of a matrix without gaps, and what they are of."""
    gains, x = generator.normal(size=(sources, 6)), generator.normal(size=(sources, features))
    gains += 2 * x[:, :1]
    folds = Folds(gains, additive_model(np.ones(gains.shape, bool)))
    return folds.of_sources(x), gains, x


def test_ridge_is_scikit_learns_with_the_penalty_of_generalized_cross_validation():
    moments, gains, x = moments_of(np.random.default_rng(3), 15, 8)
    slopes = ridge(moments)
    for fold in range(15):
        rest = np.arange(15) != fold
        donors = gains[rest].mean(axis=1) - gains[rest].mean()
        scaled = (x[rest] - x[rest].mean(axis=0)) / x[rest].std(axis=0)
        tried = []
        for penalty in PENALTIES[1:]:
            fit = Ridge(alpha=14 * penalty, fit_intercept=False).fit(scaled, donors)
            hat = scaled @ np.linalg.solve(scaled.T @ scaled + 14 * penalty * np.eye(8), scaled.T)
            error = ((donors - fit.predict(scaled)) ** 2).sum() / (13 - np.trace(hat)) ** 2
            tried.append((error, fit.coef_))
        tried.append(((donors**2).sum() / 13**2, np.zeros(8)))
        np.testing.assert_allclose(slopes[fold], min(tried, key=lambda pair: pair[0])[1], atol=1e-10)


def test_the_best_features_are_one_for_ten_units_and_none_that_the_others_say():
    generator = np.random.default_rng(4)
    moments, gains, x = moments_of(generator, 24, 5)
    assert ((best(moments, 24) != 0).sum(axis=1) == 2).all()
    assert ((best(moments, 10) != 0).sum(axis=1) == 1).all()
    assert (best(moments, 10)[:, 0] != 0).all()
    x[:, 1] = x[:, 0] + 0.01 * generator.normal(size=24)
    x[:, 2:] *= 1e-3
    folds = Folds(gains, additive_model(np.ones(gains.shape, bool)))
    chosen = best(folds.of_sources(x), 24) != 0
    assert not (chosen[:, 0] & chosen[:, 1]).any()


def test_planted_features_help_and_useless_ones_do_not():
    world = World(24, 24, effect=4.0)
    rows = {
        (row["left_out"], row["model"], row["baseline"]): row
        for side in (SOURCE, TARGET)
        for row in model_rows(LeftOut.of(world.draw(np.random.default_rng(5)), side), orders(world), 0.05)
    }
    for side in (SOURCE, TARGET):
        for model in MODELS:
            row = rows[side, model, "additive"]
            assert row["p"] == pytest.approx(1 / 20)
            assert row["ci_high"] < 0
            assert row["error"] - row["baseline_error"] == pytest.approx(row["difference"])
        assert "planted (100%)" in rows[side, LEAST_SQUARES, "mean"]["chosen"]
        assert "p" not in rows[side, LEAST_SQUARES, "mean"]


def orders(world: World):
    return world.draw(np.random.default_rng(5)).orders(19, 0)


def test_cells_left_out_are_those_of_fits_without_them():
    units = World(7, 6, 0.1).draw(np.random.default_rng(6))
    gains = units.gains.to_numpy()
    expected: dict[str, list[float]] = {"mean": [], "donor": [], "recipient": [], "additive": []}
    for row, column in zip(*np.nonzero(np.isfinite(gains)), strict=True):
        rest = gains.copy()
        rest[row, column] = np.nan
        mean, donors, recipients = effects(rest)
        by = (np.nanmean(rest), np.nanmean(rest[row]), np.nanmean(rest[:, column]))
        for name, value in zip(expected, (*by, mean + donors[row] + recipients[column]), strict=True):
            expected[name].append((gains[row, column] - value) ** 2)
    found, _ = cell_errors(gains, units.model, own_features(units))
    assert found == {name: pytest.approx(float(np.sqrt(np.mean(of)))) for name, of in expected.items()}


def test_a_pair_feature_left_out_cell_by_cell():
    units = World(7, 6).draw(np.random.default_rng(7))
    gains, x = units.gains.to_numpy(), units.features.pairs["planted"].to_numpy()
    cells = list(zip(*np.nonzero(np.isfinite(gains)), strict=True))
    row, column = np.transpose(cells)
    design = np.column_stack([np.eye(7)[row], np.eye(6)[column], x[row, column]])
    squares = []
    for place in range(len(cells)):
        others = np.arange(len(cells)) != place
        fit = np.linalg.lstsq(design[others], gains[row, column][others], rcond=None)[0]
        squares.append((gains[row, column][place] - design[place] @ fit) ** 2)
    _, found = cell_errors(gains, units.model, own_features(units))
    assert found["planted"] == pytest.approx(float(np.sqrt(np.mean(squares))))


def test_variance_inflation_is_that_of_statsmodels():
    generator = np.random.default_rng(8)
    values = generator.normal(size=(30, 4))
    values[:, 3] = values[:, 0] + 0.1 * values[:, 3]
    centered = values - values.mean(axis=0)
    expected = [variance_inflation_factor(centered, place) for place in range(4)]
    np.testing.assert_allclose(inflation(values), expected)
    assert inflation(np.column_stack([values, values[:, 0]])).max() == np.inf
    assert np.isnan(inflation(values[:5])).all()
    assert np.isnan(inflation(values[:, :1])).all()


@pytest.mark.parametrize("without", ["sources", "pairs"])
def test_a_level_may_have_no_features(without: str):
    units = World().draw(np.random.default_rng(9))
    features = replace(units.features, **{without: {} if without == "pairs" else units.features.sources.iloc[:, :0]})
    left_out = LeftOut.of(replace(units, features=features), SOURCE)
    for model in left_out.models().values():
        assert np.isfinite(model.errors).all()
        assert model.chosen.shape[1] == 2


@pytest.mark.parametrize("side", [SOURCE, TARGET])
@pytest.mark.parametrize("world", [World(), World(missing=0.3), World(12, 10)], ids=["full", "missing", "not paired"])
def test_the_features_as_they_are_are_one_of_their_assignments(world: World, side: str):
    left_out = LeftOut.of(world.draw(np.random.default_rng(1)), side)
    units, others = left_out.folds.gains.shape
    observed, same = left_out.models(), left_out.models((np.arange(units), np.arange(others)))
    for name in MODELS:
        np.testing.assert_allclose(observed[name].errors, same[name].errors)


@pytest.mark.parametrize("unit", [1e-9, 1e9])
def test_the_unit_of_a_feature_does_not_matter(unit: float):
    units = World(12, 12, 0.1, useless=(2, 2, 2)).draw(np.random.default_rng(3))
    known = units.features
    pairs = {name: frame * unit for name, frame in known.pairs.items()}
    scaled = replace(
        units, features=replace(known, sources=known.sources * unit, targets=known.targets * unit, pairs=pairs)
    )
    options = Options(relabelings=99, refits=99)
    plain, other = (causes(of, True, options, 0.05) for of in (units, scaled))
    np.testing.assert_allclose(plain.features["sd"] * unit, other.features["sd"])
    pd.testing.assert_frame_equal(plain.features.drop(columns="sd"), other.features.drop(columns="sd"))
    pd.testing.assert_frame_equal(plain.models, other.models)


def test_a_feature_of_which_margins_leave_rounding_is_none():
    units = World(12, 12).draw(np.random.default_rng(3))
    margins = units.features.pairs["planted"] * 0 + 1e-9 * np.arange(12.0)[:, None] + 1e-7
    features = replace(units.features, pairs={"margins": margins, "same": margins * 0 + 1e7})
    assert not any(of.any() for of in own_features(replace(units, features=features)).values())
