"""What a base model in the middle of its sources does as a row of the decomposition."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from crosstask.analysis.traits.preparation import BaseRow, observations
from tests.simulation.planted_traits import Planted
from tests.simulation.retention import distinguishable
from tests.simulation.tables import percent, print_table

KINDS: tuple[tuple[str, float, BaseRow], ...] = (
    ("in the middle", 0.0, "included"),
    ("in the middle", 0.0, "projected"),
    ("as far away as sources", 1.0, "included"),
    ("as far away as sources", 1.0, "projected"),
)


def retained(planted: Planted, away: float, base: BaseRow, draws: int) -> np.ndarray:
    """Components distinguishable from noise, of each draw."""
    found = []
    for number in range(draws):
        generator = np.random.default_rng((0, number))
        sources = planted.matrix(generator)
        row = away * planted.noise * generator.normal(size=sources.shape[1])
        matrix = pd.concat([pd.DataFrame([row], ["base"], sources.columns), sources])
        found.append(distinguishable(observations(matrix, base=base), number))
    return np.array(found)


def _rows(draws: int) -> Iterator[dict[str, object]]:
    """One row per place of the base model and treatment."""
    for place, away, base in KINDS:
        row: dict[str, object] = {"base model": place, "`analysis.traits.base`": base}
        for size in ((10, 10), (22, 22)):
            for traits in (0, 1):
                found = retained(Planted(size, traits, 0.5), away, base, draws)
                row["{} x {}, ".format(*size) + f"{traits} traits: more"] = percent((found > traits).mean())
        yield row


def report(draws: int) -> None:
    """Print the table of docs/statistics/traits.md, "The base model"."""
    print_table(_rows(draws))
