"""Base models that differ in level, as rows: is that taken for a trait, and are traits still found?"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crosstask.analysis.traits.observations import Scale
from crosstask.analysis.traits.preparation import observations
from tests.simulation.planted_traits import Planted
from tests.simulation.retention import distinguishable
from tests.simulation.tables import percent, print_table

MODELS = ("m0", "m1")
SPREAD = 0.05
"""Standard deviation of scores for one trait; half as much of what a cell has of its own, on both models and on one."""


@dataclass(frozen=True)
class Models:
    """Base and ten sources on two models and ten targets."""

    levels: float
    """How much better the second is on every target."""
    traits: int = 0
    better_runs: bool = False
    """Whether half of the variance of what a source has on one model only is common to all targets."""

    def scores(self, chance: np.random.Generator) -> pd.DataFrame:
        """Draw a matrix, rows by source and model."""
        of_sources = np.vstack([np.zeros(10), Planted((10, 10), self.traits, 0.5).matrix(chance)])
        of_runs = chance.normal(size=(2, 11, 10))
        if self.better_runs:
            of_runs = (of_runs + chance.normal(size=(2, 11, 1))) / 2**0.5
        of_runs[:, 0] = chance.normal(size=(2, 10))  # a base model is what it is
        values = 0.3 + SPREAD * (of_sources + 0.5 * of_runs) + self.levels * np.arange(2)[:, None, None]
        sources = ["base", *(f"s{place}" for place in range(10))]
        rows = pd.MultiIndex.from_product([MODELS, sources], names=["model", "source"]).swaplevel()
        return pd.DataFrame(values.reshape(22, 10), rows)


def retained(models: Models, scale: Scale, draws: int) -> dict[str, np.ndarray]:
    """Components distinguishable from noise in each draw, with what is known of the rows and without."""
    found = []
    for number in range(draws):
        matrix = models.scores(np.random.default_rng((0, number)))
        as_seeds = matrix.rename_axis(index=["source", "seed"])  # which are no settings
        pair = (observations(table, scale, "excluded") for table in (matrix, as_seeds))
        found.append([distinguishable(data, number) for data in pair])
    return dict(zip(("known", "not known"), np.transpose(found), strict=True))


def _rows(draws: int) -> Iterator[dict[str, object]]:
    """One row per difference of the models, scale, and number of traits."""
    for models in (Models(0.0), Models(0.2), Models(0.2, better_runs=True), Models(0.2, 1), Models(0.2, 2)):
        for scale in ("zscore", "headroom"):
            found = retained(models, scale, draws)
            row: dict[str, object] = {
                "better by": models.levels,
                "runs better altogether": "yes" if models.better_runs else "no",
                "`analysis.traits.scale`": scale,
                "traits": models.traits,
            }
            row["right"] = percent((found["known"] == models.traits).mean())
            row["more"] = percent((found["known"] > models.traits).mean())
            row["levels left in: right"] = percent((found["not known"] == models.traits).mean())
            yield row


def report(draws: int) -> None:
    """Print the table of docs/statistics/traits.md, "Rows finer than sources"."""
    print_table(_rows(draws))
