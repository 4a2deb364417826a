"""Relations between similarity and gains, pair by pair: how often they are found, and found where there are none."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from crosstask.analysis.similarity.quadratic_assignment import SimilarityTest
from tests.simulation.tables import percent, print_table

NAMES = [f"t{place}" for place in range(10)]
OFF = ~np.eye(10, dtype=bool)
RENAMINGS = 999
KINDS = ("none", "none, one data set unlike all and harming all", "none, blocks", "0.3 of a pair", "0.5 of a pair")


def draw(kind: str, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A similarity and gains; relations are in units of what is particular to a pair."""
    x, rest = generator.normal(size=(2, 10, 10))
    strength = 0.0 if kind.startswith("none") else float(kind.split()[0])
    gains = strength * x + rest
    for values in (x, gains):
        values += generator.normal(size=(10, 1)) + generator.normal(size=10)
    if kind.endswith("all"):
        x[0], x[:, 0], gains[0] = x[0] - 4, x[:, 0] - 4, gains[0] - 4
    if kind.endswith("blocks"):
        for values in (x, gains):
            groups = generator.permutation(10) % 3
            values += 2 * np.equal.outer(groups, groups)
    return x, gains


def found(kind: str, draws: int, seed: int = 0) -> tuple[float, float]:
    """Share of draws with p <= 0.05, of the test and of renaming raw ranks."""
    hits = np.zeros(2)
    for number in range(draws):
        generator = np.random.default_rng([seed, number])
        x, gains = draw(kind, generator)
        alike = (
            pd.DataFrame(x, NAMES, NAMES).stack().rename("similarity").rename_axis(["source", "target"]).reset_index()
        )
        table = SimilarityTest({}, RENAMINGS, seed=number)(alike.assign(measure="m"), pd.DataFrame(gains, NAMES, NAMES))
        hits += [table["p"][0] <= 0.05, _of_ranks(x, gains, generator) <= 0.05]
    return tuple(hits / draws)


def _of_ranks(x: np.ndarray, gains: np.ndarray, generator: np.random.Generator) -> float:
    """P value of renaming data sets, effects of sources and targets not taken off."""
    of_x, of_gains = rankdata(x).reshape(x.shape), rankdata(gains).reshape(x.shape)
    orders = [np.arange(10), *(generator.permutation(10) for _ in range(RENAMINGS))]
    every = np.array([np.corrcoef(of_x[np.ix_(order, order)][OFF], of_gains[OFF])[0, 1] for order in orders])
    return float((np.abs(every) >= np.abs(every[0]) - 1e-12).mean())


def _rows(draws: int) -> Iterator[dict[str, object]]:
    """One row per relation."""
    for kind in KINDS:
        ours, ranks = found(kind, draws)
        yield {"relation": kind, "found": percent(ours), "ranks": percent(ranks)}


def report(draws: int) -> None:
    """Print the table of docs/statistics/similarity.md."""
    print_table(_rows(draws))
