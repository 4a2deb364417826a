"""How many components are retained of how many planted traits, and of none."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from crosstask.analysis.traits.alignment import alignment, congruences
from crosstask.analysis.traits.noise_test import ComponentTests
from crosstask.analysis.traits.observations import Observations
from crosstask.analysis.traits.parallel_analysis import ParallelAnalysis
from crosstask.analysis.traits.preparation import observations
from crosstask.analysis.traits.retention import retention_rules
from tests.simulation.planted_traits import Planted
from tests.simulation.tables import fewer_of_the_largest, print_table
from tests.support.components import components_of

SIZES = ((10, 10), (22, 22), (60, 40))
NOISES = (0.25, 0.5, 1.0)
NULL_DRAWS = 199


def retained(planted: Planted, draws: int, seed: int = 0) -> pd.DataFrame:
    """Components that each rule retains; draws x rules."""
    rows = []
    for number in range(draws):
        rows.append(_rules(planted.matrix(np.random.default_rng((seed, number))), number))
    return pd.DataFrame(rows).reset_index(drop=True)


def seeds_of_sources(n_sources: int, seeds: int, draws: int, apart: bool = True, seed: int = 0) -> pd.DataFrame:
    """As `retained`, for sources without any trait, each with several seeds that hardly differ.

    With ``apart`` the analysis is not told which rows are of one source.
    """
    rows = []
    for number in range(draws):
        generator = np.random.default_rng((seed, number))
        values = np.repeat(generator.normal(size=(n_sources, 10)), seeds, axis=0)
        values = values + 0.3 * generator.normal(size=values.shape)
        runs = [(f"s{source}", str(run)) for source in range(n_sources) for run in range(seeds)]
        known = pd.MultiIndex.from_tuples(runs, names=["source", "seed"])
        rows.append(_rules(pd.DataFrame(values, ["_".join(run) for run in runs] if apart else known), number))
    return pd.DataFrame(rows).reset_index(drop=True)


def heavy_tailed(size: tuple[int, int], draws: int, seed: int = 0) -> pd.DataFrame:
    """As `retained`, for independent scores far from normal: squares of exponential numbers."""
    rows = []
    for number in range(draws):
        values = np.random.default_rng((seed, number)).exponential(size=size) ** 2
        rows.append(_rules(pd.DataFrame(values), number))
    return pd.DataFrame(rows).reset_index(drop=True)


def distinguishable(data: Observations, seed: int) -> int:
    """Components that the product retains: distinguishable from both kinds of noise."""
    return min(ParallelAnalysis(kind, NULL_DRAWS, seed)(data).retained for kind in ParallelAnalysis.nulls)


def _rules(matrix: pd.DataFrame, seed: int) -> pd.Series:
    """Components that each rule retains of one matrix."""
    data = observations(matrix)
    tests = {kind: ParallelAnalysis(kind, NULL_DRAWS, seed)(data) for kind in ParallelAnalysis.nulls}
    return retention_rules(data, ComponentTests(tests, None)).set_index("rule")["retained"]


def congruence(planted: Planted, draws: int, seed: int = 0) -> float:
    """Mean congruence of the planted number of components with the weights planted, rotated into each other."""
    total = 0.0
    for number in range(draws):
        generator = np.random.default_rng((seed, number))
        weights = planted.weights(generator)
        values = generator.normal(size=(planted.size[0], planted.traits)) @ weights
        noisy = values + planted.noise * generator.normal(size=planted.size)
        truth = (weights / np.sqrt((weights**2).sum(axis=0) + planted.noise**2)).T  # correlations with the traits
        loadings = components_of(pd.DataFrame(noisy), count=planted.traits).loadings.to_numpy()
        axes = np.linalg.svd(truth, full_matrices=False)[0]
        total += np.diag(congruences(loadings @ alignment(loadings, axes, "rotation"), axes)).mean()
    return total / draws


def _retention_rows(draws: int) -> Iterator[dict[str, object]]:
    """One row of the first table per way of planting."""
    for size in SIZES:
        for traits in range(4):
            count = fewer_of_the_largest(draws, size[0]) if traits else draws
            for simple in (True, False) if traits else (True,):
                for noise in NOISES if traits else (1.0,):
                    planted = Planted(size, traits, noise, simple)
                    table = retained(planted, count)
                    alike = congruence(planted, count) if traits else np.nan
                    yield _retention_row(planted, table, f"{alike:.2f}" if traits else "")


def _retention_row(planted: Planted, table: pd.DataFrame, alike: str) -> dict[str, object]:
    """Shares of draws with the right number and with too many, by rule."""
    ours = table["parallel analysis"]
    row: dict[str, object] = {
        "size": "{} x {}".format(*planted.size),
        "traits": planted.traits,
        "weights": ("one each" if planted.simple else "spread") if planted.traits else "",
        "noise": planted.noise,
        "right": f"{100 * (ours == planted.traits).mean():.0f}",
        "too many": f"{100 * (ours > planted.traits).mean():.1f}",
    }
    for rule in ("Horn, Gaussian", "Kaiser", "broken stick", "MAP"):
        row[f"{rule}: right"] = f"{100 * (table[rule] == planted.traits).mean():.0f}"
    return row | {"congruence": alike}


def report(draws: int) -> None:
    """Print the tables of docs/statistics/traits.md, "Planted truth"."""
    print_table(_retention_rows(draws))
    print("\nRetained of independent scores far from normal, % of draws with any\n")
    for size in SIZES[:2]:
        shares = (heavy_tailed(size, draws) > 0).mean()
        print(f"- {size[0]} x {size[1]}: " + ", ".join(f"{rule} {100 * share:.1f}" for rule, share in shares.items()))
    print("\nRetained of ten sources without traits, three seeds each, % of draws with any\n")
    for apart, what in ((False, "rows of one source known"), (True, "rows taken for independent")):
        shares = (seeds_of_sources(10, 3, draws, apart) > 0).mean()
        print(f"- {what}: " + ", ".join(f"{rule} {100 * share:.1f}" for rule, share in shares.items()))
