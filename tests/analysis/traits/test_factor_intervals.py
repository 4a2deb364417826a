"""Intervals of factors, against the same worked out factor by factor."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from crosstask.analysis.traits.factor_intervals import factor_intervals
from crosstask.analysis.traits.factors import FactorAnalysis
from crosstask.analysis.traits.intervals import Resampled
from crosstask.analysis.traits.preparation import observations
from crosstask.errors import UserError

TWO = FactorAnalysis(2)


@pytest.fixture
def matrix():
    """Thirty sources on eight targets: two factors, the second of the last three targets, and noise."""
    rng = np.random.default_rng(0)
    factors, weights = rng.normal(size=(30, 2)), np.repeat(np.eye(2), [5, 3], axis=0)
    values = factors @ weights.T + 0.7 * rng.normal(size=(30, 8))
    return pd.DataFrame(values, [f"s{row}" for row in range(30)], [f"t{column}" for column in range(8)])


def shaken(matrix: pd.DataFrame, size: float) -> Resampled:
    return lambda number: matrix + size * np.random.default_rng((1, number)).normal(size=matrix.shape)


def exchanged(matrix: pd.DataFrame) -> Resampled:
    """Three targets of the first factor are now of the second and the other way round, and all scores are mirrored."""
    columns = ["t5", "t6", "t7", "t3", "t4", "t0", "t1", "t2"]
    return lambda number: -shaken(matrix, 0.3)(number)[columns].set_axis(matrix.columns, axis=1)


def test_other_factor_first(matrix):
    """What the next test needs: factors that change places."""
    assert (TWO(observations(matrix)).pattern["F1"].abs()[["t5", "t6", "t7"]] < 0.5).all()
    assert (TWO(observations(exchanged(matrix)(0))).pattern["F1"].abs()[["t5", "t6", "t7"]] > 0.5).all()


@pytest.mark.parametrize("change", [lambda matrix: shaken(matrix, 0.3), lambda matrix: exchanged(matrix)])
def test_limits_are_196_root_mean_squares_away(matrix, change):
    data, reported = observations(matrix), TWO(observations(matrix))
    draw = change(matrix)
    found = factor_intervals(reported, TWO, data, draw, 20)
    assert (found.solved, found.draws) == (20, 20)
    for kind, table in (("pattern", found.pattern), ("scores", found.scores)):
        value = {"pattern": "loading", "scores": "score"}[kind]
        expected = getattr(reported, kind)
        squares = 0.0
        for number in range(20):
            again = TWO(observations(draw(number)))
            lengths = np.outer(np.linalg.norm(again.pattern, axis=0), np.linalg.norm(reported.pattern, axis=0))
            alike = np.abs(again.pattern.to_numpy().T @ reported.pattern.to_numpy()) / lengths
            order = ["F1", "F2"] if np.trace(alike) > np.trace(alike[::-1]) else ["F2", "F1"]
            turned = getattr(again, kind)[order].to_numpy()
            turned = turned * np.sign((again.pattern[order].to_numpy() * reported.pattern.to_numpy()).sum(axis=0))
            squares = squares + (turned - expected.to_numpy()) ** 2
        half = 1.959964 * np.sqrt(squares / 20)
        pivoted = table.pivot(index=table.columns[1], columns="factor").loc[expected.index]
        np.testing.assert_allclose(pivoted[value], expected)
        np.testing.assert_allclose(pivoted["ci_high"] - expected, half, rtol=1e-6)
        np.testing.assert_allclose(expected - pivoted["ci_low"], half, rtol=1e-6)


def test_matrices_without_a_solution_are_left_out_and_too_few_are_refused(matrix):
    broken = matrix * 0 + np.random.default_rng(3).normal(size=matrix.shape)
    broken["t6"] = broken["t5"]  # nothing but two equal targets: a Heywood case
    data, reported = observations(matrix), TWO(observations(matrix))

    def some(share: int) -> Resampled:
        return lambda number: broken if number % 10 < share else shaken(matrix, 0.1)(number)

    assert factor_intervals(reported, TWO, data, some(3), 10).solved == 7
    with pytest.raises(UserError, match="^only 5 of 10 resampled matrices have a proper solution$"):
        factor_intervals(reported, TWO, data, some(5), 10)


def test_a_target_that_came_out_constant_has_no_factors(matrix):
    constant = matrix.assign(t3=0.25)
    data, reported = observations(matrix), TWO(observations(matrix))
    found = factor_intervals(reported, TWO, data, lambda number: constant if number < 2 else matrix, 10)
    assert found.solved == 8
    with pytest.raises(UserError, match="^factor analysis needs targets with scores that vary; those of t3 do not$"):
        TWO(replace(data, values=constant))


def test_gaps_are_filled_as_in_the_matrix(matrix):
    holed = matrix.mask(np.random.default_rng(2).uniform(size=matrix.shape) < 0.05)
    data = observations(holed, missing="impute")
    full = holed.fillna(1000.0)  # what resampled matrices have where nothing is known
    found = factor_intervals(TWO(data), TWO, data, lambda _: full, 2)
    np.testing.assert_allclose(found.pattern["ci_high"], found.pattern["ci_low"], atol=1e-9)
