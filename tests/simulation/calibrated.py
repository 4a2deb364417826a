"""Probabilities that are right, or too bold by a known amount: do intervals hold that, and nulls what they say?"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from crosstask.analysis.calibration.decomposition import DECOMPOSITION, decomposition
from crosstask.analysis.calibration.expected_error import expected_errors
from crosstask.analysis.calibration.losses import LOSSES, log_softmax, losses
from crosstask.analysis.calibration.recalibration import recalibration
from crosstask.analysis.matrix.base_changes import changes, levels
from crosstask.analysis.matrix.closed_targets import ClosedTarget
from crosstask.analysis.matrix.crossed_estimates import crossed_table
from tests.simulation.closed_answers import EVEN, SKEWED, closed
from tests.simulation.tables import percent, print_table

BINS, REDRAWS = 10, 199
_TRUTH = 400_000


@dataclass(frozen=True)
class Right:
    """Base's probabilities are right; an adapter's log-probabilities are base's times ``boldness``."""

    shares: tuple[float, ...] = EVEN
    n: int = 200
    boldness: float = 1.0
    sources: int = 5

    def draw(self, generator: np.random.Generator) -> ClosedTarget:
        """Labels drawn from base's probabilities; those of adapters have noise of their own and are as right."""
        k = len(self.shares)
        # Each model sees signs of its own of the label, of the same strength, and says what follows from these alone.
        gold = generator.choice(k, self.n, p=self.shares)
        signs = generator.normal(size=(1 + self.sources, self.n, k))
        signs[:, np.arange(self.n), gold] += 1.5
        logits = 1.5 * signs + np.log(self.shares)  # the posterior of signs with unit variance
        logits[1:] *= self.boldness
        return closed([("base", None), *((f"s{source}", 0) for source in range(self.sources))], gold, logits)


WORLDS = {
    f"{name}, {n} rows, {boldness:g} times as bold": Right(shares, n, boldness)
    for name, shares in (("even", EVEN), ("6/13/81", SKEWED))
    for n, boldness in ((200, 1.0), (1000, 1.0), (200, 1.5))
}


@cache
def truth(world: Right) -> dict[str, float]:
    """Losses of adapter less base, and reliability and resolution in as many bins, from many rows."""
    target = Right(world.shares, _TRUTH, world.boldness, 1).draw(np.random.default_rng(54321))
    logarithms = log_softmax(target.behavior.log_probabilities)
    of_losses, _ = losses(logarithms, target.gold)
    parts, _ = decomposition(np.exp(logarithms), target.gold, BINS)
    return dict(zip(LOSSES, of_losses[1] - of_losses[0], strict=True)) | dict(zip(DECOMPOSITION, parts[1], strict=True))


def simulate(world: Right, draws: int, seed: int = 0) -> pd.Series:
    """Shares over draws and adapters.

    Returns
    -------
    Series
        Intervals that hold the truth of ``brier`` and ``log_loss`` (changes), ``slope``, ``intercepts``,
        ``reliability`` and ``resolution``; ``p``: p values of the changes up to 0.05; ``ece above``: expected errors
        above the quantile of their null; ``ece``: their mean.
    """
    return pd.DataFrame([_one(world, np.random.default_rng([seed, draw])) for draw in range(draws)]).mean()


def _one(world: Right, generator: np.random.Generator) -> dict[str, float]:
    """One draw."""
    target = world.draw(generator)
    logarithms = log_softmax(target.behavior.log_probabilities)
    known = truth(world)
    changed = crossed_table([changes(target, LOSSES, losses(logarithms, target.gold))], (), 0.05)
    found = {name: _covered(changed, name, known[name]) for name in LOSSES}
    found["p"] = float((changed["p"] <= 0.05).mean())
    names = ["slope", *target.labels]
    fitted = crossed_table([levels(target, names, recalibration(logarithms, target.gold))], (), 0.05, tests=False)
    fitted = fitted[fitted["source"] != "base"]
    found["slope"] = _covered(fitted, "slope", 1 / world.boldness)
    # log q = log p / boldness, so that nothing leans.
    found["intercepts"] = float(np.mean([_covered(fitted, label, 0.0) for label in target.labels]))
    probabilities = np.exp(logarithms)
    parts = decomposition(probabilities, target.gold, BINS)
    table = crossed_table([levels(target, DECOMPOSITION, parts)], (), 0.05, tests=False)
    table = table[table["source"] != "base"]
    found |= {name: _covered(table, name, known[name]) for name in DECOMPOSITION}
    errors, null = expected_errors(probabilities, target.gold, BINS, generator.random((REDRAWS, world.n)))
    found["ece above"] = float((errors > np.quantile(null, 0.95, axis=1))[1:].mean())
    return found | {"ece": float(errors[1:].mean())}


def _covered(table: pd.DataFrame, name: str, true: float) -> float:
    """Share of the intervals of a statistic that hold the truth."""
    rows = table[table["name"] == name]
    return float(((rows["ci_low"] <= true) & (true <= rows["ci_high"])).mean())


def _rows(draws: int) -> Iterator[dict[str, object]]:
    """One row per world."""
    for name, world in WORLDS.items():
        found = simulate(world, draws)
        shares = {key: percent(value) for key, value in found.items() if key != "ece"}
        yield {"": name, **shares, "ece": f"{found['ece']:.3f}"}


def report(draws: int) -> None:
    """Print the table of docs/statistics/closed_answers.md, "Calibration"."""
    print_table(_rows(draws))
