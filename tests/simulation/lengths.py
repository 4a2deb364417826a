"""Are intervals of length coefficients right, and do lengths carry over only where they are planted?"""

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd
from scipy.stats import foldnorm

from crosstask.analysis.lengths.carryover import carryover
from crosstask.analysis.lengths.interpolation import interpolation
from crosstask.analysis.lengths.nearer import nearer
from crosstask.analysis.matrix.answers import Answers, Run, TargetAnswers
from crosstask.analysis.matrix.gain_evidence import GainEvidence
from crosstask.analysis.matrix.paired_examples import means_of_answers
from crosstask.analysis.statistics.variance_parts import VarianceParts
from tests.simulation.tables import percent, print_table

SPREAD = 0.5
"""Standard deviations of log lengths over examples that runs share, and of what they do not, on an example."""
SWAPS = 199


@dataclass(frozen=True)
class Cells:
    """Sources whose answers are all as far from base's as each other's, on one target."""

    distance: float
    """Of the logs of the lengths of source and base."""
    coefficient: float = 0.5
    seeds: int = 1
    between_seeds: float = 0.0
    sources: int = 8
    examples: int = 200
    trained_on: int = 500

    @property
    def nearer(self) -> float:
        """Expected distance of a seed's lengths from the source's less base's: the mean of a folded normal variable.

        Distributions of one shape are as far apart as their means are.
        """
        left, spread = (1 - self.coefficient) * self.distance, self.between_seeds
        if spread == 0:
            return abs(left) - self.distance
        return float(foldnorm.mean(abs(left) / spread, scale=spread)) - self.distance

    def draw(self, generator: np.random.Generator) -> tuple[Answers, dict[str, np.ndarray]]:
        """Logs of lengths of answers, and of what sources train on."""
        names = [f"s{place}" for place in range(self.sources)]
        rows: tuple[Run, ...] = (("base", None), *((name, seed) for name in names for seed in range(self.seeds)))
        level = np.full(len(rows), 4 + self.coefficient * self.distance)
        level[0] = 4
        level[1:] += generator.normal(0, self.between_seeds, len(rows) - 1)
        values = level[:, None] + generator.normal(0, SPREAD, self.examples)
        values += generator.normal(0, SPREAD, values.shape)
        ids = np.array([f"row {number}" for number in range(self.examples)], dtype=object)
        answers = Answers({"target": TargetAnswers(rows, ids, _whole(values).astype(np.float32))})
        drawn = generator.normal(4 + self.distance, 2**0.5 * SPREAD, (self.sources, self.trained_on))
        return answers, dict(zip(names, np.sort(_whole(drawn)), strict=True))


def _whole(values: np.ndarray) -> np.ndarray:
    """Logs of whole lengths; the mean of logs stays what it is to 0.001."""
    return np.log1p(np.round(np.expm1(values)))


@dataclass(frozen=True)
class Carried:
    """A matrix of log lengths to whose rows the source's length is added."""

    coefficient: float
    sources: int = 10
    targets: int = 6
    of_sources: float = 0.5
    """Standard deviation of effects of sources that have nothing to do with lengths."""

    def draw(self, generator: np.random.Generator) -> tuple[pd.DataFrame, dict[str, float], pd.Series]:
        """Log lengths, the sources' own, base's."""
        lengths, base = generator.normal(4, 1.5, self.sources), generator.normal(4, 1, self.targets)
        effects = self.coefficient * lengths + generator.normal(0, self.of_sources, self.sources)
        values = (
            effects[:, None] + (1 - self.coefficient) * base + generator.normal(0, 0.3, (self.sources, self.targets))
        )
        values[np.eye(self.sources, self.targets, dtype=bool)] = np.nan
        names, columns = [f"s{place}" for place in range(self.sources)], [f"t{place}" for place in range(self.targets)]
        frame = pd.DataFrame(values, names, columns)
        return frame, dict(zip(names, lengths.tolist(), strict=True)), pd.Series(base, columns)


DISTANCES = (0.0, 0.1, 0.2, 0.5, 1.0)
CELLS = {
    **{f"distance {distance:g}": Cells(distance) for distance in DISTANCES},
    **{f"distance {distance:g}, 3 seeds": Cells(distance, seeds=3, between_seeds=0.1) for distance in DISTANCES},
    "distance 1, no effect": Cells(1.0, 0.0),
    "distance 1, no effect, 3 seeds": Cells(1.0, 0.0, seeds=3, between_seeds=0.1),
    "distance 1, all of it": Cells(1.0, 1.0),
}
CARRIED = {
    "nothing carried over": Carried(0.0),
    "nothing, 5 sources": Carried(0.0, 5),
    "30 %": Carried(0.3),
    "30 %, 20 sources": Carried(0.3, 20),
}


