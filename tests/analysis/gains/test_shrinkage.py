"""Gains without the winner's curse, and what it takes to tell one from 0."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from crosstask.analysis.gains.planning import rows_and_seeds
from crosstask.analysis.gains.shrinkage import best_sources, shrunken_effects, shrunken_gains
from crosstask.analysis.matrix.additive_model import EffectNoise, additive_model
from crosstask.analysis.statistics.variance_parts import VarianceParts

NAMES = [f"s{place}" for place in range(12)]


@pytest.mark.parametrize("spread", [0.5, 2.0])
def test_the_best_source_gains_what_it_says(spread):
    """Where the measured gain of the best says far too much: it is the best partly by chance."""
    rng, model = np.random.default_rng(0), additive_model(~np.eye(12, dtype=bool))
    said, measured, true = [], [], []
    for _ in range(150):
        truth = spread * rng.normal(size=(12, 12)) + rng.normal(size=(12, 1)) + rng.normal(size=12)
        gains = pd.DataFrame(truth + 2 * rng.normal(size=(12, 12)), NAMES, NAMES)
        noise = EffectNoise(model, {}, np.full(12, 2 / 11**0.5), np.full((12, 12), 2 * (109 / 132) ** 0.5), np.inf)
        found = np.nan_to_num(shrunken_gains(gains, noise), nan=-np.inf)
        best = found.argmax(axis=0), np.arange(12)
        raw = np.where(model.used, gains, -np.inf).argmax(axis=0), np.arange(12)
        said.append(found[best].mean())
        true.append(truth[best].mean())
        measured.append((gains.to_numpy()[raw] - truth[raw]).mean())
    assert np.mean(said) == pytest.approx(np.mean(true), abs=0.15)
    assert np.mean(measured) > 1


def test_without_noise_nothing_is_shrunk_and_noise_alone_is_shrunk_to_nothing():
    effects = np.array([1.0, -2.0, np.nan, 1.0])
    assert shrunken_effects(effects, np.zeros(4)) == pytest.approx(effects, nan_ok=True)
    assert shrunken_effects(effects, np.full(4, 5.0)) == pytest.approx([0, 0, np.nan, 0], nan_ok=True)


def test_without_an_effect_or_an_error_nothing_is_known():
    found = shrunken_effects(np.array([1.0, np.nan, 2.0, 3.0]), np.array([0.0, 1.0, np.nan, 0.0]))
    assert found == pytest.approx([1, np.nan, np.nan, 3], nan_ok=True)


@pytest.mark.parametrize("usual", [0.0, 0.5])
def test_a_few_gains_that_are_far_larger_are_hardly_shrunk(usual):
    """One spread for all pairs would take more than 1 off them."""
    rng, model = np.random.default_rng(1), additive_model(~np.eye(10, dtype=bool))
    noise = EffectNoise(model, {}, np.full(10, 1 / 3), np.full((10, 10), (71 / 90) ** 0.5), np.inf)
    wrong: list[float] = []
    for _ in range(60):
        large = rng.random((10, 10)) < 0.03
        truth = np.where(large, 10.0, usual * rng.normal(size=(10, 10))) + rng.normal(size=10)
        found = shrunken_gains(pd.DataFrame(truth + rng.normal(size=(10, 10))), noise)
        wrong += list((found - truth)[large & model.used])
    assert abs(np.mean(wrong)) <= 0.6


def test_best_sources_leave_out_home_and_name_the_next():
    table = pd.DataFrame(
        {
            "source": ["a", "b", "c"],
            "target": "a",
            "gain": [9.0, 2.0, 3.0],
            "shrunken": [np.nan, 1.5, 1.0],
            "ci_low": 0.0,
            "ci_high": 4.0,
            "significant": True,
            "home": [True, False, False],
        }
    )
    assert best_sources(table)[["source", "gain", "shrunken", "second", "second_shrunken"]].values.tolist() == [
        ["b", 2.0, 1.5, "c", 1.0]
    ]
    assert best_sources(table.assign(shrunken=np.nan)).empty


def parts(seeds: float, examples: float) -> VarianceParts:
    """One gain with these parts of its variance."""
    of_seeds, of_examples, none = np.array([[seeds]]), np.array([[examples]]), np.zeros((1, 1))
    return VarianceParts(of_seeds, none, of_examples, none + 2, none + 99, none)


def test_so_many_rows_find_three_points_in_four_of_five_repetitions():
    """By drawing gains of 3 points with that standard error."""
    rows, _ = rows_and_seeds(parts(0.0, 0.25 / 200), np.array([[200.0]]), np.array([[1.0]]), 1.0, 0.05)
    error = (0.25 / rows[0, 0]) ** 0.5
    gains = 0.03 + error * np.random.default_rng(0).normal(size=20_000)
    assert (np.abs(gains) / error > norm.ppf(0.975)).mean() == pytest.approx(0.8, abs=0.01)


def test_what_the_other_part_varies_by_no_number_takes_away():
    large, small = 1e-3, 1e-6
    several, rows = np.array([[3.0]]), np.array([[200.0]])
    assert np.isinf(rows_and_seeds(parts(large, small), rows, several, 1.0, 0.05)[0])
    assert np.isinf(rows_and_seeds(parts(small, large), rows, several, 1.0, 0.05)[1])
    of_rows, of_seeds = rows_and_seeds(parts(small, small), rows, several, 1.0, 0.05)
    assert (of_rows, of_seeds) == (200, 3)


def test_one_seed_says_nothing_of_seeds_nor_scores_without_a_ceiling_of_points():
    one = np.array([[1.0]])
    assert np.isnan(rows_and_seeds(parts(0.0, 1e-3), 200 * one, one, 1.0, 0.05)[1])
    assert np.isnan(rows_and_seeds(parts(1e-3, 1e-3), 200 * one, 3 * one, np.nan, 0.05)).all()
    doubled = rows_and_seeds(parts(4e-3, 1.0), 200 * one, 3 * one, 100.0, 0.05)
    assert doubled[1] == 3
