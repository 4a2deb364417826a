"""Do donors and recipients hold where few rows say little: targets that hardly anything is right on?"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crosstask.analysis.gains.donors_recipients import donors
from crosstask.analysis.gains.effect_parts import effect_parts
from crosstask.analysis.matrix.additive_model import additive_model
from crosstask.analysis.matrix.gain_evidence import GainEvidence
from crosstask.analysis.matrix.paired_examples import means_of_answers
from crosstask.analysis.statistics.variance_parts import Array
from tests.simulation.matrix import INFERENCE
from tests.simulation.tables import percent, print_table
from tests.support.drawn_answers import answers, matrix


@dataclass(frozen=True)
class Floor:
    """Sources with one seed on targets of which some are too hard."""

    rows: int
    sources: int
    targets: int
    hard: int
    """Targets on which the share of right answers is drawn from 0 to ``highest``; elsewhere from 0.3 to 0.8."""
    highest: float


SCENARIOS = {
    "8 x 6, 150 rows, 2 targets below 2 %": Floor(150, 8, 6, 2, 0.02),
    "8 x 6, 150 rows, 2 targets below 0.4 %": Floor(150, 8, 6, 2, 0.004),
    "5 x 4, 20 rows, 2 targets below 5 %": Floor(20, 5, 4, 2, 0.05),
    "5 x 4, 20 rows, all below 5 %": Floor(20, 5, 4, 4, 0.05),
    "4 x 4, 8 rows, none is hard": Floor(8, 4, 4, 0, 0.0),
}


def simulate(floor: Floor, draws: int, seed: int = 0) -> dict[str, float]:
    """Coverage of the 95 % intervals of donors, and of recipients that are too hard (of all where none is)."""
    held: dict[str, list[bool]] = {"donors": [], "recipients": []}
    for draw in range(draws):
        table, truth = _one(floor, np.random.default_rng([seed, draw]))
        inside = (table["ci_low"] <= truth) & (truth <= table["ci_high"])
        of_targets = inside[floor.sources :][: floor.hard or floor.targets]
        held["donors"] += inside[: floor.sources].tolist()
        held["recipients"] += of_targets.tolist()
    return {name: float(np.mean(found)) for name, found in held.items()}


def _one(floor: Floor, generator: np.random.Generator) -> tuple[pd.DataFrame, Array]:
    """Donors and recipients of one matrix, and what they truly are."""
    right = generator.uniform(0.3, 0.8, (1 + floor.sources, floor.targets))
    right[:, : floor.hard] = generator.uniform(0, floor.highest, (1 + floor.sources, floor.hard))
    scores = {
        f"t{target}": (generator.random((1 + floor.sources, floor.rows)) < of_target[:, None]).astype(float)
        for target, of_target in enumerate(right.T)
    }
    found = answers(scores, [f"s{source}" for source in range(floor.sources)])
    evidence = GainEvidence(means_of_answers(found, matrix(found)), "base")
    model = additive_model(np.ones((floor.sources, floor.targets), bool))
    return donors(evidence, effect_parts(evidence, model), INFERENCE), model.effects(right[1:] - right[0])[1:]


def report(draws: int) -> None:
    """Print coverage by scenario."""

    def rows() -> Iterator[dict[str, object]]:
        for name, floor in SCENARIOS.items():
            found = simulate(floor, draws)
            yield {f"{draws} draws": name} | {role: percent(share) for role, share in found.items()}

    print_table(rows())
