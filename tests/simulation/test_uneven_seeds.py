"""One seed here and several there: few draws here, many with ``-m simulation``.

The table is in docs/statistics/uncertainty.md.
"""

import pytest

from crosstask.analysis.matrix.score_means import ScoreMeans
from tests.simulation.matrix import simulate
from tests.simulation.uneven_seeds import LAYOUTS, REPEATED, SCENARIOS, AsIfExact

COVERED = ["scores", "gains", "donors", "recipients", "residuals", "asymmetry"]


def test_cells_with_one_seed_borrow_what_intervals_lack_without():
    planted = SCENARIOS["3 seeds on 3 of 10 targets"]
    without, borrowed = (simulate(planted, 15, kind=kind)[COVERED] for kind in (AsIfExact, ScoreMeans))
    assert without["donors"] < 0.6
    assert (borrowed > 0.9).all()


@pytest.mark.simulation
@pytest.mark.parametrize("name", [*LAYOUTS, *REPEATED])
def test_intervals_hold_wherever_seeds_are_missing(name):
    found = simulate(SCENARIOS[name], 40)
    assert (found[COVERED] >= 0.925).all()
    assert found["fdr"] <= 0.05
