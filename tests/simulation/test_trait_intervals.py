"""Intervals of loadings and traits hold the truth: few draws here, many with ``-m simulation``."""

import pytest

from tests.simulation import factors
from tests.simulation.planted_traits import Planted
from tests.simulation.trait_intervals import SingleAnswers, StandardError, compared, coverage

SMALL, LARGER, LARGEST = (Planted(size, 2, 0.5) for size in ((10, 10), (22, 22), (60, 40)))
DRAWS = {(10, 10): 100, (22, 22): 100, (60, 40): 25}
"""By size: a draw of a larger matrix has more loadings."""
PLANTED = ["loadings, planted", "traits, planted"]


@pytest.mark.parametrize(
    "measurement",
    [
        SingleAnswers(SMALL),
        pytest.param(StandardError(LARGER, 0.3), marks=pytest.mark.slow),
        pytest.param(SingleAnswers(SMALL, 3), marks=pytest.mark.slow),
    ],
)
def test_a_few_draws_hold_the_truth_as_often_as_they_say(measurement):
    assert coverage(measurement, 30)[PLANTED].between(0.91, 0.985).all()


@pytest.mark.simulation
@pytest.mark.parametrize(
    "measurement",
    [
        StandardError(SMALL, 0.1),
        StandardError(LARGER, 0.3),
        StandardError(LARGEST, 0.3),
        *(SingleAnswers(planted, seeds) for planted in (SMALL, LARGER) for seeds in (1, 3)),
        *(SingleAnswers(planted, seeds, graded=True) for planted in (SMALL, LARGER) for seeds in (1, 3)),
    ],
)
def test_many_draws_hold_the_truth_as_often_as_they_say(measurement):
    shares = coverage(measurement, DRAWS[measurement.planted.size])
    assert shares[PLANTED].between(0.925, 0.975).all()


@pytest.mark.simulation
@pytest.mark.parametrize("rotation", ["varimax", "oblimin"])
@pytest.mark.parametrize("measure", [lambda planted: StandardError(planted, 0.3), SingleAnswers])
def test_intervals_of_factors_hold_the_truth_as_often_as_they_say(measure, rotation):
    shares = factors.coverage(measure(Planted((22, 22), 2, 1.0, simple=True)), rotation, 20)
    assert shares[["loadings", "scores"]].between(0.91, 0.98).all()
    assert shares["solved"] == 1


@pytest.mark.simulation
def test_of_the_intervals_tried_the_chosen_one_is_best():
    shares = compared(SingleAnswers(LARGER, 3), 40)["loadings, planted"]
    assert (shares - 0.95).abs().idxmin() == "distance (chosen)"
