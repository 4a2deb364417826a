"""Base models that differ in level, as rows: is that taken for a trait?"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from crosstask.analysis.observations import observations
from tests.simulation.retention import told_from_noise
from tests.simulation.tables import print_table

LEVEL, SPREAD = 0.2, 0.05
"""How much better one model is on every target, and the standard deviation of scores besides."""


def scores(difference: float, chance: np.random.Generator) -> pd.DataFrame:
    """Base and ten sources without traits on two models and ten targets."""
    rows = [f"{source}/{model}" for model in ("m0", "m1") for source in ("base", *(f"s{place}" for place in range(10)))]
    values = 0.3 + SPREAD * chance.normal(size=(22, 10))
    values[11:] += difference
    return pd.DataFrame(values, rows)


def _rows(draws: int) -> Iterator[dict[str, object]]:
    """One row per difference of the models and scale."""
    for difference in (0.0, LEVEL):
        for scale in ("zscore", "headroom"):
            found = []
            for number in range(draws):
                matrix = scores(difference, np.random.default_rng((0, number)))
                found.append(told_from_noise(observations(matrix, scale, "excluded"), number) > 0)
            yield {
                "better by": difference,
                "analysis.scale": scale,
                "any retained": f"{100 * np.mean(found):.1f}",
            }


def report(draws: int) -> None:
    """Print the table of docs/statistics.md, "Rows finer than sources"."""
    print_table(_rows(draws))
