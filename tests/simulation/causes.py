"""Models of the gain against known truth: are intervals right, and how often does a useless feature look good?"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.stats import linregress

from crosstask.analysis.causes.features import LEVELS, Features
from crosstask.analysis.causes.options import Options
from crosstask.analysis.causes.results import causes, feature_tests
from crosstask.analysis.causes.units import Units
from crosstask.analysis.statistics.multiple_testing import false_discovery_rates
from tests.simulation.tables import fewer_of_the_largest, percent, print_table

RELABELINGS = 999
PLANTED, USELESS = "planted", "useless"


@dataclass(frozen=True)
class World:
    """Gains of donors, recipients and pairs, each partly by a feature of its own; all in points."""

    sources: int = 10
    targets: int = 10
    missing: float = 0.0
    """Share of the cells off the diagonal without a gain."""
    effect: float = 2.0
    """Of a standard deviation of the planted feature of each level."""
    useless: tuple[int, int, int] = (1, 1, 1)
    """Features without effect, of sources, targets and pairs."""
    donors: float = 3.0
    pairs: float = 4.0
    """Standard deviations of what features do not explain."""
    kind: str = "normal"
    """normal; traits: pairs and their features are of two dimensions; uneven: sources differ in how far they move;
    t3: heavy tails; skewed: features with a few large values."""

    def draw(self, generator: np.random.Generator) -> Units:
        """A matrix with its features."""
        shape = self.sources, self.targets
        of_sources, of_targets = (
            self._features(generator, (size, 1 + count)) for size, count in zip(shape, self.useless, strict=False)
        )
        of_pairs = [self._of_pairs(generator) for _ in range(1 + self.useless[2])]
        donors = self.donors * generator.normal(size=self.sources) + self.effect * of_sources[:, 0]
        recipients = self.donors * generator.normal(size=self.targets) + self.effect * of_targets[:, 0]
        gains = donors[:, None] + recipients + self.effect * of_pairs[0] + self.pairs * self._rest(generator)
        home = np.eye(*shape, dtype=bool)
        gains[home | (generator.random(shape) < self.missing)] = np.nan
        names = [[f"t{place}" for place in range(size)] for size in shape]
        named = [[PLANTED, *(f"{USELESS}{place}" for place in range(count))] for count in self.useless]
        return Units(
            gains=pd.DataFrame(gains, pd.Index(names[0], name="source"), pd.Index(names[1], name="target")),
            noise=np.full(shape, np.nan),
            base_noise=np.zeros(self.targets),
            features=Features(
                pd.DataFrame(of_sources, names[0], named[0]),
                pd.DataFrame(of_targets, names[1], named[1]),
                {name: pd.DataFrame(of, *names) for name, of in zip(named[2], of_pairs, strict=True)},
            ),
            home=home,
            homes={},
        )

    def _features(self, generator: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        """Features of sources, or of targets."""
        drawn = generator.normal(size=shape)
        return np.exp(drawn) / 2.16 if self.kind == "skewed" else drawn

    def _of_pairs(self, generator: np.random.Generator) -> np.ndarray:
        """A feature of pairs, with parts of the source and of the target as similarities have."""
        rows, columns = generator.normal(size=(self.sources, 1)), generator.normal(size=self.targets)
        if self.kind == "traits":
            left, right = generator.normal(size=(self.sources, 2)), generator.normal(size=(2, self.targets))
            return left @ right / np.sqrt(2) + rows + columns
        return self._features(generator, (self.sources, self.targets)) + rows + columns

    def _rest(self, generator: np.random.Generator) -> np.ndarray:
        """What is particular to a pair and not explained."""
        shape = self.sources, self.targets
        if self.kind == "t3":
            return generator.standard_t(3, size=shape) / np.sqrt(3)
        rest = generator.normal(size=shape)
        if self.kind == "uneven":
            return rest * np.exp(0.5 * generator.normal(size=(self.sources, 1)) - 0.25)
        if self.kind == "traits":
            traits = generator.normal(size=(self.sources, 2)) @ generator.normal(size=(2, self.targets)) / np.sqrt(2)
            return np.sqrt(0.5) * (rest + traits)
        return rest


SIZES = ((10, 10), (22, 22), (60, 40))
KINDS = ("normal", "traits", "uneven", "t3", "skewed")
WORLDS = {
    f"{sources} x {targets}, {missing:.0%} missing": World(sources, targets, missing)
    for sources, targets in SIZES
    for missing in (0.0, 0.3)
} | {f"10 x 10, {kind}": World(kind=kind) for kind in KINDS[1:]}


@dataclass
class Found:
    """Shares of draws, by level: intervals that hold the truth, useless features with p of at most 0.05."""

    covered: dict[str, float]
    size: dict[str, float]


def simulate(world: World, draws: int, seed: int = 7, relabelings: int = RELABELINGS) -> Found:
    """Draw matrices with one planted and one useless feature at each level."""
    covered, size = (dict.fromkeys(LEVELS, 0.0) for _ in range(2))
    for number in range(draws):
        units = world.draw(np.random.default_rng([seed, number]))
        for test in feature_tests(units, units.orders(relabelings, seed=0), 0.05):
            if test.feature == PLANTED:
                truth = world.effect * test.sd
                covered[test.level] += (test.low <= truth <= test.high) / draws
            else:
                size[test.level] += (test.p <= 0.05) / draws
    return Found(covered, size)


def reported(world: World, draws: int, seed: int = 11) -> float:
    """Share of analyses that report a feature which has no effect."""
    hits = 0
    for number in range(draws):
        units = world.draw(np.random.default_rng([seed, number]))
        p = [test.p for test in feature_tests(units, units.orders(RELABELINGS, seed=0), 0.05)]
        hits += bool((false_discovery_rates(p) <= 0.05).any())
    return hits / draws


def models_reported(world: World, draws: int, seed: int = 13) -> tuple[float, float]:
    """Share of analyses in which a model is said to beat the additive one, and of all models with p of at most 0.05."""
    options = Options(relabelings=99, refits=99)
    better, size = 0, 0.0
    for number in range(draws):
        found = causes(world.draw(np.random.default_rng([seed, number])), True, options, 0.05).models
        better += bool(found["significant"].any())
        size += float((found["p"].dropna() <= 0.05).mean())
    return better / draws, size / draws


def over_cells(world: World, draws: int, seed: int = 17) -> dict[str, float]:
    """Share of useless features with p of at most 0.05 if gains of all cells are regressed on them, by level."""
    size = dict.fromkeys(LEVELS, 0.0)
    for number in range(draws):
        units = world.draw(np.random.default_rng([seed, number]))
        cells = units.gains.notna().to_numpy()
        features = units.features
        of_cells = (
            np.broadcast_to(features.sources[[f"{USELESS}0"]].to_numpy(), cells.shape),
            np.broadcast_to(features.targets[f"{USELESS}0"].to_numpy(), cells.shape),
            features.pairs[f"{USELESS}0"].to_numpy(),
        )
        for level, x in zip(LEVELS, of_cells, strict=True):
            size[level] += (linregress(x[cells], units.gains.to_numpy()[cells]).pvalue <= 0.05) / draws
    return size


def nothing(world: World) -> World:
    """The same with twenty features of which none has an effect."""
    return replace(world, effect=0.0, useless=(7, 6, 4))


def _rows(draws: int) -> Iterator[dict[str, object]]:
    """One row per world."""
    for name, world in WORLDS.items():
        found = simulate(world, draws)
        covered, size = ("; ".join(percent(of[level]) for level in LEVELS) for of in (found.covered, found.size))
        few = fewer_of_the_largest(draws, world.sources)
        yield {"world": name, "covered": covered, "size": size, "reported": percent(reported(nothing(world), few))}


def _models(draws: int) -> Iterator[dict[str, object]]:
    """What models find where features have an effect, and where they have none."""
    for sources in (10, 22):
        for name, effect in (("none", 0.0), ("2 points each", 2.0), ("4 points each", 4.0)):
            world = replace(nothing(World(sources, sources)), effect=effect)
            better, size = models_reported(world, max(draws // 5, 1))
            yield {
                "world": f"{sources} x {sources}",
                "effect": name,
                "better": percent(better),
                "p <= 0.05": percent(size),
            }


def report(draws: int) -> None:
    """Print the tables of docs/statistics/causes.md."""
    print_table(_rows(draws))
    print()
    print_table(_models(draws))
    print()
    print_table([{level: percent(share) for level, share in over_cells(World(effect=0.0), draws).items()}])
