"""What makes the test of components, replication and twins wrong, or would without slopes: worlds that break them."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.stats import norm

from crosstask.analysis.matrix.residuals import Residuals, residuals
from crosstask.analysis.matrix.task_order import TaskOrder
from crosstask.analysis.traits.noise_test import ComponentTests
from crosstask.analysis.traits.noise_tests import component_tests, noise_tests
from crosstask.analysis.traits.replication.replicates import Replicates, replicates
from crosstask.errors import UserError
from tests.simulation.ceilings import (
    Moved,
    clipped,
    floored,
    logistic,
    replicated,
    scores,
    shares,
    steep,
    with_trait,
)
from tests.simulation.planted_gains import PlantedGains
from tests.simulation.replication import Models, outcome
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


def ended(generator: np.random.Generator, moved: Moved, spread: float, shape: tuple[int, int]) -> Residuals:
    """Scores with floors and ceilings that donors alone move."""
    base, *tuned = scores(moved, spread, shape, generator)[0]
    return decomposed(np.array(tuned) - base)


def thresholds(generator: np.random.Generator, discrimination: float, shape: tuple[int, int]) -> Residuals:
    """Scores of targets that each turn at a donor of its own."""
    base, *tuned = steep(discrimination, shape, generator)
    return decomposed(np.array(tuned) - base)


def same_rows(generator: np.random.Generator, pairs: int) -> Residuals:
    """Pairs of targets that are one data set in two wordings: half of what is particular to a cell is the same."""
    gains = generator.normal(size=(20, 10))
    first, second = np.arange(0, 2 * pairs, 2), np.arange(1, 2 * pairs, 2)
    gains[:, second] = 0.5**0.5 * (gains[:, first] + gains[:, second])
    return decomposed(gains + 0.6 * generator.normal(size=(20, 1)))


WORLDS: dict[str, Draw] = {
    "2 seeds that share errors, nothing else": lambda g: shared_errors(g, 10, 2, 0.0),
    "3 seeds": lambda g: shared_errors(g, 10, 3, 0.0),
    "2 seeds, 30 x 10": lambda g: shared_errors(g, 30, 2, 0.0),
    "3 seeds, pairs with as much of their own": lambda g: shared_errors(g, 10, 3, 1.0),
    "three targets respond by 0.05, donors 0.6": lambda g: low_responses(g, 0.6, 0.05),
    "three targets respond by 0.05, donors 1.2": lambda g: low_responses(g, 1.2, 0.05),
    "base scores near 0.04, donors, 100 rows": lambda g: probit(g, -1.8, 0.5, 100),
    "base scores of 0.1 to 0.9, donors, 500 rows": lambda g: probit(g, 0.0, 0.5, 500),
    "donors of 1 on log odds, 500 rows": lambda g: ended(g, logistic, 1.0, (10, 10)),
    "20 x 10, the same": lambda g: ended(g, logistic, 1.0, (20, 10)),
    "20 x 20, the same": lambda g: ended(g, logistic, 1.0, (20, 20)),
    "donors take shares, spread .3, 500 rows": lambda g: ended(g, shares, 0.3, (10, 10)),
    "20 x 10, the same, spread .3": lambda g: ended(g, shares, 0.3, (20, 10)),
    "20 x 20, the same, spread .3": lambda g: ended(g, shares, 0.3, (20, 20)),
    "20 x 20, the same, spread .15": lambda g: ended(g, shares, 0.15, (20, 20)),
    "20 x 20, donors end at .97": lambda g: ended(g, clipped, 0.1, (20, 20)),
    "20 x 10, donors of 2 on log odds": lambda g: ended(g, logistic, 2.0, (20, 10)),
    "20 x 20, donors of 2 on log odds": lambda g: ended(g, logistic, 2.0, (20, 20)),
    "20 x 10, thresholds of discrimination 1.5": lambda g: thresholds(g, 1.5, (20, 10)),
    "20 x 20, thresholds of discrimination 1.5": lambda g: thresholds(g, 1.5, (20, 20)),
    "20 x 10, thresholds of discrimination 2": lambda g: thresholds(g, 2.0, (20, 10)),
    "20 x 20, thresholds of discrimination 2": lambda g: thresholds(g, 2.0, (20, 20)),
    "20 x 20, thresholds of discrimination 3": lambda g: thresholds(g, 3.0, (20, 20)),
    "20 x 10, donors end at .25 and .95": lambda g: ended(g, floored, 0.25, (20, 10)),
    "20 x 20, donors end at .25 and .95": lambda g: ended(g, floored, 0.25, (20, 20)),
    "20 x 10, one trait, and donors take shares": lambda g: ended(g, with_trait, 0.3, (20, 10)),
    "20 x 20, one trait, and donors take shares": lambda g: ended(g, with_trait, 0.3, (20, 20)),
    "20 x 10, two pairs of targets on the same rows": lambda g: same_rows(g, 2),
    "20 x 10, three pairs": lambda g: same_rows(g, 3),
    "three targets 1,000 times quieter": lambda g: quiet_targets(g, 0.001),
    "three targets 10 times quieter": lambda g: quiet_targets(g, 0.1),
    "three traits of communality .65": lambda g: decomposed(PlantedGains(communality=0.65).draw(g).to_numpy()),
    "20 x 10, three traits of .65": lambda g: decomposed(PlantedGains(20, 10, communality=0.65).draw(g).to_numpy()),
}
"""10 x 10 without a trait unless the name says otherwise."""


def retained(draw: Draw, draws: int, seed: int = 0) -> list[ComponentTests]:
    """The tests of each draw."""
    return [component_tests(draw(np.random.default_rng([seed, number])), NULL_DRAWS, 0.05) for number in range(draws)]


def without_slopes(draw: Draw, draws: int) -> float:
    """Share of draws with any component where targets have neither slopes nor bends."""
    found = []
    for number in range(draws):
        data = replace(draw(np.random.default_rng([0, number])), slopes=False)
        found.append(min(test.retained for test in noise_tests(data, NULL_DRAWS, 0.05, most=1).values()) > 0)
    return float(np.mean(found))


def _rows(draws: int) -> Iterator[dict[str, object]]:
    """One row per world: with bends, with slopes alone, and without either."""
    for name, draw in WORLDS.items():
        found, without = retained(draw, draws), without_slopes(draw, draws)
        of_nulls = np.array([[test.retained for test in tests.nulls.values()] for tests in found])
        yield {
            "": name,
            "any": percent(np.mean([tests.retained > 0 for tests in found])),
            "slopes alone": percent(np.mean([tests.before_bends > 0 for tests in found])),
            "neither": percent(without),
            "two": percent(np.mean([tests.retained > 1 for tests in found])),
            "two, slopes alone": percent(np.mean([tests.before_bends > 1 for tests in found])),
            "two, by the best null alone": percent((of_nulls > 1).mean(axis=0).max()),
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


def pairs(generator: np.random.Generator, share: float, broken: int) -> Replicates:
    """Five models to which single pairs are alike: a share of what each cell does, or some cells that break."""
    base = generator.uniform(0.4, 0.7, (5, 1, 10))
    common, own = generator.normal(size=(10, 10)), generator.normal(size=(5, 10, 10))
    tuned = base + 0.04 * generator.normal(size=(10, 1)) + 0.05 * (share**0.5 * common + (1 - share) ** 0.5 * own)
    rows = generator.permutation(10)[:broken]
    tuned[:, rows, (rows + 1) % 10] -= 0.2
    expected = np.concatenate([base, tuned + 0.15 * np.eye(10)], axis=1)
    return replicated(generator.binomial(500, np.clip(expected, 0, 1)) / 500)


def own_trait(generator: np.random.Generator, moves: float, share: float) -> Replicates:
    """Three models of 20 x 10 that share some of what pairs do; one has a trait of its own and moves more."""
    shape = 20, 10
    common, donors = generator.normal(size=shape), 0.6 * generator.normal(size=(20, 1))
    found = []
    for model in range(3):
        cells = share**0.5 * common + (1 - share) ** 0.5 * generator.normal(size=shape)
        if model == 0:
            signs = np.where(np.arange(10) % 2, 1.0, -1.0)
            cells = moves * (0.3**0.5 * cells + 0.7**0.5 * generator.normal(size=(20, 1)) * signs)
        gains = cells + donors + 0.4 * generator.normal(size=(20, 1)) + 3 * np.eye(*shape)
        base = generator.normal(size=10)
        found.append(np.vstack([base, base + gains]))
    return replicated(np.array(found))


def changed(change: Callable[[pd.DataFrame, np.random.Generator], pd.DataFrame]) -> Callable[..., Replicates]:
    """Five models without a trait whose table is changed."""

    def draw(generator: np.random.Generator) -> Replicates:
        several = replicates(change(Models(5).draw(generator), generator), TaskOrder(), ("source", "model"))
        assert several is not None
        return several

    return draw


REPLICATED: dict[str, Callable[[np.random.Generator], Replicates]] = {
    "a tenth of the cells missing": changed(with_gaps),
    "one a copy of another": changed(with_copy),
    "one another trained anew": changed(with_near_copy),
    "half of what pairs do the same": lambda g: pairs(g, 0.5, 0),
    "a fifth of what pairs do the same": lambda g: pairs(g, 0.2, 0),
    "one pair that breaks": lambda g: pairs(g, 0.0, 1),
    "three pairs that break": lambda g: pairs(g, 0.0, 3),
    "donors of 1 on log odds": lambda g: replicated(scores(logistic, 1.0, (10, 10), g, 5)),
    "donors take shares, spread .3": lambda g: replicated(scores(shares, 0.3, (10, 10), g, 5)),
    "3 models, 20 x 10, donors of 2 on log odds": lambda g: replicated(scores(logistic, 2.0, (20, 10), g, 3)),
    "3 models, 20 x 10, a trait of one": lambda g: own_trait(g, 1.0, 0.3),
    "3 models, 20 x 10, a trait of one that moves 3 times as much": lambda g: own_trait(g, 3.0, 0.3),
}
"""Five models, ten by ten, unless the name says otherwise; no trait that models have in common."""


def _rows_of_models(draws: int) -> Iterator[dict[str, object]]:
    """One row per world: what comes back, what is left where it may be a bend, and what is called a trait."""
    for name, draw in REPLICATED.items():
        found = []
        for number in range(draws):
            with contextlib.suppress(UserError):  # too few cells in common
                found.append(outcome(draw(np.random.default_rng([0, number])), number))
        any_found = (np.array(found) > 0).mean(axis=0)
        yield {"five models": name} | dict(
            zip(("slopes alone", "comes back", "called traits"), map(percent, any_found), strict=True)
        )


def report(draws: int) -> None:
    """Print the tables of docs/statistics/traits.md, "What makes it wrong"."""
    print_table(_rows(draws))
    print()
    print_table(_rows_of_models(draws))