def simulate_cells(cells: Cells, draws: int, seed: int = 0, swaps: int = SWAPS) -> pd.Series:
    """Shares over draws.

    Returns
    -------
    Series
        ``told``: of intervals that are shown; ``covers``: of Fieller's
        intervals, those without two ends as they are, that hold the coefficient; ``told covers``: of those shown;
        ``nearer told``, ``nearer covers``: the same of the difference of distances; ``found``: p <= 0.05.
    """
    found = [_one_of_cells(cells, np.random.default_rng([seed, draw]), swaps) for draw in range(draws)]
    return pd.DataFrame(found).mean()


def _one_of_cells(cells: Cells, generator: np.random.Generator, swaps: int) -> dict[str, float]:
    """One draw."""
    answers, sources = cells.draw(generator)
    matrix = pd.DataFrame(index=["base", *sources], columns=["target"], dtype=float)
    evidence = GainEvidence(means_of_answers(answers, matrix), "base")
    found = interpolation(evidence, sources, 0.05)
    told = found["identified"]
    inside = (found["ci_low"] <= cells.coefficient) & (found["ci_high"] >= cells.coefficient)
    covers = _not_rejected(evidence, found, sources, cells.coefficient)
    table = nearer(answers.targets, sources, swaps, 0.05, generator)
    bounded = table["nearer_low"].notna()
    inside_limits = (table["nearer_low"] <= cells.nearer) & (table["nearer_high"] >= cells.nearer)
    return {
        "told": told.mean(),
        "covers": covers,
        "told covers": inside[told].mean() if told.any() else np.nan,
        "nearer told": float(bounded.mean()),
        "nearer covers": float(inside_limits[bounded].mean()) if bounded.any() else np.nan,
        "found": float((table["p"] <= 0.05).mean()),
    }


def _not_rejected(
    evidence: GainEvidence, found: dict[str, np.ndarray], sources: dict[str, np.ndarray], truth: float
) -> float:
    """Share of cells in which Fieller's set, with or without two ends, holds a coefficient.

    It does if (T - B) - a (S - B) is not distinguishable from 0: found from the answers themselves, as T - (1 - a) B of
    each example.
    """
    means, parts = evidence.means, evidence.cells()[1]
    values = means.errors.example_means("target")
    rest = values[1:] - (1 - truth) * values[0]
    variance = rest.var(axis=1, ddof=1) / rest.shape[1]
    variance = variance + truth**2 * np.array([of.var(ddof=1) / len(of) for of in sources.values()])
    of_target = {part.name: getattr(parts, part.name)[:, 0] for part in fields(parts)}
    test = VarianceParts(**of_target | {"examples": variance})
    distance = np.abs(found["shift"][:, 0] - truth * found["distance"][:, 0])
    return float((distance <= test.half_width(0.05)).mean())


def simulate_carried(carried: Carried, draws: int, seed: int = 0) -> pd.Series:
    """Shares of draws with p <= 0.05, of the source's term and of the sum, and with the truth in its interval."""
    found = []
    for draw in range(draws):
        generator = np.random.default_rng([seed, draw])
        table = carryover(*carried.draw(generator), 999, 0.05, generator).set_index("term")
        source, base = table.loc["source"], table.loc["base"]
        truth = carried.coefficient
        found.append(
            {
                "found": float(source["p"] <= 0.05),
                "covers": float(source["ci_low"] <= truth <= source["ci_high"]),
                "sum is not 1": float(base["p"] <= 0.05),
            }
        )
    return pd.DataFrame(found).mean()


def _rows_of_cells(draws: int) -> Iterator[dict[str, object]]:
    """One row per distance."""
    for name, cells in CELLS.items():
        yield {"": name} | {column: percent(share) for column, share in simulate_cells(cells, draws).items()}


def _rows_of_carried(draws: int) -> Iterator[dict[str, object]]:
    """One row per matrix."""
    for name, carried in CARRIED.items():
        yield {"": name} | {column: percent(share) for column, share in simulate_carried(carried, draws).items()}


def report(draws: int) -> None:
    """Print the tables of docs/statistics/lengths.md."""
    print_table(_rows_of_cells(draws))
    print()
    print_table(_rows_of_carried(draws))
