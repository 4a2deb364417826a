"""What is expected of effects measured with errors."""

import numpy as np
import pytest
from scipy.stats import norm

from crosstask.analysis.statistics.scale_mixture import expected_effects


def bayes(effects: np.ndarray, errors: np.ndarray, spreads: list[float], weights: list[float]) -> np.ndarray:
    """The expected values under a known mixture, by integration over a grid of true values."""
    true = np.linspace(-40, 40, 16_001)
    prior = sum(weight * norm.pdf(true, scale=spread) for spread, weight in zip(spreads, weights, strict=True))
    found = []
    for effect, error in zip(effects, errors, strict=True):
        density = prior * norm.pdf(effect, true, error)
        found.append((density * true).sum() / density.sum())
    return np.array(found)


@pytest.mark.parametrize(("spreads", "weights"), [([1.5], [1.0]), ([0.3, 6.0], [0.9, 0.1])])
def test_of_many_effects_it_is_what_bayes_says_who_knows_their_spreads(spreads, weights):
    rng = np.random.default_rng(0)
    errors = rng.uniform(0.5, 2, 4000)
    effects = rng.choice(spreads, 4000, p=weights) * rng.normal(size=4000) + errors * rng.normal(size=4000)
    told = bayes(effects[:200], errors[:200], spreads, weights)
    assert np.abs(expected_effects(effects, errors)[:200] - told).mean() <= 0.05


def test_it_has_the_unit_of_the_effects_and_their_signs():
    rng = np.random.default_rng(0)
    effects, errors = 2 * rng.normal(size=30), rng.uniform(0.5, 1, 30)
    found = expected_effects(effects, errors)
    assert expected_effects(1e-3 * effects, 1e-3 * errors) == pytest.approx(1e-3 * found)
    assert expected_effects(-effects, errors) == pytest.approx(-found)
    assert (np.abs(found) <= np.abs(effects)).all()
    assert (found * effects >= 0).all()


def test_effects_smaller_than_their_errors_are_0():
    assert expected_effects(np.array([0.5, -0.5, 0.2]), np.ones(3)).tolist() == [0, 0, 0]
    assert expected_effects(np.zeros(0), np.zeros(0)).size == 0
