"""Intervals on closed targets hold the truth, and tests keep their level: many draws, with ``-m simulation``.

The tables are in docs/statistics/closed_answers.md; few draws are in the tests of the sections.
"""

import pytest

from tests.simulation import calibrated, class_shifts, confusions
from tests.simulation.class_shifts import WORLDS
from tests.simulation.closed_answers import SKEWED

DRAWS = 100
MARGIN = 2.576 * (0.05 * 0.95 / DRAWS) ** 0.5
"""99 % of the draws."""

pytestmark = pytest.mark.simulation


@pytest.mark.parametrize("name", WORLDS)
def test_shifts_and_what_remains_of_gains_are_covered(name: str):
    found = class_shifts.simulate(WORLDS[name], DRAWS, seed=1)
    assert (found[["shift", "remaining"]] >= 0.93 - MARGIN).all()
    assert (found.reindex(["p", "homogeneity", "variation"]).dropna() <= 0.065 + MARGIN).all()


@pytest.mark.parametrize("seeds", [1, 3])
def test_adapters_that_are_merely_sharper_have_no_rescaled_shift(seeds: int):
    found = class_shifts.simulate_sharper(SKEWED, seeds, DRAWS, seed=1)
    assert found["shift"] > 0.4
    assert (found[["rescaled", "rescaled: by shift"]] <= 0.065 + MARGIN).all()


@pytest.mark.parametrize("name", calibrated.WORLDS)
def test_calibration_is_covered(name: str):
    world = calibrated.WORLDS[name]
    found = calibrated.simulate(world, DRAWS, seed=1)
    covered = ["brier", "log_loss", "slope", "intercepts", "resolution"]
    assert (found[covered] >= 0.93 - MARGIN).all()
    assert found["ece above"] <= 0.065 + MARGIN or world.boldness > 1


@pytest.mark.parametrize("name", [name for name, world in WORLDS.items() if world.seeds == 1])
def test_scores_are_covered(name: str):
    assert (confusions.simulate(WORLDS[name], DRAWS, seed=1) >= 0.93 - MARGIN).all(axis=None)
