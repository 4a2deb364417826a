"""Do intervals of class shifts hold the truth, and do tests of what does not shift find something in 5 %?"""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd

from crosstask.analysis.class_shift.intercepts import intercept_shifts, rescaled_shifts
from crosstask.analysis.class_shift.prior_correction import corrected_gains
from crosstask.analysis.class_shift.total_variation import total_variations
from crosstask.analysis.confusion.homogeneity import homogeneity_tests
from crosstask.analysis.matrix.closed_targets import ClosedTarget
from crosstask.analysis.matrix.crossed_estimates import crossed_table
from tests.simulation.closed_answers import EVEN, SKEWED, World, closed
from tests.simulation.tables import percent, print_table

WORLDS = {
    f"{name}, {100 * invalid:.0f} % invalid, {seeds} seed{'s' * (seeds > 1)}": World(shares, invalid, seeds=seeds)
    for seeds in (1, 3)
    for name, shares in (("even", EVEN), ("6/13/81", SKEWED))
    for invalid in (0.0, 0.2)
}
_TRUTH = 400_000
"""Rows from which the expectation of a gain without a shift is computed."""


def simulate(world: World, draws: int, seed: int = 0) -> pd.Series:
    """Shares over draws, cells and labels.

    Returns
    -------
    Series
        Intervals that hold the truth: ``shift``, and ``remaining`` of a gain. Without any shift, ``p``: p values up to
        0.05 of a label. With one seed, of models that are draws of one: ``homogeneity``, p values up to 0.05,
        ``variation``, distances above the quantile of their null, and ``distance``, their mean.
    """
    better = expected_gain(world)
    return pd.DataFrame([_one(world, better, np.random.default_rng([seed, draw])) for draw in range(draws)]).mean()


@cache
def expected_gain(world: World) -> float:
    """What adapters without a shift gain over base, from many rows."""
    many = replace(world, n=_TRUTH, shift=0.0, sources=1, seeds=1)
    target, _ = many.draw(np.random.default_rng(12345))
    right = target.predicted == target.gold
    return float(right[1].mean() - right[0].mean())


def _one(world: World, better: float, generator: np.random.Generator) -> dict[str, float]:
    """One draw."""
    target, shifts = world.draw(generator)
    table = _of_cells(crossed_table([intercept_shifts(target, target.behavior.log_probabilities)], (), 0.05), world)
    found = {"shift": _covered(table, shifts.ravel())}
    values = target.behavior.log_probabilities
    left = corrected_gains(target, values, intercept_shifts(target, values))
    gains = crossed_table([left], (), 0.05, tests=False)
    remaining = _of_cells(gains[gains["name"] == "remaining"], world)
    found["remaining"] = _covered(remaining, np.full(len(remaining), better))
    still, _ = replace(world, shift=0.0).draw(generator)
    table = _of_cells(crossed_table([intercept_shifts(still, still.behavior.log_probabilities)], (), 0.05), world)
    found["p"] = float((table["p"] <= 0.05).mean())
    if world.seeds > 1:
        return found
    alike = _exchangeable(world, generator)
    places, bases = alike.against_base()
    p = homogeneity_tests(alike.predicted[places], alike.predicted[bases], len(alike.predictions))[2]
    distances = total_variations(alike, 199, 0.05, generator)
    return found | {
        "homogeneity": float((p <= 0.05).mean()),
        "variation": float((distances[:, 0] > distances[:, 2]).mean()),
        "distance": float(distances[:, 0].mean()),
    }


def _covered(table: pd.DataFrame, truth: np.ndarray) -> float:
    """Share of the intervals that hold the truth."""
    return float(((table["ci_low"] <= truth) & (truth <= table["ci_high"])).mean())


def _exchangeable(world: World, generator: np.random.Generator) -> ClosedTarget:
    """Base and adapters that are draws of one model."""
    drawn, _ = replace(world, shift=0.0).draw(generator)
    logits = drawn.behavior.log_probabilities.astype(float)
    logits[0, np.arange(drawn.n), drawn.gold] += 0.3  # what the adapters have
    predicted = np.where(drawn.predicted < len(drawn.labels), logits.argmax(axis=2), len(drawn.labels))
    return replace(drawn, predicted=predicted)


def _of_cells(table: pd.DataFrame, world: World) -> pd.DataFrame:
    """Rows of the sources, in their order: the mean over seeds where there are several."""
    return table[table["seeds"] == world.seeds].reset_index(drop=True)


def _rows(draws: int) -> Iterator[dict[str, object]]:
    """One row per world."""
    for name, world in WORLDS.items():
        found = simulate(world, draws).reindex(["shift", "remaining", "p", "homogeneity", "variation", "distance"])
        shares = {key: percent(value) for key, value in found.items() if key != "distance"}
        yield {"": name, **shares, "distance": "" if world.seeds > 1 else f"{found['distance']:.3f}"}


FACTORS = (0.5, 0.7, 1.0, 1.3, 1.6, 2.0)
"""By which sharper or blunter adapters multiply the log-probabilities of a base that leans."""


def simulate_sharper(shares: tuple[float, ...], seeds: int, draws: int, seed: int = 0) -> pd.Series:
    """Labels with p values up to 0.05 where no adapter leans in another way than base: of both shifts, and of gains."""
    found = []
    for draw in range(draws):
        target = _sharper(shares, seeds, np.random.default_rng([seed, draw]))
        values = target.behavior.log_probabilities
        one = {"shift": intercept_shifts(target, values), "rescaled": rescaled_shifts(target, values)[0]}
        tables = {name: crossed_table([estimates], (), 0.05) for name, estimates in one.items()}
        for name, estimates in one.items():
            gains = crossed_table([corrected_gains(target, values, estimates)], (), 0.05)
            tables[f"{name}: by shift"] = gains[gains["name"] == "by_shift"]
        found.append({name: (of[of["seeds"] == seeds]["p"] <= 0.05).mean() for name, of in tables.items()})
    return pd.DataFrame(found).mean()


def _sharper(shares: tuple[float, ...], seeds: int, generator: np.random.Generator) -> ClosedTarget:
    """200 rows; adapters have noise of their own, as base has, and seeds of a source differ in sharpness by 10 %."""
    n, k = 200, len(shares)
    gold = generator.choice(k, n, p=shares)
    gold[: 2 * k] = np.tile(np.arange(k), 2)
    common = generator.normal(size=(n, k)) + np.linspace(1.5, -1.5, k)
    common[np.arange(n), gold] += 2
    runs = [("base", None), *((f"s{source}", seed) for source in range(len(FACTORS)) for seed in range(seeds))]
    factors = np.array([1.0, *np.repeat(FACTORS, seeds)])
    factors[1:] *= np.exp(0.1 * (seeds > 1) * generator.normal(size=len(runs) - 1))
    return closed(runs, gold, factors[:, None, None] * (common + 0.5 * generator.normal(size=(len(runs), n, k))))


def _sharper_rows(draws: int) -> Iterator[dict[str, object]]:
    """One row per world."""
    for seeds in (1, 3):
        for name, shares in (("even", EVEN), ("6/13/81", SKEWED)):
            found = simulate_sharper(shares, seeds, draws)
            named = f"{name}, {seeds} seed{'s' * (seeds > 1)}"
            yield {"": named, **{key: percent(value) for key, value in found.items()}}


def report(draws: int) -> None:
    """Print the tables of docs/statistics/closed_answers.md, "Class shifts"."""
    print_table(_rows(draws))
    print_table(_sharper_rows(draws))
