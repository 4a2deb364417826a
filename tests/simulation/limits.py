"""What makes the test of components, replication and twins wrong, or would without slopes: worlds that break them."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.stats import norm

from crosstask.analysis.matrix.task_order import TaskOrder
from crosstask.analysis.traits.noise_tests import noise_tests
from crosstask.analysis.traits.replication.consensus import consensus
from crosstask.analysis.traits.replication.replicates import replicates
from crosstask.analysis.traits.residuals import Residuals, residuals
from crosstask.errors import UserError
from tests.simulation.planted_gains import PlantedGains
from tests.simulation.replication import RELABELINGS, Models
from tests.simulation.tables import percent, print_table

NULL_DRAWS = 199

Draw = Callable[[np.random.Generator], Residuals]
"""A generator -> what is decomposed of one matrix."""


def decomposed(gains: np.ndarray, seeds: np.ndarray | None = None) -> Residuals:
    """Residuals of gains (sources, targets) or of the means over seeds (sources, seeds, targets), home left out."""
    means = gains if seeds is None else seeds.mean(axis=1)
    sources, targets = ([f"t{place}" for place in range(size)] for size in means.shape)
    home = pd.DataFrame(np.eye(*means.shape, dtype=bool), sources, targets)
    runs = None if seeds is None else pd.DataFrame(seeds.reshape(-1, len(targets)), np.repeat(sources, seeds.shape[1]))
    known = None if runs is None else runs.set_axis(targets, axis=1)
    return residuals(pd.DataFrame(means, sources, targets), home, known)


def shared_errors(generator: np.random.Generator, sources: int, seeds: int, own: float) -> Residuals:
    """Seeds whose errors go together over targets, as large as those of each target; ``own``: what pairs have."""
    load, of_runs = generator.normal(size=10), generator.normal(size=(sources, seeds, 1))
    errors = of_runs * load + generator.normal(size=(sources, seeds, 10))
    gains = own * generator.normal(size=(sources, 10)) + 0.6 * generator.normal(size=(sources, 1))
    return decomposed(gains, gains[:, None, :] + errors)


def low_responses(generator: np.random.Generator, donors: float, response: float) -> Residuals:
    """Three of ten targets on which nothing moves by more than a share of what it does on the others."""
    gains = generator.normal(size=(10, 10)) + donors * generator.normal(size=(10, 1))
    gains[:, :3] *= response
    return decomposed(gains)


def quiet_targets(generator: np.random.Generator, spread: float) -> Residuals:
    """Three of ten targets whose pairs differ by less than those of the others, but not their donors."""
    cells = generator.normal(size=(10, 10))
    cells[:, :3] *= spread
    return decomposed(cells + 0.6 * generator.normal(size=(10, 1)) + 0.6 * generator.normal(size=10))


def probit(generator: np.random.Generator, level: float, donors: float, rows: int) -> Residuals:
    """Scores of so many rows whose gains have one cause on the probit scale; base scores vary around a level."""
    base = level + 1.2 * generator.normal(size=10) * (level == 0)
    latent = base + donors * generator.normal(size=(10, 1)) + 0.2 * generator.normal(size=(10, 10))
    return decomposed(generator.binomial(rows, norm.cdf(latent)) / rows)


WORLDS: dict[str, Draw] = {
    "2 seeds that share errors, nothing else": lambda g: shared_errors(g, 10, 2, 0.0),
    "3 seeds": lambda g: shared_errors(g, 10, 3, 0.0),
    "2 seeds, 30 x 10": lambda g: shared_errors(g, 30, 2, 0.0),
    "3 seeds, pairs with as much of their own": lambda g: shared_errors(g, 10, 3, 1.0),
    "three targets respond by 0.05, donors 0.6": lambda g: low_responses(g, 0.6, 0.05),
    "three targets respond by 0.05, donors 1.2": lambda g: low_responses(g, 1.2, 0.05),
    "base scores near 0.04, donors, 100 rows": lambda g: probit(g, -1.8, 0.5, 100),
    "base scores of 0.1 to 0.9, donors, 500 rows": lambda g: probit(g, 0.0, 0.5, 500),
    "three targets 1,000 times quieter": lambda g: quiet_targets(g, 0.001),
    "three targets 10 times quieter": lambda g: quiet_targets(g, 0.1),
    "three traits of communality .65": lambda g: decomposed(PlantedGains(communality=0.65).draw(g).to_numpy()),
    "20 x 10, three traits of .65": lambda g: decomposed(PlantedGains(20, 10, communality=0.65).draw(g).to_numpy()),
}
"""10 x 10 without a trait unless the name says otherwise."""


def retained(draw: Draw, draws: int, slopes: bool, seed: int = 0) -> np.ndarray:
    """Components that each null model retains, (draws, nulls)."""
    found = []
    for number in range(draws):
        data = replace(draw(np.random.default_rng([seed, number])), slopes=slopes)
        found.append([test.retained for test in noise_tests(data, NULL_DRAWS, 0.05).values()])
    return np.array(found)


def _rows(draws: int) -> Iterator[dict[str, object]]:
    """One row per world: with slopes and without."""
    for name, draw in WORLDS.items():
        with_slopes, without = (retained(draw, draws, slopes) for slopes in (True, False))
        yield {
            "": name,
            "any": percent((with_slopes.min(axis=1) > 0).mean()),
            "any without slopes": percent((without.min(axis=1) > 0).mean()),
            "two": percent((with_slopes.min(axis=1) > 1).mean()),
            "two, by the best null alone": percent((with_slopes > 1).mean(axis=0).max()),
        }


def with_gaps(table: pd.DataFrame, generator: np.random.Generator) -> pd.DataFrame:
    """A tenth of the cells of each model missing."""
    kept = (generator.random(len(table)) > 0.1) | (table["source"] == "base")
    return table[kept]


def with_copy(table: pd.DataFrame, generator: np.random.Generator) -> pd.DataFrame:
    """The last model is the first under another name."""
    del generator
    others = table[table["model"] != table["model"].max()]
    return pd.concat([others, table[table["model"] == "m0"].assign(model=table["model"].max())], ignore_index=True)


def with_near_copy(table: pd.DataFrame, generator: np.random.Generator) -> pd.DataFrame:
    """The last model is the first, trained anew: errors of half of what is particular to a cell."""
    copied = with_copy(table, generator)
    anew = (copied["model"] == table["model"].max()) & (copied["source"] != "base")
    return copied.assign(score=copied["score"] + 0.5 * anew * generator.normal(size=len(copied)))


def come_back(change: Callable[[pd.DataFrame, np.random.Generator], pd.DataFrame], draws: int) -> float:
    """Share of draws of five models without a trait in which something comes back."""
    hits = 0
    for number in range(draws):
        generator = np.random.default_rng([0, number])
        several = replicates(change(Models(5).draw(generator), generator), TaskOrder(), ("source", "model"))
        assert several is not None
        with contextlib.suppress(UserError):  # too few cells in common
            hits += consensus(several, RELABELINGS, 0.05, seed=number).retained > 0
    return hits / draws


CHANGES = {
    "a tenth of the cells missing": with_gaps,
    "one a copy of another": with_copy,
    "one another trained anew": with_near_copy,
}


def report(draws: int) -> None:
    """Print the tables of docs/statistics/traits.md, "What makes it wrong"."""
    print_table(_rows(draws))
    print()
    for what, change in CHANGES.items():
        print(f"Five models, {what}: {percent(come_back(change, draws))}")
