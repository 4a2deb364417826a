"""Scores that end at a floor and a ceiling, moved by donors alone: no trait, whatever it looks like."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crosstask.analysis.matrix.task_order import TaskOrder
from crosstask.analysis.traits.replication.replicates import Replicates, replicates

Moved = Callable[[np.ndarray, np.ndarray, np.random.Generator], np.ndarray]
"""Base scores (targets,), donors (sources, 1), generator -> expected scores (sources, targets)."""


def logistic(base: np.ndarray, donors: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Donors add to the log odds, and what is particular to a pair a fifth as much."""
    cells = 0.2 * generator.normal(size=(len(donors), len(base)))
    return 1 / (1 + np.exp(-(np.log(base / (1 - base)) + donors + cells)))


def shares(base: np.ndarray, donors: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Who helps closes a share of the room above, who harms takes a share of what is there."""
    helped, harmed = base + np.minimum(donors, 1) * (1 - base), base + np.maximum(donors, -1) * (base - 0.1)
    return np.where(donors > 0, helped, harmed) + 0.03 * generator.normal(size=(len(donors), len(base)))


def with_trait(base: np.ndarray, donors: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """As `shares`, and one trait of 10 points that every second target has the other way round."""
    signs = np.where(np.arange(len(base)) % 2, 1.0, -1.0)
    return shares(base, donors, generator) + 0.1 * generator.normal(size=(len(donors), 1)) * signs


def clipped(base: np.ndarray, donors: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Donors add to the score, which ends at 0.97."""
    return np.minimum(base + donors + 0.03 * generator.normal(size=(len(donors), len(base))), 0.97)


def floored(base: np.ndarray, donors: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Donors mostly harm, and scores end at .25 and .95."""
    return np.clip(base + donors - 0.15 + 0.03 * generator.normal(size=(len(donors), len(base))), 0.25, 0.95)


def steep(discrimination: float, shape: tuple[int, int], generator: np.random.Generator) -> np.ndarray:
    """Scores of base and sources, (1 + sources, targets), on 500 rows: each target turns at a donor of its own.

    A target goes from .1 to .9 where a source's donor passes its threshold, both standard normal.
    """
    sources, targets = shape
    thresholds, donors = generator.normal(size=targets), generator.normal(size=(sources, 1))
    levels = np.vstack([np.zeros(targets), donors + 0.1 * generator.normal(size=shape)])
    expected = 0.1 + 0.8 / (1 + np.exp(-discrimination * (levels - thresholds)))
    expected[1:] += 0.15 * np.eye(*shape)
    return generator.binomial(500, np.clip(expected, 0, 1)) / 500


@dataclass(frozen=True)
class Levels:
    """Twelve targets, three abilities that mean nothing but a base score of .25, .55 or .88; donors alone move them."""

    moved: Moved
    spread: float
    sources: int = 12

    @property
    def declared(self) -> dict[str, str]:
        """Task -> ability."""
        return {f"t{place}": f"ability {place % 3}" for place in range(max(self.sources, 12))}

    def draw(self, generator: np.random.Generator) -> pd.DataFrame:
        """Gains on 500 rows of each target, (sources, targets)."""
        base = np.array([0.25, 0.55, 0.88])[np.arange(12) % 3] + 0.04 * generator.normal(size=12)
        base, donors = np.clip(base, 0.12, 0.97), self.spread * generator.normal(size=(self.sources, 1))
        expected = self.moved(base, donors, generator) + 0.1 * np.eye(self.sources, 12)
        found = generator.binomial(500, np.clip(np.vstack([base, expected]), 0, 0.99)) / 500
        names = [f"t{place}" for place in range(self.sources)]
        return pd.DataFrame(found[1:] - found[0], names, [f"t{place}" for place in range(12)])


def scores(
    moved: Moved,
    spread: float,
    shape: tuple[int, int],
    generator: np.random.Generator,
    models: int = 1,
    rows: int = 500,
) -> np.ndarray:
    """Scores of base and sources under each model, (models, 1 + sources, targets), of so many rows each.

    Base scores are 0.1 to 0.9, and nearly the same for all models; own tasks are 15 points better.
    """
    sources, targets = shape
    base, donors = generator.uniform(0.1, 0.9, targets), spread * generator.normal(size=(sources, 1))
    found = []
    for _ in range(models):
        own = np.clip(base + 0.05 * (models > 1) * generator.normal(size=targets), 0.05, 0.95)
        of_model = donors + 0.2 * spread * (models > 1) * generator.normal(size=(sources, 1))
        expected = moved(own, of_model, generator) + 0.15 * np.eye(sources, targets)
        found.append(generator.binomial(rows, np.clip(np.vstack([own, expected]), 0, 1)) / rows)
    return np.array(found)


def replicated(matrices: np.ndarray) -> Replicates:
    """Replicates of scores (models, 1 + sources, targets)."""
    sources, targets = ([f"t{place}" for place in range(size)] for size in (matrices.shape[1] - 1, matrices.shape[2]))
    parts = [
        pd.DataFrame(matrix, ["base", *sources], targets)
        .rename_axis("source")
        .melt(ignore_index=False, var_name="target", value_name="score")
        .assign(model=f"m{number}")
        for number, matrix in enumerate(matrices)
    ]
    table = pd.concat(parts).reset_index().assign(metric="accuracy", stderr=np.nan, n=500)
    seeded = table.assign(seed=np.where(table["source"] == "base", None, 0)).astype({"seed": "Int64"})
    several = replicates(seeded, TaskOrder(), ("source", "model"))
    assert several is not None
    return several
