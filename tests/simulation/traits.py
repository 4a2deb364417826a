"""What the statistics of latent traits are worth, on matrices whose traits are known.

    python -m tests.simulation.traits --draws 300

prints the tables of docs/statistics.md. Tests in this folder run small parts of it.
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crosstask.analysis.alignment import alignment, congruences
from crosstask.analysis.components import ComponentAnalysis
from crosstask.analysis.observations import observations
from crosstask.analysis.parallel_analysis import ParallelAnalysis
from crosstask.analysis.retention import retention_rules
from crosstask.analysis.stability import bootstrap
from crosstask.analysis.trait_names import enrichment

SIZES = ((10, 10), (22, 22), (60, 40))
NOISES = (0.25, 0.5, 1.0)
NULL_DRAWS = 199


@dataclass(frozen=True)
class Planted:
    """How matrices are made: scores = traits of the sources x weights of the targets + noise."""

    size: tuple[int, int]
    """Sources, targets."""
    traits: int
    noise: float = 1.0
    """Standard deviation of what each cell has of its own; that of a trait is about 1."""
    simple: bool = False
    """Each target has one trait, of weight 0.6 to 1 and either sign; otherwise a normal weight for each trait."""

    def matrix(self, generator: np.random.Generator) -> pd.DataFrame:
        """Draw one matrix."""
        n_sources, n_targets = self.size
        weights = self._weights(generator)
        values = generator.normal(size=(n_sources, self.traits)) @ weights
        values = values + self.noise * generator.normal(size=self.size)
        columns = [f"t{number}" for number in range(n_targets)]
        return pd.DataFrame(values, [f"s{number}" for number in range(n_sources)], columns)

    def _weights(self, generator: np.random.Generator) -> np.ndarray:
        """Weights, traits x targets."""
        shape = (self.traits, self.size[1])
        if not self.simple:
            return generator.normal(size=shape) / np.sqrt(max(self.traits, 1))
        own = np.arange(shape[1]) % max(self.traits, 1) == np.arange(self.traits)[:, None]
        return own * generator.uniform(0.6, 1, size=shape) * generator.choice([-1, 1], size=shape)


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
        names = [f"s{source}{'_' if apart else '/'}{run}" for source in range(n_sources) for run in range(seeds)]
        rows.append(_rules(pd.DataFrame(values, names), number))
    return pd.DataFrame(rows).reset_index(drop=True)


def heavy_tailed(size: tuple[int, int], draws: int, seed: int = 0) -> pd.DataFrame:
    """As `retained`, for independent scores far from normal: squares of exponential numbers."""
    rows = []
    for number in range(draws):
        values = np.random.default_rng((seed, number)).exponential(size=size) ** 2
        rows.append(_rules(pd.DataFrame(values), number))
    return pd.DataFrame(rows).reset_index(drop=True)


def _rules(matrix: pd.DataFrame, seed: int) -> pd.Series:
    """Components that each rule retains of one matrix."""
    data = observations(matrix)
    gaussian = ParallelAnalysis("gaussian", NULL_DRAWS, seed)(data)
    permutation = ParallelAnalysis("permutation", NULL_DRAWS, seed)(data)
    return retention_rules(data, gaussian, permutation).set_index("rule")["retained"]


def congruence(planted: Planted, draws: int, seed: int = 0) -> float:
    """Mean congruence of the planted number of components with the weights planted, rotated into each other."""
    total = 0.0
    for number in range(draws):
        generator = np.random.default_rng((seed, number))
        weights = planted._weights(generator)
        values = generator.normal(size=(planted.size[0], planted.traits)) @ weights
        noisy = values + planted.noise * generator.normal(size=planted.size)
        truth = (weights / np.sqrt((weights**2).sum(axis=0) + planted.noise**2)).T  # correlations with the traits
        loadings = ComponentAnalysis(count=planted.traits)(pd.DataFrame(noisy)).loadings.to_numpy()
        axes = np.linalg.svd(truth, full_matrices=False)[0]
        total += np.diag(congruences(loadings @ alignment(loadings, axes, "rotation"), axes)).mean()
    return total / draws


@dataclass(frozen=True)
class Measured:
    """A matrix of true scores, each measured with an error of known size."""

    planted: Planted
    stderr: float
    """Standard error of every score."""
    components: int
    """Components that get intervals."""

    def coverage(self, draws: int, resamples: int = 200, seed: int = 0) -> pd.DataFrame:
        """Share of the 95 % intervals that hold the truth; one row per draw, a column per component and kind.

        The truth is what the same analysis makes of the true scores.
        """
        analysis = ComponentAnalysis(count=self.components)
        rows = []
        for number in range(draws):
            generator = np.random.default_rng((seed, number))
            truth = self.planted.matrix(generator)
            measured = truth + self.stderr * generator.normal(size=truth.shape)
            result = bootstrap(measured, analysis, self._resampled(measured, number), 0, resamples)
            true, reported = analysis(truth), analysis(measured)
            turn = alignment(true.loadings.to_numpy(), reported.loadings.to_numpy())
            row = {}
            for kind, table, values in (
                ("loadings", result.loadings, true.loadings),
                ("traits", result.traits, true.traits),
            ):
                expected = (values.to_numpy() @ turn).T.ravel()
                inside = (table["ci_low"] <= expected) & (expected <= table["ci_high"])
                for component, share in inside.groupby(table["component"]).mean().items():
                    row[f"{kind} {component}"] = share
            rows.append(row)
        return pd.DataFrame(rows)

    def _resampled(self, measured: pd.DataFrame, number: int) -> Callable[[int], pd.DataFrame]:
        """Matrices as they might have been measured as well."""
        return lambda draw: (
            measured + self.stderr * np.random.default_rng((1, number, draw)).normal(size=measured.shape)
        )


def false_names(n_targets: int, abilities: int, draws: int, seed: int = 0) -> float:
    """Share of analyses of loadings that know nothing of abilities in which any ability is found enriched."""
    found = 0
    names = [f"t{number}" for number in range(n_targets)]
    for number in range(draws):
        generator = np.random.default_rng((seed, number))
        columns = np.linalg.qr(generator.normal(size=(n_targets, 4)))[0]
        labels = dict(zip(names, generator.integers(abilities, size=n_targets).astype(str), strict=True))
        table = enrichment(pd.DataFrame(columns, names), labels, permutations=399, seed=number)
        found += bool((table["p_adjusted"] <= 0.05).any())
    return found / draws


def _retention_rows(draws: int) -> Iterator[dict[str, object]]:
    """One row of the first table per way of planting."""
    for size in SIZES:
        count = draws if size != SIZES[-1] else max(draws // 3, 1)
        for traits in range(4):
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


def _coverage_rows(draws: int) -> Iterator[dict[str, object]]:
    """One row of the second table per matrix and error."""
    for size, traits, stderr in (
        ((10, 10), 1, 0.1),
        ((10, 10), 2, 0.1),
        ((10, 10), 2, 0.3),
        ((22, 22), 2, 0.1),
        ((22, 22), 2, 0.3),
        ((60, 40), 3, 0.3),
    ):
        count = draws if size != SIZES[-1] else max(draws // 3, 1)
        table = Measured(Planted(size, traits, 0.5), stderr, traits + 1).coverage(count).mean()
        row: dict[str, object] = {"size": "{} x {}".format(*size), "traits": traits, "error": stderr}
        for kind in ("loadings", "traits"):
            planted = [table[f"{kind} PC{number}"] for number in range(1, traits + 1)]
            row[f"{kind}, planted"] = f"{100 * np.mean(planted):.1f}"
            row[f"{kind}, next"] = f"{100 * table[f'{kind} PC{traits + 1}']:.1f}"
        yield row


def _print(rows: Iterator[dict[str, object]]) -> None:
    """A Markdown table, row by row as they come."""
    for place, row in enumerate(rows):
        if place == 0:
            print("|", " | ".join(row), "|\n|", " | ".join("---" for _ in row), "|")
        print("|", " | ".join(str(value) for value in row.values()), "|", flush=True)


def print_retention(draws: int) -> None:
    """How many components are retained of how many planted, and of none."""
    print("Retained, % of draws\n")
    _print(_retention_rows(draws))
    print("\nRetained of independent scores far from normal, % of draws with any\n")
    for size in SIZES[:2]:
        shares = (heavy_tailed(size, draws) > 0).mean()
        print(f"- {size[0]} x {size[1]}: " + ", ".join(f"{rule} {100 * share:.1f}" for rule, share in shares.items()))
    print("\nRetained of ten sources without traits, three seeds each, % of draws with any\n")
    for apart, what in ((False, "rows of one source known"), (True, "rows taken for independent")):
        shares = (seeds_of_sources(10, 3, draws, apart) > 0).mean()
        print(f"- {what}: " + ", ".join(f"{rule} {100 * share:.1f}" for rule, share in shares.items()))


def print_coverage(draws: int) -> None:
    """How often intervals hold the truth."""
    print("\nCoverage of 95 % intervals, %\n")
    _print(_coverage_rows(draws))


def print_names(draws: int) -> None:
    """How often an ability is found where there is none."""
    print("\nEnrichment of abilities in loadings that know nothing of them, % of analyses with any\n")
    for targets, abilities in ((10, 3), (22, 5), (40, 6)):
        print(f"- {targets} targets, {abilities} abilities: {100 * false_names(targets, abilities, draws):.1f}")


PARTS = {"retention": print_retention, "coverage": print_coverage, "names": print_names}


def main() -> None:
    """Print the tables that the command line chooses."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.traits", description=__doc__)
    parser.add_argument("parts", nargs="*", default=list(PARTS), help=f"default: {' '.join(PARTS)}")
    parser.add_argument("--draws", type=int, default=300, help="matrices per row; a third of them of 60 x 40")
    options = parser.parse_args()
    for part in options.parts:
        if part not in PARTS:
            parser.error(f"{part}: not one of {', '.join(PARTS)}")
        PARTS[part](options.draws)


if __name__ == "__main__":
    main()
