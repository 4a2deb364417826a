"""Traits that come back over base models: how many are found of how many planted, and of none."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crosstask.analysis.matrix.task_order import TaskOrder
from crosstask.analysis.traits.replication.dimensions import carried
from crosstask.analysis.traits.replication.evidence import evidence
from crosstask.analysis.traits.replication.replicates import Replicates, replicates
from tests.simulation.tables import percent, print_table

NULL_DRAWS = 199


@dataclass(frozen=True)
class Models:
    """Ten sources on ten targets under several base models, each of a level of its own."""

    models: int = 5
    traits: int = 0
    communality: float = 0.3
    """Share of the variance of cells, donors and recipients aside, that each trait explains."""
    uneven: float = 0.3
    """Sources move by different amounts, exp(uneven z), the same ones under all models."""
    violent: bool = False
    """Whether one source does anything, four times as much as others, and loses 6 everywhere, under all models."""

    def draw(self, generator: np.random.Generator) -> pd.DataFrame:
        """A score table with a column of models."""
        strengths = np.exp(self.uneven * generator.normal(size=(10, 1)))
        donors = 0.6 * generator.normal(size=(10, 1))
        if self.violent:
            strengths[3], donors[3] = 4, -6
        shared = self._shared(generator)
        rows = []
        for model in range(self.models):
            own = (1 - self.traits * self.communality) ** 0.5 * generator.normal(size=(10, 10))
            gains = strengths * (shared + own) + donors + 0.4 * generator.normal(size=(10, 1))
            gains += 0.6 * generator.normal(size=10) + (3 + generator.normal(size=10)) * np.eye(10)
            base = generator.normal(size=10) + 3 * generator.normal()
            names = [f"t{place}" for place in range(10)]
            matrix = pd.DataFrame(np.vstack([base, base + gains]), ["base", *names], names)
            rows.append(matrix.rename_axis("source").melt(ignore_index=False, var_name="target", value_name="score"))
            rows[-1]["model"] = f"m{model}"
        table = pd.concat(rows).reset_index().assign(metric="accuracy", stderr=np.nan, n=100)
        return table.assign(seed=np.where(table["source"] == "base", None, 0)).astype({"seed": "Int64"})

    def _shared(self, generator: np.random.Generator) -> np.ndarray:
        """What all models have in common."""
        of_sources, of_targets = (generator.normal(size=(10, self.traits)) for _ in range(2))
        for weights in (of_sources, of_targets):
            weights -= weights.mean(axis=0)
            weights /= weights.std(axis=0)
        shared: np.ndarray = self.communality**0.5 * of_sources @ of_targets.T
        return shared


WORLDS = {f"{models} models, {traits} traits": Models(models, traits) for models in (5, 9) for traits in (0, 1, 2)} | {
    "2 models, 0 traits": Models(2),
    "5 models, 0 traits, uneven .7": Models(5, uneven=0.7),
    "9 models, 0 traits, one source violent": Models(9, violent=True),
    "5 models, 1 trait, one source violent": Models(5, 1, violent=True),
    "9 models, 2 traits of communality .45": Models(9, 2, 0.45),
    "9 models, 1 trait of communality .1": Models(9, 1, 0.1),
}


def outcome(several: Replicates, seed: int) -> tuple[int, int, bool]:
    """Components that come back by slopes of the targets alone, and where they may bend, and whether any as a trait."""
    found = evidence(several, NULL_DRAWS, 0.05, seed)
    traits = carried(several, found.straight.same, found.retained, found.bends_matter, NULL_DRAWS, 0.05)
    return found.straight.retained, found.retained, traits > 0


def outcomes(world: Models, draws: int, seed: int = 0) -> np.ndarray:
    """`outcome` of each draw, (draws, 3)."""
    found = []
    for draw in range(draws):
        several = replicates(world.draw(np.random.default_rng([seed, draw])), TaskOrder(), ("source", "model"))
        assert several is not None
        found.append(outcome(several, draw))
    return np.array(found)


def _rows(draws: int) -> Iterator[dict[str, object]]:
    """One row per world."""
    for name, world in WORLDS.items():
        _, found, traits = outcomes(world, draws).T
        yield {
            "": name,
            "right": percent((found == world.traits).mean()),
            "too many": percent((found > world.traits).mean()),
            "called traits": percent(traits.mean()),
        }


def report(draws: int) -> None:
    """Print the table of docs/statistics/traits.md, "Replication"."""
    print_table(_rows(draws))
