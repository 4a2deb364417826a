"""Intervals of interventions hold the truth, and tests keep their level: many draws, with ``-m simulation``.

The tables are in docs/statistics/interventions.md; few draws are in the tests of the section.
"""

import pandas as pd
import pytest

from tests.simulation.interventions import POOLED, WORLDS, simulate, simulate_pooled

DRAWS = 40

pytestmark = pytest.mark.simulation


def reaches(found: pd.DataFrame, names: list[str], low: float, high: float) -> bool:
    """Whether 99 % of the Monte Carlo error reach into a range."""
    rows = found.loc[names].dropna()
    margin = 2.576 * rows["error"]
    return bool(((rows["mean"] + margin >= low) & (rows["mean"] - margin <= high)).all())


@pytest.mark.parametrize("name", WORLDS)
def test_effects_are_covered(name: str):
    found = simulate(WORLDS[name], DRAWS, seed=1)
    assert reaches(
        found, ["effect 0", "effect 5", "difference", "slope 0", "slope", "kept", "random", "share"], 0.93, 1
    )
    assert reaches(found, ["p", "exceeds", "equivalent", "within", "false"], 0, 0.065)


@pytest.mark.parametrize("name", POOLED)
def test_means_over_sources_are_covered(name: str):
    found = simulate_pooled(POOLED[name], DRAWS, seed=1)
    assert reaches(found, ["target", "all", "these", "all these"], 0.93, 1)
    assert reaches(found, ["p", "all p", "flips", "all flips"], 0, 0.065)
